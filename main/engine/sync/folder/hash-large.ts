import { createHash } from 'node:crypto';
import { createReadStream, lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { sameStats } from './same.ts';
import type { StagedFile } from '../types.ts';

/** Larger files are not read at once. */
export const LARGE = 1 << 20;
/** As long as this a file that is being written must have been left alone. Longer than a tick of any system's clock, so that a later change has another time. */
const SETTLED_MILLISECONDS = 24;
const MOST_PAUSE = 500;
/** As much is read at once: fewer, larger pieces wait less for their turn on a busy machine. */
const CHUNK = 1 << 20;
/** As much is given to readers at once, so that an edit elsewhere finds its place between two pieces. */
const PIECE = 256 << 10;
/** How often the file is looked at while it is read. */
const LOOK_EVERY = 4 << 20;

/** A hash together with the facts that held before and after the reading. */
export interface LargeHash {
  readonly hash: string;
  readonly stats: Stats;
  /** Wall clock before the reading. */
  readonly readAt: number;
}

/** Waits until nobody writes a file any more, in longer steps the longer that takes; throws when it is gone. */
export async function settled(path: string, signal: AbortSignal): Promise<Stats> {
  const began = performance.now();
  for (let before = lstatSync(path); ;) {
    const pause = Math.min(MOST_PAUSE, Math.max(SETTLED_MILLISECONDS, (performance.now() - began) / 10));
    await sleep(pause, undefined, { signal });
    const after = lstatSync(path);
    if (sameStats(before, after)) return after;
    before = after;
  }
}

/**
 * SHA-256 of a large file, read on the system's threads, so that everything else has its turn between the pieces. `readers` get the
 * pieces, too: what is sent is read once. Null as soon as somebody writes the file: what was read is of no use then.
 */
export async function hashLarge(
  path: string,
  stats: Stats,
  readers: readonly StagedFile[],
  signal: AbortSignal,
): Promise<LargeHash | null> {
  const readAt = Date.now();
  const hash = createHash('sha256');
  let length = 0;
  let looked = 0;
  for await (const chunk of createReadStream(path, {
    highWaterMark: CHUNK,
    signal,
  }) as AsyncIterable<Buffer>) {
    for (let at = 0; readers.length > 0 && at < chunk.length; at += PIECE)
      for (const reader of readers) {
        const room = reader.write(chunk.subarray(at, at + PIECE));
        if (room !== undefined) await room;
      }
    hash.update(chunk);
    length += chunk.length;
    if (length > stats.size) return null;
    if (length - looked < LOOK_EVERY) continue;
    looked = length;
    if (!sameStats(stats, lstatSync(path))) return null;
  }
  if (length !== stats.size || !sameStats(stats, lstatSync(path))) return null;
  return { hash: hash.digest('hex'), stats, readAt };
}
