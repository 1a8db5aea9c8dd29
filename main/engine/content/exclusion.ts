import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { FilePath } from './file-name.ts';

/** Absolute paths that a walk leaves out. */
export interface Exclusion {
  excludes(name: string, path: FilePath): boolean;
}

/** Paths are compared as given and with their parents' links resolved, since a walk starts at a resolved root. */
export function createExclusion(paths: readonly string[] = []): Exclusion {
  const all = new Set<string>();
  for (const path of paths) {
    const absolute = resolve(path);
    all.add(absolute);
    try {
      all.add(join(realpathSync(dirname(absolute)), basename(absolute)));
    } catch {
      // A parent that does not exist holds nothing to leave out.
    }
  }
  const names = new Set([...all].map(path => basename(path)));
  // Nearly every entry is decided by its name alone.
  return { excludes: (name, path) => names.has(name) && typeof path === 'string' && all.has(resolve(path)) };
}
