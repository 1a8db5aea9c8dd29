import { randomUUID } from 'node:crypto';
import { lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { PtahError } from '../errors/index.ts';
import type { LogPiece, LogSaved } from './types.ts';

const TELL_MS = 200;

/**
 * Writes the pieces of a log to a file, which stands there whole or not at all. `~/` is the home of whoever runs this; a file that
 * is there already is replaced only when that was agreed to.
 */
export async function* saveLog(
  pieces: AsyncIterable<LogPiece>,
  { path: given, overwrite }: { readonly path: string; readonly overwrite: boolean },
  signal: AbortSignal,
): AsyncGenerator<LogSaved> {
  const path = given.startsWith('~/') ? join(homedir(), given.slice(2)) : given;
  if (!isAbsolute(path))
    throw new PtahError('invalid-input', 'The file needs a whole path.', { hint: 'Begin it with / or ~/.' });
  await refuse(path, overwrite);
  const part = `${path}.${randomUUID().slice(0, 8)}.part`;
  let file: FileHandle | null = null;
  let [lines, bytes, told] = [0, 0, 0];
  try {
    file = await open(part, 'wx', 0o600);
    for await (const piece of pieces) {
      bytes += (await file.write(piece.text)).bytesWritten;
      lines += piece.lines;
      if (signal.aborted) return;
      if (Date.now() - told < TELL_MS) continue;
      told = Date.now();
      yield { path, lines, bytes, done: false };
    }
    if (signal.aborted) return;
    await file.close();
    file = null;
    await refuse(path, overwrite);
    await rename(part, path);
  } catch (error) {
    if (error instanceof PtahError) throw error;
    throw new PtahError('not-written', `The log was not written to ${path}.`, {
      cause: error,
      hint: error instanceof Error ? error.message : String(error),
      details: { file: path },
    });
  } finally {
    await file?.close();
    await rm(part, { force: true });
  }
  yield { path, lines, bytes, done: true };
}

async function refuse(path: string, overwrite: boolean): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return;
  if (found.isDirectory())
    throw new PtahError('is-a-folder', `${path} is a folder.`, { hint: 'Add the name of a file.' });
  if (!overwrite)
    throw new PtahError('already-there', `${path} is there already.`, {
      hint: 'Choose another name, or replace it.',
    });
}
