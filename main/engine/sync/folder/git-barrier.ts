import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** A git operation that is writing files is waited for, but no longer than this. */
const MOST_MILLISECONDS = 5000;
const JUST_NOW_MILLISECONDS = 500;

/**
 * Tells whether git is in the middle of changing the folder: half a checkout is nothing to send. A lock that a killed git left behind
 * counts once, for five seconds.
 */
export class GitBarrier {
  readonly #folder: string | null;
  readonly #now: () => number;
  #seen: { readonly lock: string; readonly since: number } | null = null;

  constructor(root: string, now: () => number = Date.now) {
    this.#folder = gitFolder(root);
    this.#now = now;
  }

  /** The reason to wait, null when there is none. */
  check(): string | null {
    const lock = this.#folder === null ? null : this.#lock(this.#folder);
    if (lock === null) return null;
    const now = performance.now();
    if (this.#seen?.lock !== lock.identity) this.#seen = { lock: lock.identity, since: now };
    return now - this.#seen.since < MOST_MILLISECONDS ? lock.reason : null;
  }

  #lock(folder: string): { readonly identity: string; readonly reason: string } | null {
    const index = statSync(join(folder, 'index.lock'), { throwIfNoEntry: false });
    if (index !== undefined && this.#now() - index.mtimeMs < MOST_MILLISECONDS)
      return { identity: `${index.ino}:${index.birthtimeMs}`, reason: 'git is changing the folder' };
    for (const name of ['rebase-merge', 'rebase-apply']) {
      const stats = statSync(join(folder, name), { throwIfNoEntry: false });
      // It also stands there while somebody resolves a conflict; then files are to be sent.
      if (stats !== undefined && Math.abs(this.#now() - stats.mtimeMs) < JUST_NOW_MILLISECONDS)
        return { identity: `${stats.ino}:${stats.birthtimeMs}`, reason: 'git is rebasing the folder' };
    }
    return null;
  }
}

/** `.git` of the folder or of one above it; a work tree's is elsewhere. */
function gitFolder(root: string): string | null {
  for (let folder = root; ; folder = dirname(folder)) {
    const path = join(folder, '.git');
    try {
      const stats = statSync(path);
      if (stats.isDirectory()) return path;
      const link = /^gitdir: (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1];
      if (link !== undefined) return resolve(folder, link.trim());
    } catch {
      // Not here.
    }
    if (dirname(folder) === folder) return null;
  }
}
