import type { TreeEntry } from '../types.ts';

/** What an entry holds, without its permissions: type and bytes or target. Absent is a content of its own. */
export function fingerprint(entry: TreeEntry | undefined): string {
  if (entry === undefined) return '-';
  if (entry.type === 'file') return `f:${entry.hash}`;
  return entry.type === 'symlink' ? `l:${entry.target}` : 'd';
}

export function sameContent(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (a.type === 'file') return b.type === 'file' && a.hash === b.hash;
  if (a.type === 'symlink') return b.type === 'symlink' && a.target === b.target;
  return b.type === 'directory';
}

/** Permissions that can differ; a link has none of its own. */
export function sameMode(a: TreeEntry, b: TreeEntry): boolean {
  return a.type === 'symlink' || b.type === 'symlink' || a.mode === b.mode;
}

export function sameEntry(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  return sameContent(a, b) && (a === undefined || b === undefined || sameMode(a, b));
}

export const depthOf = (path: string): number => path.split('/').length;
