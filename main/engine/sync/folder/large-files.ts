import type { ImageTree } from './image-tree.ts';

interface LargeFilesDeps {
  /** The file has another content now. */
  readonly onChanged: (image: ImageTree, since: number) => void;
  /** It has to be looked at again in a moment. */
  readonly again: (path: string, since: number, milliseconds: number) => void;
  readonly signal: AbortSignal;
}

/** Files that take long to hash are hashed beside everything else: other files are not kept waiting. */
export function createLargeFiles({ onChanged, again, signal }: LargeFilesDeps): {
  hash(image: ImageTree, path: string, since: number): Promise<void>;
} {
  const underway = new Set<string>();
  return {
    async hash(image, path, since) {
      const key = `${image.name}\0${path}`;
      // It is looked at again when the hash that is under way is there.
      if (underway.has(key)) return again(path, since, 50);
      underway.add(key);
      try {
        const touched = await image.touchLarge(path, signal);
        if (touched === 'changed') onChanged(image, since);
        else if (touched !== 'same') again(path, since, 25);
      } catch {
        // Gone meanwhile, or closing.
        again(path, since, 25);
      } finally {
        underway.delete(key);
      }
    },
  };
}
