import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import type { DigestAlgorithm } from './digests.ts';
import { compareCodePoints, decodeFileName } from './file-name.ts';
import type { FileName, FilePath } from './file-name.ts';
import type { Pausable } from './slices.ts';

export type EntryKind = 'file' | 'directory' | 'link' | 'other';

/** One directory entry. */
export interface IndexedEntry {
  readonly name: FileName;
  readonly kind: EntryKind;
  /** Of a file that was read: its size and mode at that moment. */
  readonly size: number;
  readonly mode: number;
}

const FACTS = 6;

/**
 * An entry with what was read of it. Its facts lie in one array with those of its neighbours, for there may be a hundred thousand: as objects,
 * collecting them took a fifth of a first look.
 */
class Entry implements IndexedEntry {
  readonly name: FileName;
  readonly kind: EntryKind;
  #facts: Float64Array;
  #at: number;
  #algorithm = '';
  #digest = '';
  /** Digests by a second algorithm and more. */
  #others: Map<string, string> | null = null;

  constructor(name: FileName, kind: EntryKind, facts: Float64Array, at: number) {
    this.name = name;
    this.kind = kind;
    this.#facts = facts;
    this.#at = at;
  }

  get size(): number {
    return this.#facts[this.#at] ?? 0;
  }

  get mode(): number {
    return this.#facts[this.#at + 4] ?? 0;
  }

