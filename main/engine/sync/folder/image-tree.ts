import { join } from 'node:path';
import type { ContentIndex, ContextEntry } from '../../content/index.ts';
import type { Problem } from '../../errors/index.ts';
import type { DesiredTree } from '../types.ts';
import { ContainerTree } from './container-tree.ts';
import { HalfWritten } from './half-written.ts';
import type { LargeHash } from './hash-large.ts';
import { HashedFiles } from './hashed-files.ts';
import { IgnoredNames } from './ignored-names.ts';
import { listContextTolerantly } from './list-context-tolerantly.ts';
import { localChange } from './local-change.ts';
import { failureOf } from './look-failure.ts';
import { narrowIndex } from './narrow-index.ts';
import { awaitedBut, withoutPaths } from './narrow-look.ts';
import { PathLook } from './path-look.ts';
import type { Touched } from './path-look.ts';
import { reachableDirectories } from './reachable-directories.ts';
import { readIgnoreText } from './read-ignore-text.ts';
import type { ImageSource } from './read-images.ts';
import { sameContext } from './same.ts';
import { differs, sameSet, sameShape } from './tree-changes.ts';
import type { BuiltContext } from './types.ts';

/** What listing found. */
export interface Look {
  readonly changed: boolean;
  /** Absolute paths that are half-written and should be looked at again. */
  readonly again: readonly string[];
  /** Absolute paths that are new in the context. */
  readonly added: readonly string[];
  /** Absolute paths of the directories that came and went; null where all have to be gone through. */
  readonly directories: { readonly added: readonly string[]; readonly removed: readonly string[] } | null;
}

const MOST_NARROW = 50;

/** The files of one image as the folder has them: listed whole when names change, path by path when only content does. */
export class ImageTree {
  readonly name: string;
  source: ImageSource;
  /** Absolute, links resolved; as given until the folder was found. */
  root: string;
  /** Why the last look failed; the tree is that of before. */
  failure: Problem | null = null;
  readonly #index: ContentIndex;
  readonly #tree: ContainerTree;
  readonly #paths: PathLook;
  #entries = new Map<string, ContextEntry>();
  /** With which the last look was made. */
  #lookedAt: ImageSource | null = null;
  #listProblems: readonly Problem[] = [];
  #leftOut: readonly string[] = [];
  readonly #ignored = new IgnoredNames();
  readonly #hashed: HashedFiles;
  #ignoreText: string | null = null;
  /** Large files that are there, but of which no listing has seen a whole state yet: neither sent nor taken away. Relative. */
  #awaited: ReadonlySet<string> = new Set();
  readonly #halfWritten = new HalfWritten();

