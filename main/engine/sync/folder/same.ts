import type { Stats } from 'node:fs';
import type { ContextEntry } from '../../content/index.ts';
import type { TreeEntry } from '../types.ts';

/** Whether two entries ask for the same. */
export function sameEntry(one: TreeEntry | undefined, other: TreeEntry | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.type === 'file')
    return (
      other.type === 'file' && one.hash === other.hash && one.mode === other.mode && one.size === other.size
    );
  if (one.type === 'directory') return other.type === 'directory' && one.mode === other.mode;
  return other.type === 'symlink' && one.target === other.target;
}

/** Whether nothing happened to a file between two looks, as far as the system tells. */
export function sameStats(one: Stats, other: Stats): boolean {
  return (
    one.size === other.size &&
    one.mtimeMs === other.mtimeMs &&
    one.ctimeMs === other.ctimeMs &&
    one.ino === other.ino &&
    one.mode === other.mode
  );
}

/** Whether a build would take two entries of a context for the same. */
export function sameContext(one: ContextEntry, other: ContextEntry): boolean {
  return one.type === other.type && one.mode === other.mode && one.content === other.content;
}
