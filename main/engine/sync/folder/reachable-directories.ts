import type { ContentIndex } from '../../content/index.ts';
import { reachOf } from './ignore-reach.ts';

/** Directories left out of the context in which a file that a line with `!` selects may appear; `found` are those in the context. */
export function reachableDirectories(
  index: ContentIndex,
  ignoreText: string | null,
  root: string,
  found: readonly string[],
  exclude: readonly string[],
): readonly string[] {
  if (ignoreText?.includes('!') !== true) return [];
  const reaches = reachOf(ignoreText);
  const excluded = new Set(exclude);
  const listed = new Set(found);
  const all = [...found];
  for (let at = 0; at < all.length; at++) {
    const directory = all[at] ?? '';
    try {
      for (const { name, kind } of index.list(directory)) {
        if (kind !== 'directory' || name.raw !== null) continue;
        const path = `${directory}/${name.text}`;
        if (listed.has(path) || excluded.has(path) || !reaches(path.slice(root.length + 1))) continue;
        listed.add(path);
        all.push(path);
      }
    } catch {
      // Gone meanwhile: its parent tells.
    }
  }
  return all.slice(found.length);
}
