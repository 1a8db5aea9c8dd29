import type { Channel, DesiredTree, Operation, OperationFailure } from '../types.ts';
import type { FileBytes } from './file-bytes.ts';
import type { Journal } from './journal.ts';
import type { KnownFiles } from './known-files.ts';

interface TransitionDeps {
  readonly known: KnownFiles;
  readonly bytes: FileBytes;
  readonly journal: Journal;
  /** What is sent can't be noted: why. */
  readonly unnoted: (why: string) => void;
  readonly signal: AbortSignal;
}

/** What became of a batch. */
export interface Transition {
  /** Acknowledged. */
  readonly carried: readonly Operation[];
  /** Files that the folder changed meanwhile. */
  readonly moving: readonly string[];
  /** What the container refused. */
  readonly broken: readonly OperationFailure[];
  /** Some were neither acknowledged nor refused. */
  readonly isCut: boolean;
}

/** Takes a container from what it has to what the folder has, a batch at a time. */
export function createTransition({ known, bytes, journal, unnoted, signal }: TransitionDeps) {
  /** Operations with their bytes, once it is sure that nobody inside worked on what they replace. */
  async function stage(
    way: Channel,
    operations: readonly Operation[],
    desired: DesiredTree,
    { only, isRead }: { readonly only: ReadonlySet<string> | null; readonly isRead: boolean },
  ): ReturnType<FileBytes['load']> {
    const [differs, loaded] = await Promise.all([
      isRead ? false : known.readBefore(way, operations, desired, signal),
      bytes.load(operations),
    ]);
    return differs ? bytes.load(known.difference(desired, only)) : loaded;
  }

  return async (
    way: Channel,
    operations: readonly Operation[],
    desired: DesiredTree,
    how: { readonly only: ReadonlySet<string> | null; readonly isRead: boolean },
  ): Promise<Transition> => {
    const staged = await stage(way, operations, desired, how);
    const why = journal.note(staged.operations);
    if (why !== null) unnoted(why);
    const result = await way.apply(staged.operations, { signal });
    const wrong = new Set(result.failed.map(({ path }) => path));
    const acknowledged = new Set(result.done);
    const carried = staged.operations.filter(({ path }) => acknowledged.has(path) && !wrong.has(path));
    known.took(carried, desired);
    const moved = result.failed.filter(({ code }) => code === 'source-changed').map(({ path }) => path);
    const broken = result.failed.filter(({ code }) => code !== 'source-changed');
    const isCut = carried.length < staged.operations.length;
    return { carried, moving: [...staged.changed, ...moved], broken, isCut };
  };
}
