import type { StagedFile } from '../types.ts';
import type { ImageTree } from './image-tree.ts';
import type { FolderChange, LargeRead } from './types.ts';

/** Tells whoever listens which images have another tree now, and asks who wants the bytes of a large file. */
export class ChangeTeller {
  readonly #onChange = new Set<(change: FolderChange) => void>();
  readonly #onLarge = new Set<(read: LargeRead) => readonly StagedFile[]>();
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  onChange(callback: (change: FolderChange) => void): () => void {
    this.#onChange.add(callback);
    return () => void this.#onChange.delete(callback);
  }

  onLarge(callback: (read: LargeRead) => readonly StagedFile[]): () => void {
    this.#onLarge.add(callback);
    return () => void this.#onLarge.delete(callback);
  }

  changed(images: ReadonlySet<ImageTree>, since: number, bulk: boolean): void {
    if (images.size === 0) return;
    const paths = new Map<string, readonly string[]>();
    for (const image of images) paths.set(image.name, image.takeChanged() ?? []);
    this.#tell({ images: [...paths.keys()], since, bulk, paths });
  }

  gone(images: readonly string[], since: number, bulk: boolean): void {
    if (images.length > 0) this.#tell({ images, since, bulk, paths: new Map() });
  }

  readersOf(read: LargeRead): readonly StagedFile[] {
    return [...this.#onLarge].flatMap(callback => [...callback(read)]);
  }

  #tell(change: FolderChange): void {
    if (this.#signal.aborted) return;
    for (const callback of this.#onChange) callback(change);
  }
}
