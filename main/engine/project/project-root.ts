import { realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PtahError } from '../errors/index.ts';
import { CONFIG_FILE } from './config/defaults.ts';

/** The nearest folder, from `directory` upwards, that holds a file `ptah.yml`; null when there is none. */
export function findProjectRoot(directory: string): string | null {
  for (let folder = requireFolder(directory); ; folder = dirname(folder)) {
    if (isFile(join(folder, CONFIG_FILE))) return realpathSync(folder);
    if (dirname(folder) === folder) return null;
  }
}

/** The folder's absolute path, or the error that it is gone. */
export function requireFolder(directory: string): string {
  const folder = resolve(directory);
  try {
    if (statSync(folder).isDirectory()) return folder;
  } catch (error) {
    throw new PtahError('folder-missing', `There is no folder ${folder}.`, {
      hint: 'It may have been moved or deleted. Open it where it is now, or remove it from the list.',
      details: { file: folder },
      cause: error,
    });
  }
  throw new PtahError('not-a-directory', `${folder} is not a folder.`, {
    hint: 'Open the folder that holds ptah.yml.',
    details: { file: folder },
  });
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
