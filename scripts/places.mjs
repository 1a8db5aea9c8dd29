// Where this checkout and its caches lie. Loaded by every script before Node 24 is there: built-ins only.
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The cache shared by all checkouts of one user: Node 24, the test cluster's programs and images. */
export const cacheFolder =
  process.env.PTAH_CACHE ||
  (process.platform === 'darwin'
    ? join(homedir(), 'Library', 'Caches', 'ptah-desktop')
    : process.platform === 'win32'
      ? join(process.env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'ptah-desktop')
      : join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ptah-desktop'));

/** Programs that this project built for the machine (kind, kubectl, helm, helmfile) come after the user's own. */
export const searchPath = `${process.env.PATH ?? ''}${delimiter}${join(cacheFolder, 'cluster', 'bin')}`;
