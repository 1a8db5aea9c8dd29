import { PtahError } from '../../../errors/index.ts';
import type { Tree, TreeEntry } from '../../types.ts';
import { sha256 } from '../sources.ts';
import type { ShellSession } from './shell-session.ts';
import { word } from './words.ts';

const groupSize = 150;
/** Hashing has no sign of life. */
const hashGrantMs = 60_000;

/** Looks at paths with what the shell has built in, `stat` and `sha256sum`; without the latter the bytes are fetched and hashed here. */
export async function readTree(shell: ShellSession, paths: readonly string[], hash: boolean): Promise<Tree> {
  const tree = new Map<string, TreeEntry>();
  const groups: Promise<void>[] = [];
  for (let at = 0; at < paths.length; at += groupSize)
    groups.push(readGroup(shell, paths.slice(at, at + groupSize), hash, tree));
  await Promise.all(groups);
  return tree;
}

async function readGroup(
  shell: ShellSession,
  paths: readonly string[],
  hash: boolean,
  tree: Map<string, TreeEntry>,
  again = true,
): Promise<void> {
  const { output } = await shell.line(`look ${hash ? 1 : 0} ${paths.map(word).join(' ')}`, hashGrantMs);
  const text = output.toString('utf8');
  const [types = '', ...lines] = text.split('\n');
  const end = lines.indexOf('.');
  const stats = lines
    .slice(0, end)
    .flatMap(line => /^=([0-7]+) (\d+)$/.exec(line)?.slice(1, 3).map(Number) ?? []);
  const sums = lines.slice(end + 1).flatMap(line => /^\\?([0-9a-f]{64}) [ *]/.exec(line)?.[1] ?? []);
  const files = types.replaceAll(/[^f]/g, '').length;
  const there = types.replaceAll(/[^fd]/g, '').length;
  if (types.length !== paths.length || stats.length !== there * 2) {
    // Something vanished between two looks.
    if (again) return readGroup(shell, paths, hash, tree, false);
    throw new PtahError('read-failed', `The container’s files cannot be listed: ${lines.at(0) ?? ''}`);
  }
  const hashed = sums.length === files;
  let stat = 0;
  let sum = 0;
  for (const [index, path] of paths.entries()) {
    const type = types[index];
    if (type === 'l') {
      const { code, output: target } = await shell.line(`readlink ${word(path)}`);
      if (code === 0) tree.set(path, { type: 'symlink', target: target.toString('utf8').replace(/\n$/, '') });
      continue;
    }
    if (type !== 'f' && type !== 'd') continue;
    const mode = Number.parseInt(String(stats[stat] ?? 0), 8);
    const size = stats[stat + 1] ?? 0;
    stat += 2;
    if (type === 'd') tree.set(path, { type: 'directory', mode });
    else
      tree.set(path, {
        type: 'file',
        mode,
        size,
        hash: hash ? (hashed ? (sums[sum++] ?? '') : await hashHere(shell, path)) : '',
      });
  }
}

async function hashHere(shell: ShellSession, path: string): Promise<string> {
  const { code, output } = await shell.line(`cat -- ${word(path)}`, hashGrantMs);
  if (code === 0) return sha256(output);
  throw new PtahError('read-failed', `${path} cannot be read: ${output.toString('utf8').trim()}`, {
    details: { file: path },
  });
}