  digestBy(algorithm: string): string | null {
    return (this.#algorithm === algorithm ? this.#digest : this.#others?.get(algorithm)) ?? null;
  }

  /** Whether the file was read after it had been left alone for long enough. */
  isSettled(): boolean {
    return isSettled(this.#facts, this.#at);
  }

  isSame(stats: Stats): boolean {
    return isSame(this.#facts, this.#at, stats);
  }

  remember(stats: Stats, readAt: number, algorithm: string, digest: string): void {
    // Digests of other algorithms hold only while they are of the very same file.
    if (!this.isSame(stats) || !this.isSettled()) {
      this.#algorithm = '';
      this.#others = null;
    }
    write(this.#facts, this.#at, stats, readAt);
    if (this.#algorithm === '' || this.#algorithm === algorithm) {
      this.#algorithm = algorithm;
      this.#digest = digest;
    } else (this.#others ??= new Map()).set(algorithm, digest);
  }

  /** Takes over what an earlier listing of the directory knew. */
  inherit(old: Entry): void {
    if (old.kind !== this.kind) return;
    this.#facts.set(old.#facts.subarray(old.#at, old.#at + FACTS), this.#at);
    this.#algorithm = old.#algorithm;
    this.#digest = old.#digest;
    this.#others = old.#others;
  }
}

interface DirectoryRecord {
  readonly facts: Float64Array;
  readonly entries: readonly Entry[];
}

// Two changes within one tick of a file system's clock look alike. Ticks are up to 2 s (FAT), so whatever changed that recently
// before it was read is read again ("racily clean", as git calls it).
const RACY_MILLISECONDS = 2000;

// In this order: size, modification, change, inode, mode, and the clock before the file was read.
function write(facts: Float64Array, at: number, stats: Stats, readAt: number): void {
  facts[at] = stats.size;
  facts[at + 1] = stats.mtimeMs;
  facts[at + 2] = stats.ctimeMs;
  facts[at + 3] = stats.ino;
  facts[at + 4] = stats.mode;
  facts[at + 5] = readAt;
}

function isSame(facts: Float64Array, at: number, stats: Stats): boolean {
  return (
    facts[at + 1] === stats.mtimeMs &&
    facts[at + 2] === stats.ctimeMs &&
    facts[at] === stats.size &&
    facts[at + 3] === stats.ino &&
    facts[at + 4] === stats.mode
  );
}

function isSettled(facts: Float64Array, at: number): boolean {
  return (facts[at + 5] ?? 0) - Math.max(facts[at + 1] ?? 0, facts[at + 2] ?? 0) > RACY_MILLISECONDS;
}

/**
 * Remembers directories and digests of files for as long as the process lives, so that a second look costs one `lstat` per file.
 * Pass one index to every look at the same folders.
 */
export interface ContentIndex {
  /** Entries of a directory, sorted by name. */
  list(directory: FilePath): readonly IndexedEntry[];
  /** The digest of a file's bytes; `follow` when the entry is a link to it. */
  read(entry: IndexedEntry, path: FilePath, algorithm: DigestAlgorithm, follow: boolean): Pausable<string>;
  /** As `read`, where nothing has changed or the file is small: null when the file has to be read in pieces. */
  readNow(entry: IndexedEntry, path: FilePath, algorithm: DigestAlgorithm, follow: boolean): string | null;
}

const SMALL = 1 << 20;
const MOST_DIRECTORIES = 200_000;

/** Makes an empty index. `clock` is for tests. */
export function createContentIndex(clock: () => number = Date.now): ContentIndex {
  const directories = new Map<string, DirectoryRecord>();
  const buffer = Buffer.allocUnsafe(SMALL + 1);

  function list(directory: FilePath): readonly Entry[] {
    const key = typeof directory === 'string' ? directory : `bytes:${directory.toString('latin1')}`;
    const readAt = clock();
    const stats = statSync(directory);
    const known = directories.get(key);
    if (known !== undefined && isSame(known.facts, 0, stats) && isSettled(known.facts, 0))
      return known.entries;
    const facts = new Float64Array(FACTS);
    write(facts, 0, stats, readAt);
    const entries = readEntries(directory);
    if (known !== undefined) {
      const before = new Map(known.entries.map(entry => [entry.name.text, entry]));
      for (const entry of entries) {
        const old = before.get(entry.name.text);
        if (old !== undefined) entry.inherit(old);
      }
    }
    entries.sort((left, right) => compareCodePoints(left.name.text, right.name.text));
    if (directories.size >= MOST_DIRECTORIES) directories.clear();
    directories.set(key, { facts, entries });
    return entries;
  }

  function readNow(
    entry: IndexedEntry,
    path: FilePath,
    algorithm: DigestAlgorithm,
    follow: boolean,
  ): string | null {
    const own = ownEntry(entry);
    const known = own.digestBy(algorithm.name);
    if (known !== null && own.isSettled() && own.isSame(follow ? statSync(path) : lstatSync(path)))
      return known;
    const readAt = clock();
    const file = openSync(path, OPEN_FLAGS);
    try {
      const stats = fstatSync(file);
      if (stats.size > SMALL) return null;
      let filled = 0;
      for (;;) {
        const got = readSync(file, buffer, filled, buffer.length - filled, null);
        filled += got;
        if (got === 0 || filled === stats.size) break;
        // It grew while it was read.
        if (filled > SMALL) return null;
      }
      const digest = algorithm.once(buffer.subarray(0, filled));
      own.remember(stats, readAt, algorithm.name, digest);
      return digest;
    } finally {
      closeSync(file);
    }
  }

  function* read(
    entry: IndexedEntry,
    path: FilePath,
    algorithm: DigestAlgorithm,
    follow: boolean,
  ): Pausable<string> {
    const small = readNow(entry, path, algorithm, follow);
    if (small !== null) return small;
    const readAt = clock();
    const file = openSync(path, OPEN_FLAGS);
    try {
      const stats = fstatSync(file);
      const running = algorithm.start();
      const chunk = Buffer.allocUnsafe(SMALL);
      for (let got = readSync(file, chunk); got > 0; got = readSync(file, chunk)) {
        running.update(chunk.subarray(0, got));
        yield;
      }
      const digest = running.finish();
      ownEntry(entry).remember(stats, readAt, algorithm.name, digest);
      return digest;
    } finally {
      closeSync(file);
    }
  }

  return { list, read, readNow };
}

// A pipe put where a file was must not make us wait for its writer.
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

function ownEntry(entry: IndexedEntry): Entry {
  if (entry instanceof Entry) return entry;
  throw new TypeError('an entry of another index');
}

function readEntries(directory: FilePath): Entry[] {
  const found = readdirSync(directory, { withFileTypes: true });
  const facts = new Float64Array(found.length * FACTS);
  // U+FFFD is what a byte that is not UTF-8 has become; then the bytes themselves are needed.
  if (!found.some(entry => entry.name.includes('\uFFFD'))) {
    return found.map(
      (entry, index) => new Entry({ text: entry.name, raw: null }, kindOf(entry), facts, index * FACTS),
    );
  }
  const raw = readdirSync(directory, { withFileTypes: true, encoding: 'buffer' });
  const place = new Float64Array(raw.length * FACTS);
  return raw.map(
    (entry, index) => new Entry(decodeFileName(entry.name), kindOf(entry), place, index * FACTS),
  );
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): EntryKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'other';
}
