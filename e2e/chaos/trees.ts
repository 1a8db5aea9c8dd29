import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { extract } from 'tar-stream';

/** What is at a path, in one comparable line: type, permission bits, content. */
export type Listing = ReadonlyMap<string, string>;

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

export const fileLine = (mode: number, bytes: Uint8Array): string =>
  `file ${octal(mode)} ${bytes.length} ${hash(bytes)}`;
export const directoryLine = (mode: number): string => `directory ${octal(mode)}`;
export const symlinkLine = (target: string): string => `symlink ${target}`;

/** Every path below a folder of this machine. */
export async function listFolder(root: string): Promise<Listing> {
  const found = new Map<string, string>();
  const visit = async (relative: string): Promise<void> => {
    for (const name of await readdir(join(root, relative))) {
      const path = relative === '' ? name : `${relative}/${name}`;
      const full = join(root, path);
      const { mode, isFile, isLink, isFolder } = await kindOf(full);
      if (isFile) found.set(path, fileLine(mode, await readFile(full)));
      else if (isLink) found.set(path, symlinkLine(await readlink(full)));
      else if (isFolder) {
        found.set(path, directoryLine(mode));
        await visit(path);
      } else found.set(path, 'something else');
    }
  };
  await visit('');
  return found;
}

async function kindOf(path: string) {
  const stats = await lstat(path);
  return {
    mode: stats.mode,
    isFile: stats.isFile(),
    isLink: stats.isSymbolicLink(),
    isFolder: stats.isDirectory(),
  };
}

/**
 * Every path below a folder of a container, read by a `tar` of the node: nothing of the channels takes part. `pid` is the container's
 * first process as the node numbers it.
 */
export function listContainer(node: string, pid: number, path: string): Promise<Listing> {
  return new Promise((resolve, reject) => {
    const found = new Map<string, string>();
    const options = ['--numeric-owner', '--hard-dereference', '--format=pax'];
    const from = ['-C', `/proc/${pid}/root${path}`, '-cf', '-', '.'];
    const child = spawn('docker', ['exec', node, 'tar', ...options, ...from]);
    const tar = extract();
    let problem = '';
    child.stderr.on('data', chunk => (problem += String(chunk)));
    tar.on('entry', (header, stream, next) => {
      const chunks: Uint8Array[] = [];
      stream.on('data', chunk => void chunks.push(chunk as Uint8Array));
      stream.on('end', () => {
        const name = header.name.replace(/^\.\//, '').replace(/\/$/, '');
        const mode = header.mode ?? 0;
        if (name !== '' && name !== '.') {
          if (header.type === 'file') found.set(name, fileLine(mode, Buffer.concat(chunks)));
          else if (header.type === 'directory') found.set(name, directoryLine(mode));
          else if (header.type === 'symlink') found.set(name, symlinkLine(header.linkname ?? ''));
          else found.set(name, `something else: ${header.type}`);
        }
        next();
      });
      stream.resume();
    });
    tar.on('error', reject);
    child.on('error', reject);
    let code: number | null = null;
    let finished = false;
    const settle = (): void => {
      if (code === null || !finished) return;
      // 1: a file changed while it was read; the comparison will say so
      if (code > 1) reject(new Error(`tar on ${node} ended with ${code}: ${problem}`));
      else resolve(found);
    };
    tar.on('finish', () => {
      finished = true;
      settle();
    });
    child.on('close', ended => {
      code = ended ?? 99;
      if (code > 1) reject(new Error(`tar on ${node} ended with ${code}: ${problem}`));
      settle();
    });
    child.stdout.pipe(tar);
  });
}

/** What differs, a line each: content, mode, type, missing, extra. */
export function differences(expected: Listing, actual: Listing): string[] {
  const lines: string[] = [];
  for (const [path, line] of expected) {
    const there = actual.get(path);
    if (there === undefined) lines.push(`missing: ${JSON.stringify(path)} (${line})`);
    else if (there !== line) lines.push(`${JSON.stringify(path)}: is ${there}, should be ${line}`);
  }
  for (const [path, line] of actual)
    if (!expected.has(path)) lines.push(`extra: ${JSON.stringify(path)} (${line})`);
  return lines.toSorted();
}
