import type { ContextEntry } from '../../content/index.ts';

/** The entries but for some paths and what is below them. */
export function withoutPaths(
  all: ReadonlyMap<string, ContextEntry>,
  paths: readonly string[],
): Map<string, ContextEntry> {
  const entries = new Map(all);
  for (const path of paths) {
    const before = entries.get(path);
    entries.delete(path);
    if (before?.type !== 'directory') continue;
    for (const each of entries.keys()) if (each.startsWith(`${path}/`)) entries.delete(each);
  }
  return entries;
}

/** Those of `all` that are none of some paths and not below one; none where everything is listed. */
export function awaitedBut(all: ReadonlySet<string>, paths: readonly string[] | null): Set<string> {
  if (paths === null) return new Set();
  const listed = (each: string): boolean => paths.some(path => each === path || each.startsWith(`${path}/`));
  return new Set([...all].filter(each => !listed(each)));
}
