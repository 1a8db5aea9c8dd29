import type { ContextEntry } from '../../content/index.ts';
import type { Problem } from '../../errors/index.ts';
import type { DesiredTree } from '../types.ts';
import { copyTree, placeOf, placedEntry } from './copied-tree.ts';
import type { CopiedTree } from './copied-tree.ts';
import { ImageRules, shownRule } from './image-rules.ts';
import { carryOut, stepsOf } from './local-change.ts';
import type { LocalChange } from './local-change.ts';
import { OriginPaths } from './origin-paths.ts';
import { OutsideFiles } from './outside-files.ts';
import type { ImageSource } from './read-images.ts';
import { sameContext } from './same.ts';
import { noteChanges, sameInformation, sameSet } from './tree-changes.ts';
import type { BuiltContext } from './types.ts';

/** What is known of a context just now. */
export interface Context {
  readonly source: ImageSource;
  /** Absolute, links resolved. */
  readonly root: string;
  readonly entries: Map<string, ContextEntry>;
  /** Relative paths of what could not be listed. */
  readonly leftOut: readonly string[];
  /** Large files that are there, but of which no listing has seen a whole state yet. Relative. */
  readonly awaited: ReadonlySet<string>;
  /** Of the last look. */
  readonly problems: readonly Problem[];
}

/** What the containers of one image shall hold: what its rules make of its context. */
export class ContainerTree {
  desired: DesiredTree | null = null;
  /** Paths in the container that changed since they were last taken. */
  readonly changed = new Set<string>();
  /** More than the paths in `changed` may differ. */
  widely = false;
  readonly rules = new ImageRules();
  readonly #name: string;
  readonly #context: () => Context;
  readonly #outside = new OutsideFiles();
  #reference = '';
  #built: BuiltContext | null = null;
  #made: CopiedTree | null = null;
  /** Grows with every change that a build would see. */
  #changes = 0;

  constructor(name: string, context: () => Context) {
    this.#name = name;
    this.#context = context;
  }

  get isMade(): boolean {
    return this.#made !== null;
  }

  /** A build would see something else than before. */
  noteChange(): void {
    this.#changes += 1;
  }

