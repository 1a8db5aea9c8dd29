import { readdirSync } from 'node:fs';
import { compareCodePoints, decodeFileName, hasSurrogates } from './file-name.ts';
import type { FilePath } from './file-name.ts';

export type EntryKind = 'file' | 'directory' | 'link' | 'other';

/** Entries of a directory, sorted by name. `prepare` is told how many there are, and gives what makes one. */
export function readEntries<T extends { readonly text: string }>(
  directory: FilePath,
  prepare: (count: number) => (text: string, raw: Buffer | null, kind: EntryKind, index: number) => T,
): T[] {
  const found = readdirSync(directory, { withFileTypes: true });
  // U+FFFD is what a byte that is not UTF-8 has become; then the bytes themselves are needed.
  if (!found.some(entry => entry.name.includes('\uFFFD'))) {
    sortByName(found);
    const make = prepare(found.length);
    return found.map((entry, index) => make(entry.name, null, kindOf(entry), index));
  }
  const raw = readdirSync(directory, { withFileTypes: true, encoding: 'buffer' });
  const make = prepare(raw.length);
  return raw
    .map((entry, index) => {
      const name = decodeFileName(entry.name);
      return make(name.text, name.raw, kindOf(entry), index);
    })
    .sort((left, right) => compareCodePoints(left.text, right.text));
}

/** In place, by code points. JavaScript's own order is wrong only where a surrogate is met, and it is several times faster. */
function sortByName(entries: { readonly name: string }[]): void {
  if (entries.some(({ name }) => hasSurrogates(name)))
    entries.sort((left, right) => compareCodePoints(left.name, right.name));
  else entries.sort((left, right) => (left.name < right.name ? -1 : 1));
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): EntryKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'other';
}
