import { closeSync, fstatSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { DigestAlgorithm } from './digests.ts';
import { readEntries } from './directory-entries.ts';
import type { EntryKind } from './directory-entries.ts';
import {
  FACTS,
  MODE,
  READ_AT,
  SIZE,
  SMALL,
  isSame,
  isSameFacts,
  isSettled,
  writeFacts,
} from './file-facts.ts';
import { joinPath } from './file-name.ts';
import type { FileName, FilePath } from './file-name.ts';
import type { ProbeAnswer } from './file-probe.ts';
import { lookAhead } from './look-ahead.ts';
import type { Chunk, WantedFiles } from './look-ahead.ts';
import { OPEN_FLAGS, readSmall, smallBuffer } from './read-small.ts';
import type { Pausable } from './slices.ts';

/** Algorithm and hex digest. */
type Digests = readonly (readonly [algorithm: string, digest: string])[];

/** One directory entry. */
export interface IndexedEntry {
  readonly name: FileName;
  readonly kind: EntryKind;
  /** Of a file that was read: its size and mode at that moment. */
  readonly size: number;
  readonly mode: number;
}

/**
 * An entry with what was read of it. Its facts lie in one array with those of its neighbours, for there may be a hundred thousand: as objects,
 * collecting them took a fifth of a first look.
 */
class Entry implements IndexedEntry, FileName {
  readonly text: string;
  readonly raw: Buffer | null;
  readonly kind: EntryKind;
  #facts: Float64Array;
  #at: number;
  #algorithm = '';
  #digest = '';
  /** Digests by a second algorithm and more. */
  #others: Map<string, string> | null = null;
  /** The look in which it was last found to be as it is known. */
  #look = 0;

  constructor(text: string, raw: Buffer | null, kind: EntryKind, facts: Float64Array, at: number) {
    this.text = text;
    this.raw = raw;
    this.kind = kind;
    this.#facts = facts;
    this.#at = at;
  }

  /** It is its own name: an object less for each of many. */
  get name(): FileName {
    return this;
  }

  get size(): number {
    return this.#facts[this.#at + SIZE] ?? 0;
  }

  get mode(): number {
    return this.#facts[this.#at + MODE] ?? 0;
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

  isSameFacts(facts: Float64Array, at: number): boolean {
    return isSameFacts(this.#facts, this.#at, facts, at);
  }

  wasSeenIn(look: number): boolean {
    return look !== 0 && this.#look === look;
  }

  see(look: number): void {
    this.#look = look;
  }

  remember(stats: Stats, readAt: number, digests: Digests): void {
    const same = this.isSame(stats) && this.isSettled();
    writeFacts(this.#facts, this.#at, stats, readAt);
    this.#note(same, digests);
  }

  rememberFacts(facts: Float64Array, at: number, readAt: number, digests: Digests): void {
    const same = this.isSameFacts(facts, at) && this.isSettled();
    this.#facts.set(facts.subarray(at, at + FACTS), this.#at);
    this.#facts[this.#at + READ_AT] = readAt;
    this.#note(same, digests);
  }

  /** Digests of other algorithms hold only while they are of the very same file. */
  #note(same: boolean, digests: Digests): void {
    if (!same) {
      this.#algorithm = '';
      this.#others = null;
    }
    for (const [algorithm, digest] of digests) {
      if (this.#algorithm === '' || this.#algorithm === algorithm) {
        this.#algorithm = algorithm;
        this.#digest = digest;
      } else (this.#others ??= new Map()).set(algorithm, digest);
    }
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

/** The hash of a directory, with all that it was made of. */
export interface KnownHash {
  readonly algorithm: string;
  /** Digest and name of each in turn; the first ones, this many, are of directories. */
  readonly parts: readonly string[];
  readonly directories: number;
  readonly hash: string;
}

interface DirectoryRecord {
  readonly facts: Float64Array;
  readonly entries: readonly Entry[];
}

/**
 * Remembers directories and digests of files for as long as the process lives, so that a second look costs one `lstat` per file.
 * Pass one index to every look at the same folders.
 */
export interface ContentIndex {
  /** Entries of a directory, sorted by name. The same array as before where nothing was added or removed. */
  list(directory: FilePath): readonly IndexedEntry[];
  /** Told of files while the walk still goes on, so that reading them can begin. */
  expect?(files: WantedFiles, algorithm: DigestAlgorithm): void;
  /** Hashes of directories, by what `list` gave for them; an index for one look needs none. */
  readonly hashes?: WeakMap<readonly IndexedEntry[], KnownHash>;
  /**
   * Reads what one look will want, on several threads where that pays; gives the look's number, for `seen`. An error is left
   * to the reading itself.
   */
  ahead(
    files: readonly WantedFiles[],
    algorithms: readonly DigestAlgorithm[],
    signal?: AbortSignal,
  ): Promise<number>;
  /** The digest of a file that was read or checked ahead for this look; null for all others. */
  seen(entry: IndexedEntry, algorithm: DigestAlgorithm, look: number): string | null;
  /** The digest of a file's bytes; `follow` when the entry is a link to it. */
  read(entry: IndexedEntry, path: FilePath, algorithm: DigestAlgorithm, follow: boolean): Pausable<string>;
  /** Takes over the digest of a large file that somebody read whole, and that had these facts before and after; `readAt` is before. */
  learn?(entry: IndexedEntry, stats: Stats, readAt: number, algorithm: DigestAlgorithm, digest: string): void;
  /** As `read`, where nothing has changed or the file is small: null when the file has to be read in pieces. */
  readNow(entry: IndexedEntry, path: FilePath, algorithm: DigestAlgorithm, follow: boolean): string | null;
}

const MOST_DIRECTORIES = 200_000;

/** Makes an empty index. `clock` is for tests. */
export function createContentIndex(clock: () => number = Date.now): ContentIndex {
  const directories = new Map<string, DirectoryRecord>();
  const buffer = smallBuffer();
  let looks = 0;

  function list(directory: FilePath): readonly Entry[] {
    const key = typeof directory === 'string' ? directory : `bytes:${directory.toString('latin1')}`;
    const readAt = clock();
    const stats = statSync(directory);
    const known = directories.get(key);
    if (known !== undefined && isSame(known.facts, 0, stats) && isSettled(known.facts, 0))
      return known.entries;
    const facts = new Float64Array(FACTS);
    writeFacts(facts, 0, stats, readAt);
    const entries = readEntries(directory, count => {
      const room = new Float64Array(count * FACTS);
      return (text, raw, kind, index) => new Entry(text, raw, kind, room, index * FACTS);
    });
    if (known !== undefined) {
      const before = new Map(known.entries.map(entry => [entry.name.text, entry]));
      for (const entry of entries) {
        const old = before.get(entry.name.text);
        if (old !== undefined) entry.inherit(old);
      }
    }
    if (directories.size >= MOST_DIRECTORIES) directories.clear();
    directories.set(key, { facts, entries });
    return entries;
  }

  function seen(entry: IndexedEntry, algorithm: DigestAlgorithm, look: number): string | null {
    const own = ownEntry(entry);
    return own.wasSeenIn(look) ? own.digestBy(algorithm.name) : null;
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
    const read = readSmall(path, buffer);
    if (read === null) return null;
    const digest = algorithm.once(read.bytes);
    own.remember(read.stats, readAt, [[algorithm.name, digest]]);
    return digest;
  }

  async function ahead(
    files: readonly WantedFiles[],
    algorithms: readonly DigestAlgorithm[],
    signal?: AbortSignal,
  ): Promise<number> {
    const look = ++looks;
    const names = algorithms.map(({ name }) => name);
    if (!algorithms.every(({ everywhere }) => everywhere)) return look;
    const of = {
      isKnown(entry: IndexedEntry): boolean {
        const own = ownEntry(entry);
        return own.isSettled() && names.every(name => own.digestBy(name) !== null);
      },
      look(directory: string, entry: IndexedEntry): void {
        try {
          const own = ownEntry(entry);
          const path = joinPath(directory, entry.name);
          if (!of.isKnown(own) || !own.isSame(lstatSync(path))) {
            const readAt = clock();
            const read = readSmall(path, buffer);
            if (read === null) return;
            own.remember(
              read.stats,
              readAt,
              algorithms.map(algorithm => [algorithm.name, algorithm.once(read.bytes)]),
            );
          }
          own.see(look);
        } catch {
          // The walk meets it again, and can say where.
        }
      },
      take(chunk: Chunk, { facts, digests }: ProbeAnswer, readAt: number): void {
        let at = -1;
        for (const { entries } of chunk.groups)
          for (const entry of entries) {
            at++;
            const own = ownEntry(entry);
            if (Number.isNaN(facts[at * FACTS + SIZE])) continue;
            if (chunk.algorithms.length > 0) {
              const found = chunk.algorithms.map(
                (name, place) => [name, digests[place]?.[at] ?? ''] as const,
              );
              own.rememberFacts(facts, at * FACTS, readAt, found);
            } else if (!own.isSameFacts(facts, at * FACTS)) continue;
            own.see(look);
          }
      },
    };
    await lookAhead(of, files, names, { clock, signal });
    return look;
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
      ownEntry(entry).remember(stats, readAt, [[algorithm.name, digest]]);
      return digest;
    } finally {
      closeSync(file);
    }
  }

  function learn(
    entry: IndexedEntry,
    stats: Stats,
    readAt: number,
    algorithm: DigestAlgorithm,
    digest: string,
  ): void {
    ownEntry(entry).remember(stats, readAt, [[algorithm.name, digest]]);
  }

  return { list, hashes: new WeakMap(), ahead, seen, learn, read, readNow };
}

function ownEntry(entry: IndexedEntry): Entry {
  if (entry instanceof Entry) return entry;
  throw new TypeError('an entry of another index');
}