  /** What `outside` is measured against; says whether that made another list of it. */
  measureAgainst(built: BuiltContext | null): boolean {
    this.#built = built;
    if (!this.#outside.measureAgainst(built) || this.#made === null) return false;
    const before = this.#outside.fingerprint();
    const { former } = this.rules;
    this.rules.noteBuilt(built);
    this.#compareAll(this.#made);
    if (this.#outside.fingerprint() === before && this.rules.former === former) return false;
    this.publish();
    return true;
  }

  /** Gives the tree its new reference; says whether it was another. */
  refer(reference: string): boolean {
    if (reference === this.#reference) return false;
    this.#reference = reference;
    this.publish();
    return this.#made !== null;
  }

  /** Reads the rules anew. */
  resolveRules(text: string): void {
    const { source, entries, awaited } = this.#context();
    this.rules.resolve(text, source, entries.values(), awaited);
    this.rules.noteBuilt(this.#built);
  }

  /** Where a file of the context lies in the container. */
  placesOf(path: string): readonly string[] {
    const made = this.#made;
    if (made === null) return [];
    const places = made.placed.flatMap(placed => {
      if (placed.rule.kind === 'file' && placed.source !== path) return [];
      const target = placeOf(placed, path);
      return target !== null && made.origins.get(target) === path ? [target] : [];
    });
    return [...new Set(places)];
  }

  /** Puts an entry of unchanged type into the tree; says whether that matters. */
  apply(entry: ContextEntry): boolean {
    const made = this.#made;
    if (made === null) return false;
    const { entries, root } = this.#context();
    entries.set(entry.path, entry);
    this.#changes += 1;
    let any = this.#outside.compare(root, entry, { covers: path => this.#covers(path, made) });
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

  /** Whether names that come and go can be taken in one by one: no rule is one for what a link leads to. */
  get isPlain(): boolean {
    const made = this.#made;
    const rules = this.rules.list;
    if (made === null || made.placed.length !== rules.length) return false;
    // a source that is a link: what it means may have changed with any name
    return made.placed.every(({ source }, index) => source === rules[index]?.source);
  }

  /** Takes a change of some names into the tree without making it anew; null where that can't be done. */
  applyLocally(change: LocalChange): { readonly changed: boolean } | null {
    const made = this.#made;
    const { entries, root } = this.#context();
    const steps = made === null ? null : stepsOf(change, made, entries);
    if (made === null || steps === null) return null;
    const { removed, added, changed } = change;
    const covers = { covers: (path: string) => this.#covers(path, made) };
    const places = carryOut(steps, made);
    for (const path of places) this.changed.add(path);
    let any = places.length > 0;
    for (const { path } of removed) entries.delete(path);
    for (const { path } of removed) any = this.#outside.compareGone(path, covers) || any;
    for (const entry of added) {
      entries.set(entry.path, entry);
      any = this.#outside.compare(root, entry, covers) || any;
    }
    for (const entry of changed) {
      const before = entries.get(entry.path);
      if (before !== undefined && !sameContext(before, entry)) any = this.apply(entry) || any;
    }
    if (removed.length + added.length > 0) this.#changes += 1;
    if (any) this.publish();
    return { changed: any };
  }

  /** Makes the tree anew; says whether that made another one. */
  remake(): boolean {
    const { entries, leftOut, awaited } = this.#context();
    const before = this.#made;
    const published = this.desired;
    const made = copyTree(entries, this.rules.list);
    for (const path of leftOut)
      for (const placed of made.placed) {
        const target = placeOf(placed, path);
        if (target !== null) made.held.add(target.toWellFormed());
      }
    // a rule for just this file has no place as long as nothing is known of it
    for (const path of awaited) for (const target of this.rules.targetsOf(path)) made.held.add(target);
    this.#made = made;
    this.#compareAll(made);
    noteChanges(before?.tree, made.tree, this.changed);
    // what was held and is not any more may differ although the folder's own tree is what it was
    if (before !== null && !sameSet(before.held, made.held)) this.widely = true;
    this.publish();
    const { desired } = this;
    return (
      this.changed.size > 0 ||
      this.widely ||
      published === null ||
      desired === null ||
      !sameInformation(published, desired)
    );
  }

  /** Tells the tree as it is now, where there is one. */
  publish(): void {
    const made = this.#made;
    if (made === null) return;
    const { root, awaited, problems } = this.#context();
    this.desired = {
      image: this.#name,
      reference: this.#reference,
      rules: this.rules.list.map(shownRule),
      former: this.rules.former.map(shownRule),
      tree: made.tree,
      sources: new OriginPaths(root, made.origins),
      owners: made.owners,
      outside: this.#outside.list(),
      changes: this.#changes,
      held: made.held,
      problems: [...problems, ...[...awaited].map(beingWritten), ...this.rules.problems, ...made.problems],
      revision: (this.desired?.revision ?? 0) + 1,
    };
  }

  #covers(path: string, made: CopiedTree): boolean {
    return (
      made.covered.has(path) ||
      made.placed.some(placed => placeOf(placed, path) !== null) ||
      this.rules.coveredBefore(path)
    );
  }

  #compareAll(made: CopiedTree): void {
    const { source, root, entries } = this.#context();
    const { dockerfile, textHash } = source;
    this.#outside.compareAll(
      root,
      entries,
      { covers: path => this.#covers(path, made) },
      { path: dockerfile, hash: textHash },
    );
  }
}

const beingWritten = (file: string): Problem => ({
  code: 'being-written',
  severity: 'warning',
  message: 'It may still be being written, and is sent when it has been left alone for a moment.',
  file,
});
