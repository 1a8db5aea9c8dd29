import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { joinPath } from './file-name.ts';
import type { FileName, FilePath } from './file-name.ts';

/** Absolute paths that a walk leaves out. */
export interface Exclusion {
  excludes(name: FileName, directory: FilePath): boolean;
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
  const isOne = (path: FilePath): boolean => typeof path === 'string' && all.has(resolve(path));
  return { excludes: (name, directory) => names.has(name.text) && isOne(joinPath(directory, name)) };
}
