import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ContentIndex, ContextEntry } from '../../content/index.ts';
import { LARGE } from './hash-large.ts';
import type { LargeHash } from './hash-large.ts';
import { sameStats } from './same.ts';
import { SHA256 } from './sha256.ts';

const MOST = 1000;

/** What was read of the large files of a context: by a listing, or in pieces. Paths are those in the context, files absolute. */
export class HashedFiles {
  readonly #index: ContentIndex;
  /** As they were when they were hashed. */
  readonly #taken = new Map<string, { readonly stats: Stats; readonly hash: string }>();

  constructor(index: ContentIndex) {
    this.#index = index;
  }

  /** Notes what was hashed in pieces, so that a listing need not read it once more. */
  take(path: string, file: string, { hash, stats, readAt }: LargeHash): void {
    const listed = listedFile(this.#index, file);
    if (listed?.kind === 'file') this.#index.learn?.(listed, stats, readAt, SHA256, hash);
    if (this.#taken.size > MOST) this.#taken.clear();
    this.#taken.set(path, { stats, hash });
  }

  /**
   * Whether what a listing has read of a large file may be nothing that ever was in it, because somebody wrote it meanwhile. It counts when
   * the file is still what was read, as its times or the hash that was taken last say.
   */
  isDoubtful(
    root: string,
    { path, type, size, content }: ContextEntry,
    before: ContextEntry | undefined,
  ): boolean {
    if (type !== 'file' || size <= LARGE || before?.content === content) return false;
    const file = join(root, path);
    if (this.#taken.get(path)?.hash === content && this.#isTaken(path, file)) return false;
    try {
      const listed = listedFile(this.#index, file);
      return listed === undefined || this.#index.readNow(listed, file, SHA256, false) !== content;
    } catch {
      return true;
    }
  }

  /** Whether a listing would not have to read a file. */
  isRead(path: string, file: string): boolean {
    try {
      const listed = listedFile(this.#index, file);
      return (
        listed === undefined ||
        this.#isTaken(path, file) ||
        this.#index.readNow(listed, file, SHA256, false) !== null
      );
    } catch {
      return true;
    }
  }

  /** Whether a large file is the one that was hashed last: on some file systems its times alone can't tell an index. */
  #isTaken(path: string, file: string): boolean {
    const taken = this.#taken.get(path);
    return taken !== undefined && sameStats(taken.stats, lstatSync(file));
  }
}

/** A file (absolute) as a listing of its directory has it. */
export function listedFile(
  index: ContentIndex,
  file: string,
): ReturnType<ContentIndex['list']>[number] | undefined {
  const parent = dirname(file);
  const name = file.slice(parent.length + 1);
  return index.list(parent).find(entry => entry.name.text === name);
}
