import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import type { ContentIndex, ContextEntry } from '../../content/index.ts';
import { containerPath, resolveCopyRules } from '../../dockerfile/index.ts';
import type { CopyRule } from '../../dockerfile/index.ts';
import { toPtahError } from '../../errors/index.ts';
import type { Problem } from '../../errors/index.ts';
import type { DesiredTree, SyncRule } from '../types.ts';
import { copyTree, placeOf, placedEntry } from './copied-tree.ts';
import type { CopiedTree } from './copied-tree.ts';
import { FormerRules } from './former-rules.ts';
import { HalfWritten } from './half-written.ts';
import { LARGE } from './hash-large.ts';
import type { LargeHash } from './hash-large.ts';
import { HashedFiles, listedFile } from './hashed-files.ts';
import { IgnoredNames } from './ignored-names.ts';
import { kindOf } from './kind-of.ts';
import { listContextTolerantly } from './list-context-tolerantly.ts';
import { narrowIndex } from './narrow-index.ts';
import { carryOut, localChange, stepsOf } from './local-change.ts';
import { readIgnoreText } from './read-ignore-text.ts';
import type { ImageSource } from './read-images.ts';
import { OriginPaths } from './origin-paths.ts';
import { OutsideFiles } from './outside-files.ts';
import { reachableDirectories } from './reachable-directories.ts';
import { sameContext, sameStats } from './same.ts';
import { SHA256 } from './sha256.ts';
import { sourceReach } from './source-reach.ts';
import { differs, noteChanges, sameInformation, sameSet, sameShape } from './tree-changes.ts';
import type { BuiltContext } from './types.ts';

/**
 * What looking at one path found: `structure` wants the whole context listed, `later` is half-written, `large` is to be hashed in
 * pieces.
 */
export type Touched = 'same' | 'changed' | 'structure' | 'later' | 'large';

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

const PERMISSIONS = 0o7777;
const MOST_NARROW = 50;

