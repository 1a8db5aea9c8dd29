import { isHeld } from '../core/diff.ts';
import { sameContent, sameEntry } from '../core/entries.ts';
import { originOf } from '../core/rule-paths.ts';
import type { DesiredTree, Tree, Verification } from '../types.ts';

/** What is to be read of a container to tell whether it is equal to the folder. */
export interface Question {
  /** As the folder was when it was asked: the tree itself goes on changing. */
  readonly tree: Tree;
  /** Paths that the image or we put there, and that the folder does not have. */
  readonly gone: ReadonlySet<string>;
}

export function questionOf(
  desired: Pick<DesiredTree, 'tree' | 'rules' | 'former' | 'held'>,
  put: Iterable<string>,
): Question {
  const { tree, held = new Set<string>() } = desired;
  const gone = new Set<string>();
  for (const path of put)
    if (!tree.has(path) && !isHeld(path, held) && originOf(desired, path) !== null) gone.add(path);
  return { tree: new Map([...tree].filter(([path]) => !isHeld(path, held))), gone };
}

export function pathsOf({ tree, gone }: Question): readonly string[] {
  return [...tree.keys(), ...gone];
}

/** The answer, from what was read. */
export function answer({ tree, gone }: Question, actual: Tree, durationMs: number): Verification {
  const differences: { path: string; problem: Verification['differences'][number]['problem'] }[] = [];
  let files = 0;
  let bytes = 0;
  for (const [path, wanted] of tree) {
    if (wanted.type === 'file') {
      files += 1;
      bytes += wanted.size;
    }
    const is = actual.get(path);
    if (is === undefined) differences.push({ path, problem: 'missing' });
    else if (is.type !== wanted.type) differences.push({ path, problem: 'type' });
    else if (!sameContent(is, wanted))
      differences.push({ path, problem: is.type === 'symlink' ? 'link' : 'content' });
    else if (!sameEntry(is, wanted)) differences.push({ path, problem: 'mode' });
  }
  // a directory may stay for what else lies in it
  for (const path of gone) {
    const is = actual.get(path);
    if (is !== undefined && is.type !== 'directory') differences.push({ path, problem: 'content' });
  }
  return { equal: differences.length === 0, files, bytes, durationMs, differences };
}
