import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PtahError } from '../../engine/errors/index.ts';

/** `sun_path` holds 108 bytes on Linux and 104 elsewhere, with the zero at the end. */
const mostBytes = process.platform === 'linux' ? 107 : 103;
const fits = (path: string) => Buffer.byteLength(path) <= mostBytes;

export const isPipe = (path: string) => path.startsWith('\\\\.\\pipe\\');

/**
 * Where the socket of that name really lies. A path that is too long for the system gets a short one below the runtime
 * folder, the same for everyone who asks for that path.
 */
export function socketPlace(path: string, env: NodeJS.ProcessEnv = process.env): string {
  if (isPipe(path) || fits(path)) return path;
  const name = `${createHash('sha256').update(path).digest('hex').slice(0, 24)}.sock`;
  const folder = `ptah-desktop-${process.getuid?.() ?? 0}`;
  const candidates = [env.XDG_RUNTIME_DIR, tmpdir(), '/tmp'].filter(
    base => base !== undefined && base !== '',
  );
  const found = candidates.map(base => join(base as string, folder, name)).find(fits);
  if (found !== undefined) return found;
  throw new PtahError('socket-path-too-long', `No place is short enough for the engine's socket ${path}.`, {
    hint: 'Set PTAH_HOME or XDG_RUNTIME_DIR to a shorter folder.',
  });
}

/** The socket's folder, there and for this user alone. Others' folders and links are refused: someone may listen there. */
export async function privateFolder(socket: string): Promise<void> {
  const folder = dirname(socket);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const info = await lstat(folder);
  const mine = process.getuid === undefined || info.uid === process.getuid();
  if (info.isSymbolicLink() ? folder.startsWith(tmpdir()) : !mine) {
    throw new PtahError('folder-not-private', `${folder} belongs to someone else.`, {
      hint: 'Set PTAH_HOME to a folder of your own.',
      details: { file: folder },
    });
  }
  if (!info.isSymbolicLink() && (info.mode & 0o077) !== 0) await chmod(folder, 0o700);
}