/** The files of one image as the folder has them: listed whole when names change, path by path when only content does. */
export class ImageTree {
  readonly name: string;
  source: ImageSource;
  /** Absolute, links resolved; as given until the folder was found. */
  root: string;
  desired: DesiredTree | null = null;
  /** Why the last look failed; the tree is that of before. */
  failure: Problem | null = null;
  /** Paths in the container that changed since they were last taken. */
  readonly changed = new Set<string>();
  reference = '';
  /** More than the paths in `changed` may differ. */
  widely = false;
  /** Grows with every change that a build would see. */
  #changes = 0;
  readonly #outside = new OutsideFiles();
  /** The tree has to be made anew although no name changed. */
  #stale = false;
  readonly #index: ContentIndex;
  #entries = new Map<string, ContextEntry>();
  #made: CopiedTree | null = null;
  #rules: readonly CopyRule[] = [];
  readonly #former = new FormerRules();
  #built: BuiltContext | null = null;
  #reaches: (path: string) => boolean = () => true;
  #ruleProblems: readonly Problem[] = [];
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
  }

  /** What `outside` is measured against; says whether that made another list of it. */
  measureAgainst(built: BuiltContext | null): boolean {
    this.#built = built;
    if (!this.#outside.measureAgainst(built) || this.#made === null) return false;
    const before = this.#outside.fingerprint();
    const former = this.#former.list();
    this.#noteBuiltRules();
    this.#compareAll(this.#made);
    if (this.#outside.fingerprint() === before && this.#former.list() === former) return false;
    this.#publish(this.#made);
    return true;
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
    const { source } = this;
    try {
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
      if (some !== null && (leftOut.length > 0 || listing.root !== root)) return await this.look(signal);
      const awaited = this.#awaitedBut(some);
      const local =
        some === null || awaited.size < this.#awaited.size ? null : this.#lookLocally(some, listing.entries);
      if (local !== null) return local;
      this.root = listing.root;
      if (ignoreText !== this.#ignoreText) this.#ignored.clear();
      this.#ignoreText = ignoreText;
      const again: string[] = [];
      const added: string[] = [];
      const entries = some === null ? new Map<string, ContextEntry>() : this.#without(some);
      for (const entry of listing.entries) {
        const before = this.#entries.get(entry.path);
        const half =
          entry.type === 'file' &&
          (this.#halfWritten.has(entry.path, entry.size, before) ||
            this.#hashed.isDoubtful(listing.root, entry, before));
        if (half) again.push(join(listing.root, entry.path));
        if (!half) entries.set(entry.path, entry);
        else if (before !== undefined) entries.set(entry.path, before);
        else awaited.add(entry.path);
        if (!half && before === undefined) added.push(join(listing.root, entry.path));
      }
      for (const [path, entry] of this.#entries)
        if (!entries.has(path) && leftOut.some(each => path === each || path.startsWith(`${each}/`)))
          entries.set(path, entry);
      const sameAwaited = sameSet(awaited, this.#awaited);
      const sameNames = this.#made !== null && sameAwaited && sameShape(this.#entries, entries);
      const sameSource = sameNames && this.#lookedAt === source;
      if (!sameSource || differs(this.#entries, entries)) this.#changes += 1;
      const known = this.#entries;
      this.#entries = entries;
      if (source.text !== null && !sameSource) {
        const {
          rules,
          problems: found,
          sources,
          patternLines,
        } = resolveCopyRules(source.text, {
          ...source.settings,
          bases: source.bases,
          // what is awaited has its name already: a pattern selects it
          entries: [...entries.values(), ...[...awaited].map(nameOnly)],
        });
        this.#rules = rules;
        this.#ruleProblems = found;
        this.#reaches = sourceReach(sources);
        this.#former.now(source.textHash, rules, patternLines);
        this.#noteBuiltRules();
      }
      this.#lookedAt = source;
      const hadFailed = this.failure !== null;
      this.failure = null;
      const sameTree = sameSource && !this.#stale && leftOut.join('\0') === this.#leftOut.join('\0');
      this.#leftOut = leftOut;
      this.#awaited = awaited;
      this.#listProblems = problems;
      // Without rules ever read nothing is known of the image, which is not the same as wanting nothing in it.
      if (source.text === null && this.#made === null) {
        this.failure = source.problems[0] ?? null;
        return { changed: false, again, added, directories: null };
      }
      if (!sameTree) return { changed: this.#remake() || hadFailed, again, added, directories: null };
      let changed = hadFailed;
      for (const [path, entry] of entries) {
        const before = known.get(path);
        if (before !== entry && before !== undefined && !sameContext(before, entry))
          changed = this.#apply(entry) || changed;
      }
      if (changed && this.#made !== null) this.#publish(this.#made);
      return { changed, again, added, directories: null };
    } catch (error) {
      if (signal.aborted) throw error;
      const { code, message, hint, details } = toPtahError(error, 'unreadable');
      const before = this.failure;
      this.failure = {
        code,
        severity: 'error',
        message,
        ...(hint === undefined ? {} : { hint }),
        ...(details.file === undefined ? {} : { file: details.file }),
      };
      if (before?.message === this.failure.message || this.#made === null)
        return { changed: false, again: [], added: [], directories: null };
      this.#publish(this.#made);
      return { changed: true, again: [], added: [], directories: null };
    }
  }

  #lookedAt: ImageSource | null = null;

  /** Looks at one path; `kind` of event decides nothing, the file system does. */
  touch(path: string): Touched {
    const relative = this.relative(path);
    if (relative === null) return 'same';
    if (relative === '' || this.isControl(relative) || relative.includes('\uFFFD')) return 'structure';
    if (this.#made === null) return this.failure === null ? 'same' : 'structure';
    const known = this.#entries.get(relative);
    let stats: Stats;
    try {
      stats = lstatSync(path);
    } catch {
      return known === undefined ? 'same' : 'structure';
    }
    const kind = kindOf(stats);
    if (known === undefined) {
      if (this.#ignored.has(relative, kind)) return 'same';
      return kind === 'file' && stats.size > LARGE && !this.#hashed.isRead(relative, path)
        ? 'large'
        : 'structure';
    }
    if (known.type !== kind || kind === 'symlink') return 'structure';
    if (kind === 'directory') {
      const mode = stats.mode & PERMISSIONS;
      return mode === known.mode ? 'same' : this.#put({ ...known, mode });
    }
    if (this.#halfWritten.has(relative, stats.size, known)) return 'later';
    return this.#read(relative, path, known, stats);
  }

  /** As `touch`, for a file that was too large to be read at once and was hashed meanwhile. */
  takeLarge(path: string, large: LargeHash): Touched {
    const relative = this.relative(path);
    if (relative === null) return 'same';
    const known = this.#entries.get(relative);
    const { hash, stats } = large;
    this.#hashed.take(relative, path, large);
    if (known?.type !== 'file' || !stats.isFile()) return 'structure';
    const entry = { ...known, mode: stats.mode & PERMISSIONS, size: stats.size, content: hash };
    return sameContext(known, entry) ? 'same' : this.#put(entry);
  }

  /** Where a file lies in the container. */
  placesOf(path: string): readonly string[] {
    const relative = this.relative(path);
    const made = this.#made;
    if (relative === null || made === null) return [];
    const places = made.placed.flatMap(placed => {
      if (placed.rule.kind === 'file' && placed.source !== relative) return [];
      const target = placeOf(placed, relative);
      return target !== null && made.origins.get(target) === relative ? [target] : [];
    });
    return [...new Set(places)];
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

  /** Gives the tree its new reference; says whether it was another. */
  refer(reference: string): boolean {
    if (reference === this.reference) return false;
    this.reference = reference;
    if (this.#made !== null) this.#publish(this.#made);
    return this.#made !== null;
  }

  /** Takes what was listed of some paths into the tree without making it anew; null where that can't be done. */
  #lookLocally(paths: readonly string[], listed: readonly ContextEntry[]): Look | null {
    const made = this.#made;
    if (made === null || made.placed.length !== this.#rules.length) return null;
    // a source that is a link: what it means may have changed with any name
    if (made.placed.some(({ source }, index) => source !== this.#rules[index]?.source)) return null;
    const change = localChange(this.#entries, paths, listed);
    const { removed, added, changed } = change;
    if ([...removed, ...added].some(({ path }) => this.#reaches(path))) return null;
    if (changed.some(({ type }) => type === 'symlink')) return null;
    const isDoubtful = (entry: ContextEntry): boolean =>
      this.#hashed.isDoubtful(this.root, entry, this.#entries.get(entry.path));
    if ([...added, ...changed].some(isDoubtful)) return null;
    for (const { path, ...entry } of changed)
      if (entry.type === 'file' && this.#halfWritten.has(path, entry.size, this.#entries.get(path)))
        return null;
    const steps = stepsOf(change, made, this.#entries);
    if (steps === null) return null;
    const covers = { covers: (path: string) => this.#covers(path, made) };
    const places = carryOut(steps, made);
    for (const path of places) this.changed.add(path);
    let any = places.length > 0;
    for (const { path } of removed) this.#entries.delete(path);
    for (const { path } of removed) any = this.#outside.compareGone(path, covers) || any;
    for (const entry of added) {
      this.#entries.set(entry.path, entry);
      any = this.#outside.compare(this.root, entry, covers) || any;
    }
    for (const entry of changed) {
      const before = this.#entries.get(entry.path);
      if (before !== undefined && !sameContext(before, entry)) any = this.#apply(entry) || any;
    }
    if (removed.length + added.length > 0) this.#changes += 1;
    if (any) this.#publish(made);
    const absolute = (entries: readonly ContextEntry[]) => entries.map(({ path }) => join(this.root, path));
    const folders = (entries: readonly ContextEntry[]) =>
      absolute(entries.filter(({ type }) => type === 'directory'));
    return {
      changed: any,
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
    if (this.#made === null || this.failure !== null || this.#stale || this.#leftOut.length > 0) return null;
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

  /** What is awaited but for some paths and what is below them; nothing where all are listed. */
  #awaitedBut(paths: readonly string[] | null): Set<string> {
    if (paths === null) return new Set();
    const listed = (each: string): boolean =>
      paths.some(path => each === path || each.startsWith(`${path}/`));
    return new Set([...this.#awaited].filter(each => !listed(each)));
  }

  /** The entries but for some paths and what is below them. */
  #without(paths: readonly string[]): Map<string, ContextEntry> {
    const entries = new Map(this.#entries);
    for (const path of paths) {
      const before = entries.get(path);
      entries.delete(path);
      if (before?.type !== 'directory') continue;
      for (const each of entries.keys()) if (each.startsWith(`${path}/`)) entries.delete(each);
    }
    return entries;
  }

  #read(relative: string, path: string, known: ContextEntry, stats: Stats): Touched {
    try {
      const listed = listedFile(this.#index, path);
      if (listed === undefined || listed.kind !== 'file') return 'structure';
      const content = this.#index.readNow(listed, path, SHA256, false);
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
    if (this.#made === null) return 'structure';
    if (!this.#apply(entry)) return 'same';
    this.#publish(this.#made);
    return 'changed';
  }

  /** Puts an entry of unchanged type into the tree; says whether that matters. */
  #apply(entry: ContextEntry): boolean {
    const made = this.#made;
    if (made === null) return false;
    this.#entries.set(entry.path, entry);
    this.#changes += 1;
    let any = this.#outside.compare(this.root, entry, { covers: path => this.#covers(path, made) });
    for (const placed of made.placed) {
      if (placed.rule.kind === 'file' && placed.source !== entry.path) continue;
      const target = placeOf(placed, entry.path);
      if (target === null || made.origins.get(target) !== entry.path) continue;
      // Of several rules that put this very file here the last one counts.
      made.tree.set(target, placedEntry(placed, entry));
      this.changed.add(target);
      any = true;
    }
    return any;
  }

  #remake(): boolean {
    this.#stale = false;
    const before = this.#made;
    const published = this.desired;
    const made = copyTree(this.#entries, this.#rules);
    for (const path of this.#leftOut)
      for (const placed of made.placed) {
        const target = placeOf(placed, path);
        if (target !== null) made.held.add(target.toWellFormed());
      }
    // a rule for just this file has no place as long as nothing is known of it
    for (const path of this.#awaited)
      for (const rule of this.#rules) {
        const target = containerPath([rule], path);
        if (target !== null) made.held.add(target);
      }
    this.#made = made;
    this.#compareAll(made);
    noteChanges(before?.tree, made.tree, this.changed);
    // what was held and is not any more may differ although the folder's own tree is what it was
    if (before !== null && !sameSet(before.held, made.held)) this.widely = true;
    this.#publish(made);
    const { desired } = this;
    return (
      this.changed.size > 0 ||
      this.widely ||
      published === null ||
      desired === null ||
      !sameInformation(published, desired)
    );
  }

  #covers(path: string, made: CopiedTree): boolean {
    return (
      made.covered.has(path) ||
      made.placed.some(placed => placeOf(placed, path) !== null) ||
      this.#former.list().some(rule => containerPath([rule], path) !== null)
    );
  }

  #noteBuiltRules(): void {
    if (this.#built !== null) this.#former.built(this.#built.dockerfile, this.#built.rules);
  }

  #compareAll(made: CopiedTree): void {
    const { dockerfile, textHash } = this.source;
    this.#outside.compareAll(
      this.root,
      this.#entries,
      { covers: path => this.#covers(path, made) },
      { path: dockerfile, hash: textHash },
    );
  }

  #publish(made: CopiedTree): void {
    const { source } = this;
    this.desired = {
      image: this.name,
      reference: this.reference,
      rules: this.#rules.map(shownRule),
      former: this.#former.list().map(shownRule),
      tree: made.tree,
      sources: new OriginPaths(this.root, made.origins),
      owners: made.owners,
      outside: this.#outside.list(),
      changes: this.#changes,
      held: made.held,
      problems: [
        ...(this.failure === null ? [] : [this.failure]),
        ...source.problems,
        ...this.#listProblems,
        ...[...this.#awaited].map(beingWritten),
        ...this.#ruleProblems.map(problem => ({ file: source.dockerfilePath, ...problem })),
        ...made.problems,
      ],
      revision: (this.desired?.revision ?? 0) + 1,
    };
  }
}

const shownRule = ({ source, target, kind, line, chown, chmod }: CopyRule): SyncRule => ({
  source,
  target,
  kind,
  line,
  chown,
  chmod,
});

const beingWritten = (file: string): Problem => ({
  code: 'being-written',
  severity: 'warning',
  message: 'It may still be being written, and is sent when it has been left alone for a moment.',
  file,
});

const nameOnly = (path: string): ContextEntry => ({ path, type: 'file', mode: 0, size: 0, content: '' });
