import type { Stats } from 'node:fs';
import { GLANCE, hashLarge, settled, SETTLED } from './hash-large.ts';
import type { Pause } from './hash-large.ts';
import { warmLargeReader } from './large-reader.ts';
import { milliseconds } from './monotonic.ts';
import type { ImageTree } from './image-tree.ts';
import type { Touched } from './path-look.ts';
import type { StagedFile } from '../types.ts';
import type { LargeRead } from './types.ts';

interface LargeFilesDeps {
  /** The file has another content now. */
  readonly onChanged: (image: ImageTree, since: number) => void;
  /** It has to be looked at again in a moment. */
  readonly again: (path: string, since: number, milliseconds: number) => void;
  /** Those who want the bytes while they are read. */
  readonly readers: (read: LargeRead) => readonly StagedFile[];
  readonly signal: AbortSignal;
}

/** A file that is changed again and again while it is read is waited for a little longer each time. */
const MOST_PAUSE = 1000;

/** What happened to a file since it is waited for or read. */
interface Reading {
  /** From then on (of the shared clock) a touch tells of something that its times and the reading may not. */
  sureFrom: number;
  wasTouched: boolean;
}

/** Files that take long to hash are hashed beside everything else: other files are not kept waiting. */
export function createLargeFiles({ onChanged, again, readers, signal }: LargeFilesDeps): {
  hash(image: ImageTree, path: string, since: number): Promise<void>;
} {
  /** Those that are waited for or read, of each image. */
  const underway = new WeakMap<ImageTree, Map<string, Reading>>();
  const failures = new Map<string, number>();

  async function read(image: ImageTree, path: string, stats: Stats, sureFrom: number): Promise<Touched> {
    const places = image.placesOf(path);
    const taking = places.flatMap(place => [
      ...readers({ image: image.name, path: place, size: stats.size }),
    ]);
    let known: string | null = null;
    try {
      const found = await hashLarge(path, stats, taking, signal, sureFrom);
      if (found === null) return 'later';
      const touched = image.takeLarge(path, found);
      if (touched === 'changed') known = found.hash;
      return touched;
    } finally {
      for (const reader of taking) reader.end(known);
    }
  }

  /**
   * Most files are whole after a short pause already: they are read at once, and what was read counts when they were left alone for as
   * long as it takes to be sure. One that is still being written is waited for.
   */
  async function whenSettled(
    image: ImageTree,
    path: string,
    mine: Reading,
    pauses: readonly Pause[],
  ): Promise<Touched> {
    try {
      warmLargeReader();
      for (const pause of pauses) {
        // What happens until it is read will be read.
        mine.sureFrom = Infinity;
        mine.wasTouched = false;
        const stats = await settled(path, signal, pause);
        mine.sureFrom = milliseconds() + SETTLED.least - pause.least;
        const touched = await read(image, path, stats, mine.sureFrom);
        if (touched !== 'later') return touched;
      }
    } catch {
      // Gone meanwhile, or closing.
    }
    return 'later';
  }

  /** How long to wait before it is looked at again; null when there is no need to. */
  function pauseAfter(key: string, touched: Touched, isTouched: boolean): number | null {
    if (touched !== 'later') {
      failures.delete(key);
      return touched === 'structure' || isTouched ? 0 : null;
    }
    const count = (failures.get(key) ?? 0) + 1;
    failures.set(key, count);
    return Math.min(MOST_PAUSE, 10 * 2 ** count);
  }

  return {
    async hash(image, path, since) {
      const mine = underway.get(image) ?? new Map<string, Reading>();
      underway.set(image, mine);
      const before = mine.get(path);
      // Its times say it, too, but not on every file system.
      if (before !== undefined) {
        before.wasTouched ||= milliseconds() >= before.sureFrom;
        return;
      }
      const reading: Reading = { sureFrom: Infinity, wasTouched: false };
      mine.set(path, reading);
      const key = `${image.name}\0${path}`;
      const pauses = failures.has(key) ? [SETTLED] : [GLANCE, SETTLED];
      const touched = await whenSettled(image, path, reading, pauses);
      const isTouched = reading.wasTouched;
      mine.delete(path);
      if (touched === 'changed') onChanged(image, since);
      const pause = pauseAfter(key, touched, isTouched);
      if (pause !== null) again(path, since, pause);
    },
  };
}
