import { lstatSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { basename, join } from 'node:path';

/** Opens a watch on one directory; `fs.watch`, but for tests. */
export type OpenWatch = (
  directory: string,
  options: { readonly recursive: boolean },
  onEvent: (type: string, name: string | null) => void,
  onError: (error: Error) => void,
) => { close(): void };

/** What the watches tell. */
export interface WatchEvents {
  /** Something happened to this path. */
  onPath(path: string): void;
  /** What is watched under this path may be another directory by now. */
  onMoved(directory: string): void;
  /** Events of this directory were lost. */
  onLost(directory: string): void;
}

interface Watched {
  readonly watcher: { close(): void } | null;
  readonly identity: string;
}

/**
 * One inotify watch for each directory (design §8), or one recursive watch where the system has those (macOS, Windows). A directory that
 * can't be watched is kept in `unwatched`.
 */
export class DirectoryWatches {
  readonly #events: WatchEvents;
  readonly #open: OpenWatch;
  readonly #recursive: boolean;
  readonly #watched = new Map<string, Watched>();
  /** Directory and the code of the failure. */
  readonly unwatched = new Map<string, string>();

  constructor(events: WatchEvents, open: OpenWatch = openWatch, platform = process.platform) {
    this.#events = events;
    this.#open = open;
    this.#recursive = platform === 'darwin' || platform === 'win32';
  }

  get size(): number {
    return this.#watched.size;
  }

  /** Watches these directories and no others; gives those whose watch is new: they have to be listed again. */
  keep(directories: ReadonlySet<string>, root: string): readonly string[] {
    const wanted = this.#recursive ? new Set([root]) : directories;
    for (const [directory, { watcher }] of this.#watched) {
      if (wanted.has(directory)) continue;
      this.#watched.delete(directory);
      watcher?.close();
    }
    for (const directory of this.unwatched.keys())
      if (!wanted.has(directory)) this.unwatched.delete(directory);
    const fresh: string[] = [];
    for (const directory of wanted) {
      const identity = identityOf(directory);
      const known = this.#watched.get(directory);
      if (identity === null || known?.identity === identity) continue;
      if (this.unwatched.has(directory)) continue;
      if (this.#watch(directory, identity)) fresh.push(directory);
    }
    return fresh;
  }

  /** Watches these directories, too; gives those whose watch is new. */
  add(directories: readonly string[]): readonly string[] {
    if (this.#recursive) return [];
    return directories.filter(directory => {
      const identity = identityOf(directory);
      if (identity === null || this.#watched.get(directory)?.identity === identity) return false;
      return !this.unwatched.has(directory) && this.#watch(directory, identity);
    });
  }

  /** Forgets the watches of a directory and of all below it: they may belong to another one that was moved. */
  forget(directory: string): void {
    for (const [path, { watcher }] of this.#watched)
      if (path === directory || path.startsWith(`${directory}/`)) {
        this.#watched.delete(path);
        watcher?.close();
      }
  }

  /** Tries again to watch what could not be watched. */
  retry(): void {
    this.unwatched.clear();
  }

  close(): void {
    for (const { watcher } of this.#watched.values()) watcher?.close();
    this.#watched.clear();
    this.unwatched.clear();
  }

  #watch(directory: string, identity: string): boolean {
    const old = this.#watched.get(directory);
    try {
      const own = basename(directory);
      const watcher = this.#open(
        directory,
        { recursive: this.#recursive },
        (type, name) => {
          if (this.#watched.get(directory)?.watcher !== watcher) return;
          if (name === null) return this.#events.onLost(directory);
          const path = join(directory, name);
          this.#events.onPath(path);
          if (type !== 'rename') return;
          if (this.#watched.has(path)) this.#events.onMoved(path);
          // What happens to the directory itself is told under its own name.
          if (name === own) this.#events.onMoved(directory);
        },
        () => {
          if (this.#watched.get(directory)?.watcher !== watcher) return;
          this.#watched.delete(directory);
          watcher.close();
          this.#events.onLost(directory);
        },
      );
      this.#watched.set(directory, { watcher, identity });
      old?.watcher?.close();
      return true;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      old?.watcher?.close();
      this.#watched.delete(directory);
      // A directory that is gone again is no matter: its parent tells.
      if (code !== 'ENOENT' && code !== 'ENOTDIR') this.unwatched.set(directory, code);
      return false;
    }
  }
}

const openWatch: OpenWatch = (directory, { recursive }, onEvent, onError) => {
  const watcher: FSWatcher = watch(directory, { recursive, persistent: false });
  watcher.on('change', (type, name) => onEvent(type, typeof name === 'string' ? name : null));
  watcher.on('error', onError);
  return watcher;
};

/** Inode numbers are given again at once, so the time of birth takes part. */
function identityOf(directory: string): string | null {
  try {
    const { dev, ino, birthtimeMs } = lstatSync(directory);
    return `${dev}:${ino}:${birthtimeMs}`;
  } catch {
    return null;
  }
}
