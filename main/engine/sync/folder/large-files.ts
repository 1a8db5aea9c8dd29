import type { Stats } from 'node:fs';
import { hashLarge, settled } from './hash-large.ts';
import type { ImageTree, Touched } from './image-tree.ts';
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

/** Files that take long to hash are hashed beside everything else: other files are not kept waiting. */
export function createLargeFiles({ onChanged, again, readers, signal }: LargeFilesDeps): {
  hash(image: ImageTree, path: string, since: number): Promise<void>;
} {
  /** Whether each file of an image was touched while it was read. */
  const underway = new WeakMap<ImageTree, Map<string, boolean>>();
  const failures = new Map<string, number>();

  async function read(image: ImageTree, path: string, stats: Stats): Promise<Touched> {
    const places = image.placesOf(path);
    const taking = places.flatMap(place => [
      ...readers({ image: image.name, path: place, size: stats.size }),
    ]);
    let known: string | null = null;
    try {
      const found = await hashLarge(path, stats, taking, signal);
      if (found === null) return 'later';
      const touched = image.takeLarge(path, found);
      if (touched === 'changed') known = found.hash;
      return touched;
    } finally {
      for (const reader of taking) reader.end(known);
    }
  }

  async function whenSettled(image: ImageTree, path: string, mine: Map<string, boolean>): Promise<Touched> {
    try {
      const stats = await settled(path, signal);
      // What happened until now will be read.
      mine.set(path, false);
      return await read(image, path, stats);
    } catch {
      // Gone meanwhile, or closing.
      return 'later';
    }
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
      const mine = underway.get(image) ?? new Map<string, boolean>();
      underway.set(image, mine);
      // Its times say it, too, but not on every file system.
      if (mine.has(path)) {
        mine.set(path, true);
        return;
      }
      mine.set(path, false);
      const touched = await whenSettled(image, path, mine);
      const isTouched = mine.get(path) === true;
      mine.delete(path);
      if (touched === 'changed') onChanged(image, since);
      const pause = pauseAfter(`${image.name}\0${path}`, touched, isTouched);
      if (pause !== null) again(path, since, pause);
    },
  };
}
