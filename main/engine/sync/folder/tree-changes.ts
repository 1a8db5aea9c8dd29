import type { ContextEntry } from '../../content/index.ts';
import type { DesiredTree, TreeEntry } from '../types.ts';
import { sameContext, sameEntry } from './same.ts';

/** Whether two listings have the same names of the same kinds, and links that lead to the same: then no rule is another one. */
export function sameShape(
  one: ReadonlyMap<string, ContextEntry>,
  other: ReadonlyMap<string, ContextEntry>,
): boolean {
  if (one.size !== other.size) return false;
  for (const [path, entry] of other) {
    const before = one.get(path);
    if (before?.type !== entry.type || (entry.type === 'symlink' && before.content !== entry.content))
      return false;
  }
  return true;
}

/** Whether a build would see another entry in `after` than in `before`. */
export function differs(
  before: ReadonlyMap<string, ContextEntry>,
  after: ReadonlyMap<string, ContextEntry>,
): boolean {
  for (const [path, entry] of after) {
    const known = before.get(path);
    if (known !== entry && (known === undefined || !sameContext(known, entry))) return true;
  }
  return false;
}

/** Adds the paths at which two trees differ. */
export function noteChanges(
  before: ReadonlyMap<string, TreeEntry> | undefined,
  after: ReadonlyMap<string, TreeEntry>,
  changed: Set<string>,
): void {
  for (const [path, entry] of after) if (!sameEntry(before?.get(path), entry)) changed.add(path);
  for (const path of before?.keys() ?? []) if (!after.has(path)) changed.add(path);
}

export function sameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every(each => other.has(each));
}

/** Whether what goes with two trees is the same, their files aside. */
export function sameInformation(one: DesiredTree, other: DesiredTree): boolean {
  const told = ({ rules, outside, problems, reference, held, owners }: DesiredTree): string =>
    JSON.stringify([rules, outside, problems, reference, [...(held ?? [])], [...owners]]);
  return told(one) === told(other);
}
