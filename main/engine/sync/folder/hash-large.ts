import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readHashed } from './large-reader.ts';
import { milliseconds } from './monotonic.ts';
import { sameStats } from './same.ts';
import type { StagedFile } from '../types.ts';

/** Larger files are not read at once. */
export const LARGE = 1 << 20;
/** How long a file must have been left alone: at least so many milliseconds, and one part in `share` of the time that writing it takes so far. */
export interface Pause {
  readonly least: number;
  readonly share: number;
}

/** As long as this a file that is being written must have been left alone. Longer than a tick of any system's clock, so that a later change has another time. */
export const SETTLED: Pause = { least: 24, share: 10 };
/** After so long it is read already, for it may be whole. */
export const GLANCE: Pause = { least: 4, share: 40 };
const MOST_PAUSE = 500;
/** How often the file is looked at while it is read. */
const LOOK_EVERY = 4 << 20;

/** A hash together with the facts that held before and after the reading. */
export interface LargeHash {
  readonly hash: string;
  readonly stats: Stats;
  /** Wall clock before the reading that counts. */
  readonly readAt: number;
}

/** Waits until nobody has written a file for a while, in longer steps the longer that takes; throws when it is gone. */
export async function settled(
  path: string,
  signal: AbortSignal,
  { least, share }: Pause = SETTLED,
): Promise<Stats> {
  const began = performance.now();
  for (let before = lstatSync(path); ;) {
    const pause = Math.min(MOST_PAUSE, Math.max(least, (performance.now() - began) / share));
    await sleep(pause, undefined, { signal });
    const after = lstatSync(path);
    if (sameStats(before, after)) return after;
    before = after;
  }
}

/**
 * SHA-256 of a large file, read piece by piece, so that everything else has its turn in between. `readers` get the
 * pieces, too: what is sent is read once. Null as soon as somebody writes the file: what was read is of no use then. `sureFrom` is when
 * (of the shared clock) a change of it will have another time than `stats`.
 */
export async function hashLarge(
  path: string,
  stats: Stats,
  readers: readonly StagedFile[],
  signal: AbortSignal,
  sureFrom = 0,
): Promise<LargeHash | null> {
  // what was read before that is read once more then
  const readAt = Date.now() + Math.max(0, sureFrom - milliseconds());
  const pieces = readHashed(path, signal, sureFrom);
  let length = 0;
  let looked = 0;
  try {
    for (;;) {
      const { done, value } = await pieces.next();
      if (done) {
        const isWhole = length === stats.size && sameStats(stats, lstatSync(path));
        return isWhole ? { hash: value, stats, readAt } : null;
      }
      let holders = readers.length;
      const release = (): void => {
        holders -= 1;
        if (holders <= 0) value.release();
      };
      if (holders === 0) release();
      for (const reader of readers) {
        const room = reader.write(value.bytes, release);
        if (room !== undefined) await room;
      }
      length += value.bytes.length;
      if (length > stats.size) return null;
      if (length - looked < LOOK_EVERY) continue;
      looked = length;
      if (!sameStats(stats, lstatSync(path))) return null;
    }
  } finally {
    await pieces.return('');
  }
}
