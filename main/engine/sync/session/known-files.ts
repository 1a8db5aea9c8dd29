import { driftKind, judge } from '../core/classify.ts';
import { diff, isHeld, withOperation } from '../core/diff.ts';
import { fingerprint, sameContent, sameEntry } from '../core/entries.ts';
import type { Channel, DesiredTree, Operation, Tree, TreeEntry, Verification } from '../types.ts';
import type { Drifts } from './drifts.ts';
import type { Journal } from './journal.ts';
import { answer, pathsOf, questionOf } from './verification.ts';

/** What is known of the files of one container: what was read there, and what was acknowledged since. */
export class KnownFiles {
  readonly #sent: Journal['sent'];
  readonly #drift: Drifts;
  #baseline: Tree | null = null;
  #applied = new Map<string, TreeEntry>();
  /** Milliseconds that reading everything took last. */
  readMs = 0;

  constructor(sent: Journal['sent'], drift: Drifts) {
    this.#sent = sent;
    this.#drift = drift;
  }

  /** Another channel: `baseline` is what the image had. */
  begin(baseline: Tree | null): void {
    this.#baseline = baseline;
  }

  /** Reads all that is ours and judges it anew. */
  async readAll(way: Channel, desired: DesiredTree | undefined, signal: AbortSignal): Promise<void> {
    const drift = this.#drift;
    const baseline = this.#baseline;
    const paths = new Set([
      ...(baseline?.keys() ?? []),
      ...(desired?.tree.keys() ?? []),
      ...this.#sent.keys(),
    ]);
    const began = performance.now();
    const actual = await way.read([...paths], { signal, hash: true });
    this.readMs = performance.now() - began;
    const judged = judge(paths, actual, desired?.tree ?? new Map(), { baseline, journal: this.#sent });
    this.#applied = judged.applied;
    const held = desired?.held ?? new Set<string>();
    for (const path of drift.paths()) if (!judged.drift.has(path)) drift.forget(path);
    for (const [path, kind] of judged.drift) if (!isHeld(path, held)) drift.note(path, kind);
  }

  /** The way to what the folder has; only at `only`, where it is known that nothing else differs. */
  difference(desired: DesiredTree, only: ReadonlySet<string> | null): Operation[] {
    const drifted = this.#drift.paths();
    // what nobody may touch: changed inside and undecided, or in the folder in a state that can't be sent
    const held = desired.held?.size ? new Set([...desired.held, ...drifted]) : drifted;
    return diff(this.#applied, desired, { held, only });
  }

  /** What somebody changed inside and the folder has too by now is no matter any more. */
  settleDrift({ tree }: DesiredTree): void {
    for (const path of this.#drift.paths())
      if (sameContent(this.#applied.get(path), tree.get(path))) this.#drift.forget(path);
  }

  /**
   * What is about to be replaced is read once more: somebody may have worked on it inside. True when the difference has to be taken
   * again.
   */
  async readBefore(
    way: Channel,
    operations: readonly Operation[],
    { tree }: DesiredTree,
    signal: AbortSignal,
  ): Promise<boolean> {
    const paths = operations.filter(({ op }) => op !== 'mode' && op !== 'directory').map(({ path }) => path);
    if (paths.length === 0) return false;
    const actual = await way.read(paths, { signal, hash: true, trusted: true });
    let differs = false;
    for (const path of paths) {
      const is = actual.get(path);
      const had = this.#applied.get(path);
      const wanted = tree.get(path);
      if (sameContent(is, had) && (is === undefined || had === undefined || sameEntry(is, had))) continue;
      differs = true;
      const theirs =
        is !== undefined &&
        !sameContent(is, had) &&
        !sameContent(is, wanted) &&
        !this.#sent.get(path)?.has(fingerprint(is)) &&
        !sameContent(is, this.#baseline?.get(path)) &&
        (had !== undefined || this.#baseline !== null);
      this.set(path, is);
      if (theirs) this.#drift.note(path, driftKind(is, wanted ?? had));
    }
    return differs;
  }

  /** After a failure nobody knows what is there. */
  async readAgain(way: Channel, paths: readonly string[], signal: AbortSignal): Promise<void> {
    const actual = await way.read(paths, { signal, hash: true });
    for (const path of paths) this.set(path, actual.get(path));
  }

  /** Reads everything that is ours, and notes what is other than we left it. */
  async examine(way: Channel, desired: DesiredTree, signal: AbortSignal | undefined): Promise<Verification> {
    const began = performance.now();
    const question = questionOf(desired, [...this.#sent.keys(), ...(this.#baseline?.keys() ?? [])]);
    const actual = await way.read(pathsOf(question), { hash: true, ...(signal && { signal }) });
    const found = answer(question, actual, performance.now() - began);
    this.readMs = found.durationMs;
    for (const { path } of found.differences) {
      const is = actual.get(path);
      const had = this.#applied.get(path);
      this.set(path, is);
      if (!sameContent(is, had)) this.#drift.note(path, driftKind(is, question.tree.get(path) ?? had));
    }
    return found;
  }

  /** What was acknowledged is there. */
  took(operations: readonly Operation[], { tree }: DesiredTree): void {
    for (const operation of operations) {
      withOperation(this.#applied, operation);
      // one and the same object makes the next comparison of all files a quick one
      const wanted = tree.get(operation.path);
      if (wanted && sameEntry(this.#applied.get(operation.path), wanted))
        this.#applied.set(operation.path, wanted);
    }
  }

  set(path: string, entry: TreeEntry | undefined): void {
    if (entry) this.#applied.set(path, entry);
    else this.#applied.delete(path);
  }

  /** As if no file of the folder were there: all are sent. What the folder does not have stays known, to be removed or held. */
  forgetFiles(tree: Tree): void {
    for (const [path, { type }] of tree) if (type === 'file') this.#applied.delete(path);
  }
}