  constructor(source: ImageSource, index: ContentIndex) {
    this.name = source.name;
    this.source = source;
    this.root = source.context;
    this.#index = index;
    this.#hashed = new HashedFiles(index);
    this.#tree = new ContainerTree(source.name, () => ({
      source: this.source,
      root: this.root,
      entries: this.#entries,
      leftOut: this.#leftOut,
      awaited: this.#awaited,
      problems: [
        ...(this.failure === null ? [] : [this.failure]),
        ...this.source.problems,
        ...this.#listProblems,
      ],
    }));
    this.#paths = new PathLook({
      index,
      tree: this.#tree,
      hashed: this.#hashed,
      halfWritten: this.#halfWritten,
      ignored: this.#ignored,
      entries: () => this.#entries,
      hasFailed: () => this.failure !== null,
    });
  }

  get desired(): DesiredTree | null {
    return this.#tree.desired;
  }

  /** Paths in the container that changed since they were last taken; null where more than those may differ. */
  takeChanged(): readonly string[] | null {
    const { changed, widely } = this.#tree;
    const taken = widely ? null : [...changed];
    changed.clear();
    this.#tree.widely = false;
    return taken;
  }

  /** What `outside` is measured against; says whether that made another list of it. */
  measureAgainst(built: BuiltContext | null): boolean {
    return this.#tree.measureAgainst(built);
  }

  /** Gives the tree its new reference; says whether it was another. */
  refer(reference: string): boolean {
    return this.#tree.refer(reference);
  }

  /** Path relative to the context; null for one outside it, empty for the context itself. */
  relative(path: string): string | null {
    if (path === this.root) return '';
    return path.startsWith(`${this.root}/`) ? path.slice(this.root.length + 1) : null;
  }

  /** Files whose change concerns more than their own bytes. */
  isControl(relative: string): boolean {
    return (
      relative === '.dockerignore' ||
      relative === this.source.dockerfile ||
      relative === `${this.source.dockerfile}.dockerignore`
    );
  }

  /** Lists everything anew, or only some paths (absolute) where that is enough. */
  async look(signal: AbortSignal, paths: readonly string[] | null = null): Promise<Look> {
    try {
      return await this.#list(signal, paths);
    } catch (error) {
      if (signal.aborted) throw error;
      const before = this.failure;
      this.failure = failureOf(error);
      const changed = before?.message !== this.failure.message && this.#tree.isMade;
      if (changed) this.#tree.publish();
      return { changed, again: [], added: [], directories: null };
    }
  }

  async #list(signal: AbortSignal, paths: readonly string[] | null): Promise<Look> {
    const { source } = this;
    const ignoreText = await readIgnoreText(source.context, source.dockerfile, this.#ignoreText, signal);
    const some = paths === null || ignoreText !== this.#ignoreText ? null : this.#narrow(paths);
    const { index, root } = { index: this.#index, root: this.root };
    const { listing, leftOut, problems } = await listContextTolerantly({
      root: source.context,
      dockerfile: source.dockerfile,
      exclude: source.exclude,
      index: some === null ? index : narrowIndex(index, root, some),
      signal,
    });
    if (some !== null && (leftOut.length > 0 || listing.root !== root)) return this.look(signal);
    const awaited = awaitedBut(this.#awaited, some);
    const local =
      some === null || awaited.size < this.#awaited.size ? null : this.#lookLocally(some, listing.entries);
    if (local !== null) return local;
    this.root = listing.root;
    if (ignoreText !== this.#ignoreText) this.#ignored.clear();
    this.#ignoreText = ignoreText;
    const again: string[] = [];
    const added: string[] = [];
    const entries = some === null ? new Map<string, ContextEntry>() : withoutPaths(this.#entries, some);
    for (const entry of listing.entries) {
      const before = this.#entries.get(entry.path);
      const half = this.#isHalf(entry);
      if (half) again.push(join(listing.root, entry.path));
      if (!half) entries.set(entry.path, entry);
      else if (before !== undefined) entries.set(entry.path, before);
      else awaited.add(entry.path);
      if (!half && before === undefined) added.push(join(listing.root, entry.path));
    }
    for (const [path, entry] of this.#entries)
      if (!entries.has(path) && leftOut.some(each => path === each || path.startsWith(`${each}/`)))
        entries.set(path, entry);
    const changed = this.#take(entries, awaited, leftOut, problems);
    return { changed, again, added, directories: null };
  }

  /** Takes what was listed for what is there; says whether the tree is another one by it. */
  #take(
    entries: Map<string, ContextEntry>,
    awaited: ReadonlySet<string>,
    leftOut: readonly string[],
    problems: readonly Problem[],
  ): boolean {
    const { source } = this;
    const tree = this.#tree;
    const known = this.#entries;
    const sameNames = tree.isMade && sameSet(awaited, this.#awaited) && sameShape(known, entries);
    const sameSource = sameNames && this.#lookedAt === source;
    const sameTree = sameSource && leftOut.join('\0') === this.#leftOut.join('\0');
    if (!sameSource || differs(known, entries)) tree.noteChange();
    this.#entries = entries;
    this.#leftOut = leftOut;
    this.#awaited = awaited;
    this.#listProblems = problems;
    // should that throw, the next look reads them again
    this.#lookedAt = null;
    if (source.text !== null && !sameSource) tree.resolveRules(source.text);
    this.#lookedAt = source;
    const hadFailed = this.failure !== null;
    this.failure = null;
    // Without rules ever read nothing is known of the image, which is not the same as wanting nothing in it.
    if (source.text === null && !tree.isMade) {
      this.failure = source.problems[0] ?? null;
      return false;
    }
    if (!sameTree) return tree.remake() || hadFailed;
    let changed = hadFailed;
    for (const [path, entry] of entries) {
      const before = known.get(path);
      if (before !== entry && before !== undefined && !sameContext(before, entry))
        changed = tree.apply(entry) || changed;
    }
    if (changed) tree.publish();
    return changed;
  }

  /** Whether what was listed of a file may be nothing that was meant to be there. */
  #isHalf(entry: ContextEntry): boolean {
    const before = this.#entries.get(entry.path);
    return (
      entry.type === 'file' &&
      (this.#halfWritten.has(entry.path, entry.size, before) ||
        this.#hashed.isDoubtful(this.root, entry, before))
    );
  }

  /** Looks at one path; `kind` of event decides nothing, the file system does. */
  touch(path: string): Touched {
    const relative = this.relative(path);
    if (relative === null) return 'same';
    if (relative === '' || this.isControl(relative) || relative.includes('\uFFFD')) return 'structure';
    return this.#paths.touch(relative, path);
  }

  /** As `touch`, for a file that was too large to be read at once and was hashed meanwhile. */
  takeLarge(path: string, large: LargeHash): Touched {
    const relative = this.relative(path);
    return relative === null ? 'same' : this.#paths.takeLarge(relative, path, large);
  }

  /** Where a file lies in the container. */
  placesOf(path: string): readonly string[] {
    const relative = this.relative(path);
    return relative === null ? [] : this.#tree.placesOf(relative);
  }

  /** Notes that a path is there and does not belong to the context, so that the next event of it costs nothing. */
  noteIgnored(path: string): void {
    const relative = this.relative(path);
    if (relative === null || relative === '' || this.#entries.has(relative) || this.failure !== null) return;
    this.#ignored.note(relative, path, this.#ignoreText, this.source.exclude);
  }

  /** Absolute paths of all directories whose events matter. */
  directories(): readonly string[] {
    const found = [this.root];
    for (const entry of this.#entries.values())
      if (entry.type === 'directory') found.push(join(this.root, entry.path));
    return [
      ...found,
      ...reachableDirectories(this.#index, this.#ignoreText, this.root, found, this.source.exclude),
    ];
  }

  /** Takes what was listed of some paths into the tree without making it anew; null where that can't be done. */
  #lookLocally(paths: readonly string[], listed: readonly ContextEntry[]): Look | null {
    const tree = this.#tree;
    if (!tree.isPlain) return null;
    const change = localChange(this.#entries, paths, listed);
    const { removed, added, changed } = change;
    if ([...removed, ...added].some(({ path }) => tree.rules.reaches(path))) return null;
    if (changed.some(({ type }) => type === 'symlink')) return null;
    const isDoubtful = (entry: ContextEntry): boolean =>
      this.#hashed.isDoubtful(this.root, entry, this.#entries.get(entry.path));
    if ([...added, ...changed].some(isDoubtful)) return null;
    for (const { path, ...entry } of changed)
      if (entry.type === 'file' && this.#halfWritten.has(path, entry.size, this.#entries.get(path)))
        return null;
    const applied = tree.applyLocally(change);
    if (applied === null) return null;
    const absolute = (entries: readonly ContextEntry[]) => entries.map(({ path }) => join(this.root, path));
    const folders = (entries: readonly ContextEntry[]) =>
      absolute(entries.filter(({ type }) => type === 'directory'));
    return {
      changed: applied.changed,
      again: [],
      added: absolute(added),
      // what a line with `!` selects may lie in folders that are not listed here
      directories:
        this.#ignoreText?.includes('!') === true
          ? null
          : { added: folders(added), removed: folders(removed) },
    };
  }

  /** Paths relative to the context where listing these is enough; null where everything has to be listed. */
  #narrow(paths: readonly string[]): readonly string[] | null {
    if (!this.#tree.isMade || this.failure !== null || this.#leftOut.length > 0) return null;
    if (paths.length > MOST_NARROW || this.#lookedAt !== this.source) return null;
    const reincludes = this.#ignoreText?.includes('!') === true;
    const found: string[] = [];
    for (const path of paths) {
      const relative = this.relative(path);
      if (relative === null || relative === '' || this.isControl(relative)) return null;
      if (relative.includes('\uFFFD')) return null;
      // What was there because of this one, being on the way to it, may go with it.
      if (reincludes && this.#entries.has(relative)) return null;
      found.push(relative);
    }
    return found;
  }
}
