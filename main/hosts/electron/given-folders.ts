import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

/**
 * The folders that a program was started with. Electron puts its own switches, and in a checkout the application's folder,
 * among the words; whatever is no folder that is there is left out.
 */
export function givenFolders(
  argv: readonly string[],
  directory: string,
  application: string,
): readonly string[] {
  const folders = argv
    .slice(1)
    .filter(word => word !== '' && !word.startsWith('-') && !word.includes('\0'))
    .map(word => (isAbsolute(word) ? word : resolve(directory, word)))
    .filter(path => path !== resolve(application) && isFolder(path));
  return [...new Set(folders)];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
