import { sortByCodePoints } from './file-name.ts';
import type { ContextChanges, ContextListing } from './types.ts';

/** What differs between two contexts, by path. */
export function compareListings(
  before: Pick<ContextListing, 'entries'>,
  after: Pick<ContextListing, 'entries'>,
): ContextChanges {
  const old = new Map(before.entries.map(entry => [entry.path, entry]));
  const added: string[] = [];
  const changed: string[] = [];
  for (const entry of after.entries) {
    const was = old.get(entry.path);
    old.delete(entry.path);
    if (was === undefined) added.push(entry.path);
    else if (was.type !== entry.type || was.mode !== entry.mode || was.content !== entry.content)
      changed.push(entry.path);
  }
  return {
    added: sortByCodePoints(added),
    removed: sortByCodePoints([...old.keys()]),
    changed: sortByCodePoints(changed),
  };
}
