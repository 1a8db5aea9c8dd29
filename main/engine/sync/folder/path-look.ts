import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { ContentIndex, ContextEntry } from '../../content/index.ts';
import type { ContainerTree } from './container-tree.ts';
import type { HalfWritten } from './half-written.ts';
import { LARGE } from './hash-large.ts';
import type { LargeHash } from './hash-large.ts';
import { listedFile } from './hashed-files.ts';
import type { HashedFiles } from './hashed-files.ts';
import type { IgnoredNames } from './ignored-names.ts';
import { kindOf } from './kind-of.ts';
import { sameContext, sameStats } from './same.ts';
import { SHA256 } from './sha256.ts';

/**
 * What looking at one path found: `structure` wants the whole context listed, `later` is half-written, `large` is to be hashed in
 * pieces.
 */
export type Touched = 'same' | 'changed' | 'structure' | 'later' | 'large';

interface PathLookDeps {
  readonly index: ContentIndex;
  readonly tree: ContainerTree;
  readonly hashed: HashedFiles;
  readonly halfWritten: HalfWritten;
  readonly ignored: IgnoredNames;
  /** Of the context, as they were listed last. */
  readonly entries: () => ReadonlyMap<string, ContextEntry>;
  /** Whether the last listing failed. */
  readonly hasFailed: () => boolean;
}

const PERMISSIONS = 0o7777;

/** Looks at one path of a context: enough where only content or mode changed. Paths are relative to the context and absolute. */
export class PathLook {
  readonly #deps: PathLookDeps;

  constructor(deps: PathLookDeps) {
    this.#deps = deps;
  }

  /** Looks at one path; `kind` of event decides nothing, the file system does. */
  touch(relative: string, path: string): Touched {
    const { tree, entries, ignored, hashed, halfWritten, hasFailed } = this.#deps;
    if (!tree.isMade) return hasFailed() ? 'structure' : 'same';
    const known = entries().get(relative);
    let stats: Stats;
    try {
      stats = lstatSync(path);
    } catch {
      return known === undefined ? 'same' : 'structure';
    }
    const kind = kindOf(stats);
    if (known === undefined) {
      if (ignored.has(relative, kind)) return 'same';
      return kind === 'file' && stats.size > LARGE && !hashed.isRead(relative, path) ? 'large' : 'structure';
    }
    if (known.type !== kind || kind === 'symlink') return 'structure';
    if (kind === 'directory') {
      const mode = stats.mode & PERMISSIONS;
      return mode === known.mode ? 'same' : this.#put({ ...known, mode });
    }
    if (halfWritten.has(relative, stats.size, known)) return 'later';
    return this.#read(path, known, stats);
  }

  /** As `touch`, for a file that was too large to be read at once and was hashed meanwhile. */
  takeLarge(relative: string, path: string, large: LargeHash): Touched {
    const { entries, hashed } = this.#deps;
    const known = entries().get(relative);
    const { hash, stats } = large;
    hashed.take(relative, path, large);
    if (known?.type !== 'file' || !stats.isFile()) return 'structure';
    const entry = { ...known, mode: stats.mode & PERMISSIONS, size: stats.size, content: hash };
    return sameContext(known, entry) ? 'same' : this.#put(entry);
  }

  #read(path: string, known: ContextEntry, stats: Stats): Touched {
    const { index } = this.#deps;
    try {
      const listed = listedFile(index, path);
      if (listed === undefined || listed.kind !== 'file') return 'structure';
      const content = index.readNow(listed, path, SHA256, false);
      if (content === null) return 'large';
      const after = lstatSync(path);
      if (!sameStats(stats, after)) return 'later';
      const entry = { ...known, mode: after.mode & PERMISSIONS, size: after.size, content };
      return sameContext(known, entry) ? 'same' : this.#put(entry);
    } catch {
      // Gone or unreadable by now: the listing can say which.
      return 'structure';
    }
  }

  #put(entry: ContextEntry): Touched {
    const { tree } = this.#deps;
    if (!tree.isMade) return 'structure';
    if (!tree.apply(entry)) return 'same';
    tree.publish();
    return 'changed';
  }
}
