import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('../../node_modules/electron', import.meta.url));

/** Electron's binary, null where it was never fetched: the one thing that a machine may lack. */
export function electronBinary(): string | null {
  const given = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const dist = given ?? join(modules, 'dist');
  const pathFile = join(modules, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : 'electron';
  const binary = join(dist, name);
  return existsSync(binary) ? binary : null;
}
