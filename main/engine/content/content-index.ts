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

/** What is known of one directory entry; digests stay valid for as long as the file's signature does. */
export interface IndexedEntry {
  readonly name: FileName;
  readonly kind: EntryKind;
  signature: Signature | null;
  digests: Record<string, string>;
}

interface Signature {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
  readonly mode: number;
  /** The clock before the file was read. */
  readonly readAt: number;
}

interface DirectoryRecord {
  readonly signature: Signature;
  readonly entries: readonly IndexedEntry[];
}

/** A file's digest with the facts that were read with it. */
export interface FileFacts {
  readonly digest: string;
  readonly size: number;
  readonly mode: number;
}

/**
 * Remembers directories and digests of files for as long as the process lives, so that a second look costs one `lstat` per file.
 * Pass one index to every look at the same folders.
 */
export interface ContentIndex {
  /** Entries of a directory, sorted by name. */
  list(directory: FilePath): readonly IndexedEntry[];
  /** The digest of a file's bytes; `follow` when the entry is a link to it. */
  read(entry: IndexedEntry, path: FilePath, algorithm: DigestAlgorithm, follow: boolean): Pausable<FileFacts>;
  /** As `read`, where nothing has changed or the file is small: null when the file has to be read in pieces. */
  readNow(entry: IndexedEntry, path: FilePath, algorithm: DigestAlgorithm, follow: boolean): FileFacts | null;
}

// Two changes within one tick of a file system's clock look alike. Ticks are up to 2 s (FAT), so whatever changed that recently
// before it was read is read again ("racily clean", as git calls it).
const RACY_MILLISECONDS = 2000;
const SMALL = 1 << 20;
const MOST_DIRECTORIES = 200_000;

/** Makes an empty index. `clock` is for tests. */
export function createContentIndex(clock: () => number = Date.now): ContentIndex {
  const directories = new Map<string, DirectoryRecord>();
  const buffer = Buffer.allocUnsafe(SMALL + 1);

  function list(directory: FilePath): readonly IndexedEntry[] {
    const key = typeof directory === 'string' ? directory : `bytes:${directory.toString('latin1')}`;
    const readAt = clock();
    const stats = statSync(directory);
    const known = directories.get(key);
    if (known !== undefined && isSame(known.signature, stats) && isSettled(known.signature))
      return known.entries;
    const entries = readEntries(directory);
    if (known !== undefined) {
      const before = new Map(known.entries.map(entry => [entry.name.text, entry]));
      for (const [position, entry] of entries.entries()) {
        const old = before.get(entry.name.text);
        if (old !== undefined && old.kind === entry.kind) entries[position] = old;
      }
    }
    entries.sort((left, right) => compareCodePoints(left.name.text, right.name.text));
    if (directories.size >= MOST_DIRECTORIES) directories.clear();
    directories.set(key, { signature: signatureOf(stats, readAt), entries });
    return entries;
  }

  function known(
    entry: IndexedEntry,
    path: FilePath,
    algorithm: DigestAlgorithm,
    follow: boolean,
  ): FileFacts | null {
    const { signature } = entry;
    const digest = entry.digests[algorithm.name];
    if (signature === null || digest === undefined || !isSettled(signature)) return null;
    return isSame(signature, follow ? statSync(path) : lstatSync(path))
      ? { digest, size: signature.size, mode: signature.mode }
      : null;
  }

  function remember(entry: IndexedEntry, signature: Signature, algorithm: string, digest: string): FileFacts {
    // Digests of other algorithms hold only while they are of the very same file.
    if (entry.signature === null || !isEqual(entry.signature, signature) || !isSettled(entry.signature))
      entry.digests = {};
    entry.signature = signature;
    entry.digests[algorithm] = digest;
    return { digest, size: signature.size, mode: signature.mode };
  }

  function readNow(
    entry: IndexedEntry,
    path: FilePath,
    algorithm: DigestAlgorithm,
    follow: boolean,
  ): FileFacts | null {
    const found = known(entry, path, algorithm, follow);
    if (found !== null) return found;
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
      return remember(
        entry,
        signatureOf(stats, readAt),
        algorithm.name,
        algorithm.once(buffer.subarray(0, filled)),
      );
    } finally {
      closeSync(file);
    }
  }

  function* read(
    entry: IndexedEntry,
    path: FilePath,
    algorithm: DigestAlgorithm,
    follow: boolean,
  ): Pausable<FileFacts> {
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
      return remember(entry, signatureOf(stats, readAt), algorithm.name, running.finish());
    } finally {
      closeSync(file);
    }
  }

  return { list, read, readNow };
}

// A pipe put where a file was must not make us wait for its writer.
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

function readEntries(directory: FilePath): IndexedEntry[] {
  const entries = readdirSync(directory, { withFileTypes: true });
  // U+FFFD is what a byte that is not UTF-8 has become; then the bytes themselves are needed.
  if (!entries.some(entry => entry.name.includes('\uFFFD'))) {
    return entries.map(entry => unread({ text: entry.name, raw: null }, kindOf(entry)));
  }
  return readdirSync(directory, { withFileTypes: true, encoding: 'buffer' }).map(entry =>
    unread(decodeFileName(entry.name), kindOf(entry)),
  );
}

function unread(name: FileName, kind: EntryKind): IndexedEntry {
  return { name, kind, signature: null, digests: {} };
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): EntryKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

function signatureOf(stats: Stats, readAt: number): Signature {
  return {
    size: stats.size,
    mtimeMs: stats.mtimeMs,
    ctimeMs: stats.ctimeMs,
    ino: stats.ino,
    mode: stats.mode,
    readAt,
  };
}

function isSame(known: Signature, stats: Stats): boolean {
  return (
    known.mtimeMs === stats.mtimeMs &&
    known.ctimeMs === stats.ctimeMs &&
    known.size === stats.size &&
    known.ino === stats.ino &&
    known.mode === stats.mode
  );
}

function isEqual(left: Signature, right: Signature): boolean {
  return (
    left.mtimeMs === right.mtimeMs &&
    left.ctimeMs === right.ctimeMs &&
    left.size === right.size &&
    left.ino === right.ino &&
    left.mode === right.mode
  );
}

function isSettled(known: Signature): boolean {
  return known.readAt - Math.max(known.mtimeMs, known.ctimeMs) > RACY_MILLISECONDS;
}
