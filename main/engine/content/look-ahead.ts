import { setImmediate } from 'node:timers/promises';
import type { IndexedEntry } from './content-index.ts';
import type { ProbeAnswer } from './file-probe.ts';
import { areThreadsWarm, spareThreads, withThreads } from './probe-threads.ts';
import type { ProbeThread } from './probe-threads.ts';

/** Files of one directory that a look will want. */
export interface WantedFiles {
  readonly directory: string;
  readonly entries: readonly IndexedEntry[];
}

/** What an index lets a look ahead do. */
export interface AheadIndex {
  /** Whether nothing but the file's facts is needed, because its digests are known. */
  isKnown(entry: IndexedEntry): boolean;
  /** Does one file on this thread. */
  look(directory: string, entry: IndexedEntry): void;
  /** Takes over what another thread found; `readAt` is when it was asked. */
  take(chunk: Chunk, answer: ProbeAnswer, readAt: number): void;
}

const PER_CHUNK = 256;
/** In flight for each thread, so that it never waits for this one. */
const AHEAD = 3;
// Measured: open, stat, read, hash and close of 1 KiB, and one `lstat`.
const READ_MICROSECONDS = 8;
const CHECK_MICROSECONDS = 2.5;
const WORTH_STARTING = 60_000;
const WORTH_ASKING = 15_000;

/** Starts the threads while files are still being counted, as soon as there are enough of them. */
export function warmThreads(files: number): void {
  if (files * READ_MICROSECONDS > WORTH_STARTING && spareThreads() > 0 && !areThreadsWarm())
    void withThreads(() => Promise.resolve());
}

/** Whether starting threads for this many files that were not read before pays. */
export function isWorthThreads(files: number): boolean {
  return spareThreads() > 0 && files * READ_MICROSECONDS > (areThreadsWarm() ? WORTH_ASKING : WORTH_STARTING);
}

/** Some files, to be done by one thread in one go. */
export interface Chunk {
  readonly groups: readonly WantedFiles[];
  /** Empty where only facts are wanted. */
  readonly algorithms: readonly string[];
}

/**
 * Reads many files on several threads before a walk wants them: half of a first look at 50,000 files is waiting for the system. Where
 * the files are few, or a thread fails, the walk does the work itself; the result is the same.
 */
export async function lookAhead(
  index: AheadIndex,
  files: readonly WantedFiles[],
  algorithms: readonly string[],
  options: { readonly clock: () => number; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const count = files.reduce((sum, { entries }) => sum + entries.length, 0);
  const worth = areThreadsWarm() ? WORTH_ASKING : WORTH_STARTING;
  if (spareThreads() === 0 || count * READ_MICROSECONDS < worth) return;
  const known = files.map(({ directory, entries }) => ({
    directory,
    entries: entries.filter(entry => index.isKnown(entry)),
  }));
  const toCheck = known.reduce((sum, { entries }) => sum + entries.length, 0);
  if ((count - toCheck) * READ_MICROSECONDS + toCheck * CHECK_MICROSECONDS < worth) return;
  const unknown =
    toCheck === 0
      ? files
      : files.map(({ directory, entries }) => ({
          directory,
          entries: entries.filter(entry => !index.isKnown(entry)),
        }));
  const chunks = [...chunksOf(unknown, algorithms), ...chunksOf(known, [])];
  let next = 0;
  const take = (): Chunk | undefined => (options.signal?.aborted ? undefined : chunks[next++]);

  const ask = async (thread: ProbeThread): Promise<void> => {
    for (let chunk = take(); chunk !== undefined; chunk = take()) {
      const readAt = options.clock();
      const directories = chunk.groups.map(
        ({ directory, entries }) => [directory, entries.map(({ name }) => name.text)] as const,
      );
      const answer = await thread.ask({ directories, algorithms: chunk.algorithms });
      index.take(chunk, answer, readAt);
    }
  };
  await withThreads(async threads => {
    const asking = threads.flatMap(thread => Array.from({ length: AHEAD }, () => ask(thread)));
    // What a thread that failed had taken is left to the walk.
    const settled = Promise.allSettled(asking);
    for (let chunk = take(); chunk !== undefined; chunk = take()) {
      for (const { directory, entries } of chunk.groups)
        for (const entry of entries) index.look(directory, entry);
      await setImmediate();
    }
    await settled;
  });
  options.signal?.throwIfAborted();
}

function* chunksOf(files: readonly WantedFiles[], algorithms: readonly string[]): Generator<Chunk> {
  let groups: WantedFiles[] = [];
  let room = PER_CHUNK;
  for (const { directory, entries } of files) {
    for (let from = 0; from < entries.length;) {
      const some = entries.slice(from, from + room);
      groups.push({ directory, entries: some });
      from += some.length;
      room -= some.length;
      if (room > 0) continue;
      yield { groups, algorithms };
      groups = [];
      room = PER_CHUNK;
    }
  }
  if (groups.length > 0) yield { groups, algorithms };
}
