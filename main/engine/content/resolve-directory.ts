import { realpathSync, statSync } from 'node:fs';
import { PtahError } from '../errors/index.ts';

/** The directory with its links resolved. */
export function resolveDirectory(directory: string): string {
  let real: string;
  try {
    real = realpathSync(directory);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ELOOP')
      throw new PtahError('link-loop', `${directory} is a link that leads to itself.`, {
        details: { file: directory },
        cause: error,
      });
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new PtahError('folder-missing', `There is no folder ${directory}.`, {
        hint: 'It may have been moved or deleted.',
        details: { file: directory },
        cause: error,
      });
    }
    throw unreadable(directory, error);
  }
  if (!statSync(real).isDirectory()) {
    throw new PtahError('not-a-directory', `${directory} is not a folder.`, { details: { file: directory } });
  }
  return real;
}

/** What a failed read becomes; an error of ours stays as it is. */
export function unreadable(path: string, error: unknown): unknown {
  if (error instanceof PtahError || (error instanceof Error && error.name === 'AbortError')) return error;
  const failure = error as NodeJS.ErrnoException;
  const printable = path.toWellFormed();
  const changed = failure.code === 'ENOENT';
  return new PtahError(
    changed ? 'changed-while-reading' : 'unreadable',
    `${printable} can't be read: ${failure.message}`,
    {
      hint: changed
        ? 'Something changes these files right now; try again.'
        : 'Check the permissions of the file.',
      details: { file: printable },
      cause: error,
    },
  );
}
