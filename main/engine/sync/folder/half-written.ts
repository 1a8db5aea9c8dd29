import type { ContextEntry } from '../../content/index.ts';
import { HALF_WRITTEN_MILLISECONDS } from './read-images.ts';

/** Files that had content and are empty now: most likely somebody is about to write them. */
export class HalfWritten {
  readonly #since = new Map<string, number>();

  /** Whether a file of this size is to be looked at again in a moment. */
  has(path: string, size: number, before: ContextEntry | undefined): boolean {
    if (size > 0 || before?.type !== 'file' || before.size === 0) {
      this.#since.delete(path);
      return false;
    }
    const now = performance.now();
    const since = this.#since.get(path);
    if (since === undefined) this.#since.set(path, now);
    if (now - (since ?? now) < HALF_WRITTEN_MILLISECONDS) return true;
    this.#since.delete(path);
    return false;
  }
}
