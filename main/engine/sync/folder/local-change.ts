import { posix } from 'node:path';
import type { ContextEntry } from '../../content/index.ts';
import { isHeld } from '../core/diff.ts';
import { placeOf, placedEntry } from './copied-tree.ts';
import type { CopiedTree, PlacedRule } from './copied-tree.ts';

/** Names that came and went in some directories, while everything else is as it was. */
export interface LocalChange {
  readonly removed: readonly ContextEntry[];
  readonly added: readonly ContextEntry[];
  /** There before, with other content or mode. */
  readonly changed: readonly ContextEntry[];
}

/** What is different below some paths (relative to the context) that were listed anew. */
export function localChange(
  entries: ReadonlyMap<string, ContextEntry>,
  paths: readonly string[],
  listed: readonly ContextEntry[],
): LocalChange {
  const now = new Map(listed.map(entry => [entry.path, entry]));
  const removed: ContextEntry[] = [];
  const leave = (entry: ContextEntry | undefined): void => {
    if (entry !== undefined && now.get(entry.path)?.type !== entry.type) removed.push(entry);
  };
  for (const path of paths) {
    const before = entries.get(path);
    leave(before);
    if (before?.type !== 'directory') continue;
    for (const entry of entries.values()) if (entry.path.startsWith(`${path}/`)) leave(entry);
  }
  return {
    removed,
    added: listed.filter(({ path, type }) => entries.get(path)?.type !== type),
    changed: listed.filter(entry => {
      const before = entries.get(entry.path);
      return before !== undefined && before !== entry && before.type === entry.type;
    }),
  };
}

/** One path of the container that has to be set or deleted. */
export interface Step {
  readonly entry: ContextEntry;
  readonly target: string;
  readonly placed: PlacedRule;
}

/**
 * Where the rules put what came and went. Null where that can't be told from these paths alone: links, rules that cover the same path,
 * folders that decide how a later rule is read.
 */
export function stepsOf(
  { removed, added }: LocalChange,
  made: CopiedTree,
  entries: ReadonlyMap<string, ContextEntry>,
): { readonly remove: readonly Step[]; readonly add: readonly Step[] } | null {
  const has = new Set(added.map(({ path }) => path));
  const exists = (path: string): boolean => has.has(path) || entries.has(path);
  const place = (entry: ContextEntry): Step[] | null => {
    const steps: Step[] = [];
    for (const placed of made.placed) {
      if (placed.rule.kind === 'file' && placed.source !== entry.path) continue;
      const target = placeOf(placed, entry.path);
      if (target === null) continue;
      if (isHeld(target, made.held) || !isAlone(target, entry, placed, made, exists)) return null;
      steps.push({ entry, target, placed });
    }
    return steps;
  };
  const all = (some: readonly ContextEntry[]): Step[] | null => {
    const steps: Step[] = [];
    for (const entry of some) {
      const mine = entry.type === 'symlink' ? null : place(entry);
      if (mine === null) return null;
      steps.push(...mine);
    }
    return steps;
  };
  const [remove, add] = [all(removed), all(added)];
  return remove && add && { remove, add };
}

/** Whether no other rule has a say in what is at a path. */
function isAlone(
  target: string,
  entry: ContextEntry,
  mine: PlacedRule,
  { placed, held }: CopiedTree,
  exists: (path: string) => boolean,
): boolean {
  if (entry.type === 'directory') for (const each of held) if (each.startsWith(`${target}/`)) return false;
  return placed.every(other => {
    const { rule, source } = other;
    // a folder that is there makes `COPY file folder` put the file into it
    if (entry.type === 'directory' && (rule.target === target || posix.dirname(rule.target) === target))
      return false;
    if (other === mine) return true;
    if (rule.kind === 'file') return rule.target !== target && !target.startsWith(`${rule.target}/`);
    const base = rule.target === '/' ? '/' : `${rule.target}/`;
    if (!target.startsWith(base)) return true;
    const rest = target.slice(base.length);
    return !exists(source === '.' ? rest : `${source}/${rest}`);
  });
}

/** Carries it out in the tree; gives the paths of the container that are others now. */
export function carryOut(
  { remove, add }: { readonly remove: readonly Step[]; readonly add: readonly Step[] },
  made: CopiedTree,
): readonly string[] {
  for (const { entry, target } of remove) {
    made.tree.delete(target);
    made.origins.delete(target);
    made.owners.delete(target);
    made.covered.delete(entry.path);
  }
  for (const { entry, target, placed } of add) {
    made.tree.set(target, placedEntry(placed, entry));
    made.origins.set(target, entry.path);
    made.covered.add(entry.path);
    if (placed.rule.chown !== null) made.owners.set(target, placed.rule.chown);
  }
  return [...remove, ...add].map(({ target }) => target);
}
