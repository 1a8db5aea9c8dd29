import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { ContextEntry } from '../../content/index.ts';
import type { OutsideFile } from '../types.ts';
import { sameContext } from './same.ts';
import type { BuiltContext } from './types.ts';

/** Where the rules put a path: nowhere means that only a build brings its changes into a container. */
export interface Coverage {
  readonly covers: (path: string) => boolean;
}

/** Files that no rule covers and that are not what the image was built from, each with when it was saved. */
export class OutsideFiles {
  #built: BuiltContext | null = null;
  /** By path in the context; the entry is null for a file that is gone. */
  #found = new Map<string, { readonly entry: ContextEntry | null; readonly at: string }>();
  #text = '';
  #list: readonly OutsideFile[] | null = [];

  /** Says whether that is something else than before: everything has to be compared again then. */
  measureAgainst(built: BuiltContext | null): boolean {
    if (built === this.#built) return false;
    this.#built = built;
    return true;
  }

  /** All of the context. `dockerfile` is named when its text is not the one that was built. */
  compareAll(
    root: string,
    entries: ReadonlyMap<string, ContextEntry>,
    coverage: Coverage,
    dockerfile: { readonly path: string; readonly hash: string },
  ): void {
    const before = this.#found;
    this.#found = new Map();
    this.#list = null;
    const built = this.#built;
    if (built === null) return;
    const add = (path: string, entry: ContextEntry | null): void => {
      const known = before.get(path);
      const same =
        known !== undefined && (entry === null ? known.entry === null : isSame(known.entry, entry));
      this.#found.set(path, { entry, at: same ? known.at : savedAt(join(root, path)) });
    };
    for (const [path, entry] of entries)
      if (entry.type !== 'directory' && !coverage.covers(path) && !isSame(built.entries.get(path), entry))
        add(path, entry);
    for (const [path, entry] of built.entries)
      if (entry.type !== 'directory' && !entries.has(path) && !coverage.covers(path)) add(path, null);
    if (built.dockerfile !== dockerfile.hash) {
      this.#text = dockerfile.hash;
      const known = before.get(dockerfile.path);
      const entry = entries.get(dockerfile.path) ?? null;
      if (!this.#found.has(dockerfile.path))
        this.#found.set(dockerfile.path, { entry, at: known?.at ?? savedAt(join(root, dockerfile.path)) });
    } else this.#text = '';
  }

  /** One entry whose type is what it was; says whether the list became another. */
  compare(root: string, entry: ContextEntry, coverage: Coverage): boolean {
    const { path } = entry;
    if (this.#built === null || entry.type === 'directory' || coverage.covers(path)) return false;
    const known = this.#found.get(path);
    if (isSame(this.#built.entries.get(path), entry)) {
      if (!this.#found.delete(path)) return false;
    } else {
      if (known !== undefined && isSame(known.entry, entry)) return false;
      this.#found.set(path, { entry, at: savedAt(join(root, path)) });
    }
    this.#list = null;
    return true;
  }

  /** One path that is gone; says whether the list became another. */
  compareGone(path: string, coverage: Coverage): boolean {
    const before = this.#built?.entries.get(path);
    const known = this.#found.get(path);
    if (this.#built === null || (known === undefined && before === undefined)) return false;
    if (before === undefined || before.type === 'directory' || coverage.covers(path))
      this.#found.delete(path);
    else this.#found.set(path, { entry: null, at: new Date().toISOString() });
    this.#list = null;
    return true;
  }

  /** By path. */
  list(): readonly OutsideFile[] {
    this.#list ??= [...this.#found]
      .map(([file, { at }]) => ({ file, at }))
      .sort((a, b) => (a.file < b.file ? -1 : 1));
    return this.#list;
  }

  /** Another text for every other state of these files; empty where there are none. */
  fingerprint(): string {
    if (this.#found.size === 0) return '';
    const hash = createHash('sha256').update(this.#text);
    for (const { file } of this.list()) {
      const entry = this.#found.get(file)?.entry;
      hash.update(`\0${file}\0${entry ? `${entry.type} ${entry.mode} ${entry.content}` : ''}`);
    }
    return hash.digest('hex');
  }
}

const isSame = (one: ContextEntry | null | undefined, other: ContextEntry): boolean =>
  one === other || (one !== null && one !== undefined && sameContext(one, other));

/** When it was saved as far as the file system knows; for what is gone: now. */
function savedAt(path: string): string {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return (stats?.mtime ?? new Date()).toISOString();
}
