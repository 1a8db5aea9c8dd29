import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { ContentIndex, IndexedEntry } from './content-index.ts';
import type { DigestAlgorithm } from './digests.ts';
import { readEntries } from './directory-entries.ts';
import type { EntryKind } from './directory-entries.ts';
import { SMALL } from './file-facts.ts';
import { joinPath } from './file-name.ts';
import type { FileName, FilePath } from './file-name.ts';
import { isFirst } from './file-probe.ts';
import { isWorthThreads } from './look-ahead.ts';
import type { WantedFiles } from './look-ahead.ts';
import { withThreads } from './probe-threads.ts';
import type { ProbeThread } from './probe-threads.ts';
import { OPEN_FLAGS, readSmallBytes, smallBuffer } from './read-small.ts';
import type { Pausable } from './slices.ts';

const PER_CHUNK = 128;
/** Chunks that other threads may take; more files than that are read here. */
const MOST_SHARED = 1 << 15;

/** An entry of which nothing but the digest will be wanted. */
class Seen implements IndexedEntry, FileName {
  readonly text: string;
  readonly raw: Buffer | null;
  readonly kind: EntryKind;
  readonly size = 0;
  readonly mode = 0;
  digest: string | null = null;

  constructor(text: string, raw: Buffer | null, kind: EntryKind) {
    this.text = text;
    this.raw = raw;
    this.kind = kind;
  }

  get name(): FileName {
    return this;
  }
}

type Chunk = readonly WantedFiles[];

/**
 * What a content index is, for one hash by one algorithm: nothing is kept to recognise a file again, which is a third of the work. Other threads begin to
 * read while the walk is still listing; this one then reads from the other end, until they meet.
 */
export function createOneLook(): ContentIndex {
  const buffer = smallBuffer();
  const chunks: Chunk[] = [];
  const answers: Promise<void>[] = [];
  let taken: Int32Array<SharedArrayBuffer> | null = null;
  let lent: readonly ProbeThread[] | null = null;
  let giveBack = (): void => {};
  let filling: WantedFiles[] = [];
  let room = PER_CHUNK;
  let shared = 0;

  function expect(wanted: WantedFiles, algorithm: DigestAlgorithm): void {
    for (let from = 0; from < wanted.entries.length;) {
      const entries =
        from === 0 && wanted.entries.length <= room
          ? wanted.entries
          : wanted.entries.slice(from, from + room);
      filling.push({ directory: wanted.directory, entries });
      from += entries.length;
      room -= entries.length;
      if (room === 0) endChunk();
    }
    if (!algorithm.everywhere) return;
    if (lent === null && isWorthThreads(chunks.length * PER_CHUNK)) borrow();
    share(algorithm.name);
  }

  function endChunk(): void {
    if (filling.length > 0) chunks.push(filling);
    filling = [];
    room = PER_CHUNK;
  }

  function borrow(): void {
    taken = new Int32Array(new SharedArrayBuffer(MOST_SHARED * Int32Array.BYTES_PER_ELEMENT));
    void withThreads(
      threads =>
        new Promise<void>(resolve => {
          lent = threads;
          giveBack = resolve;
        }),
    );
  }

  /** Offers the threads what is new. */
  function share(algorithm: string): void {
    if (lent === null || taken === null) return;
    for (; shared < Math.min(chunks.length, MOST_SHARED); shared++) {
      const thread = lent[shared % lent.length];
      const chunk = chunks[shared];
      if (thread === undefined || chunk === undefined) return;
      answers.push(ask(thread, chunk, { taken, at: shared }, algorithm));
    }
  }

  async function ask(
    thread: ProbeThread,
    chunk: Chunk,
    claim: { readonly taken: Int32Array<SharedArrayBuffer>; readonly at: number },
    algorithm: string,
  ): Promise<void> {
    const directories = chunk.map(
      ({ directory, entries }) => [directory, entries.map(({ name }) => name.text)] as const,
    );
    // What a thread that failed had taken is left to the walk.
    const answer = await thread
      .ask({ directories, algorithms: [algorithm], withoutFacts: true, claim })
      .catch(() => null);
    const digests = answer?.digests[0];
    if (digests === undefined) return;
    let at = 0;
    for (const { entries } of chunk)
      for (const entry of entries) ownEntry(entry).digest = digests[at++] || null;
  }

  async function ahead(
    _files: readonly WantedFiles[],
    [algorithm]: readonly DigestAlgorithm[],
    signal?: AbortSignal,
  ): Promise<number> {
    if (lent === null || taken === null || algorithm === undefined) return 0;
    endChunk();
    try {
      for (let at = chunks.length - 1; at >= 0; at--) {
        if (at < shared && !isFirst({ taken, at })) continue;
        for (const { directory, entries } of chunks[at] ?? [])
          for (const entry of entries) readAhead(directory, entry, algorithm);
        await setImmediate();
        signal?.throwIfAborted();
      }
      await Promise.all(answers);
    } finally {
      // Cancelled: the threads need not go on.
      taken.fill(1);
      giveBack();
    }
    return 0;
  }

  function readAhead(directory: string, entry: IndexedEntry, algorithm: DigestAlgorithm): void {
    try {
      readNow(entry, joinPath(directory, entry.name), algorithm);
    } catch {
      // The walk meets it again, and can say where.
    }
  }

  function readNow(entry: IndexedEntry, path: FilePath, algorithm: DigestAlgorithm): string | null {
    const own = ownEntry(entry);
    if (own.digest !== null) return own.digest;
    const bytes = readSmallBytes(path, buffer);
    return bytes === null ? null : (own.digest = algorithm.once(bytes));
  }

  function* read(entry: IndexedEntry, path: FilePath, algorithm: DigestAlgorithm): Pausable<string> {
    const known = ownEntry(entry).digest;
    if (known !== null) return known;
    const file = openSync(path, OPEN_FLAGS);
    try {
      const running = algorithm.start();
      const piece = Buffer.allocUnsafe(SMALL);
      for (let got = readSync(file, piece); got > 0; got = readSync(file, piece)) {
        running.update(piece.subarray(0, got));
        yield;
      }
      return (ownEntry(entry).digest = running.finish());
    } finally {
      closeSync(file);
    }
  }

  return {
    list: directory => readEntries(directory, () => (text, raw, kind) => new Seen(text, raw, kind)),
    expect,
    ahead,
    seen: entry => ownEntry(entry).digest,
    read,
    readNow,
  };
}

function ownEntry(entry: IndexedEntry): Seen {
  if (entry instanceof Seen) return entry;
  throw new TypeError('an entry of another index');
}
