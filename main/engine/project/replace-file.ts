import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PtahError } from '../errors/index.ts';

/** Replaces a file's text as one step, keeping its mode: written beside it, flushed, renamed. With `expected`, only when that is its text still (null: not there). */
export async function replaceFile(
  path: string,
  text: string,
  { expected }: { readonly expected?: string | null } = {},
): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}.ptah-tmp`);
  try {
    const mode = await modeOf(path);
    const file = await open(temporary, 'wx', mode ?? 0o644);
    try {
      if (mode !== null) await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (expected !== undefined && (await textOf(path)) !== expected) {
      throw new PtahError('file-changed', `${path} has changed in the meantime.`, {
        hint: 'Look at it again, then retry.',
        details: { file: path },
      });
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (error instanceof PtahError) throw error;
    throw new PtahError('write-failed', `${path} can't be written: ${(error as Error).message}`, {
      hint: 'Check the permissions of the folder and the space on the disk. Nothing was changed.',
      details: { file: path },
      cause: error,
    });
  }
}

async function modeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mode & 0o7777;
  } catch {
    return null;
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
