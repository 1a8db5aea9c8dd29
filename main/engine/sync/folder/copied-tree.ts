import { posix } from 'node:path';
import type { ContextEntry } from '../../content/index.ts';
import { containerPath } from '../../dockerfile/index.ts';
import type { CopyRule } from '../../dockerfile/index.ts';
import type { Problem } from '../../errors/index.ts';
import type { TreeEntry } from '../types.ts';
import { applyChmod } from './chmod.ts';
import { followSource } from './context-links.ts';

/** A rule whose source is the path behind its links. */
export interface PlacedRule {
  readonly rule: CopyRule;
  /** Followed; what is looked up among the entries. */
  readonly source: string;
}

/** What the rules make of a context. */
export interface CopiedTree {
  readonly tree: Map<string, TreeEntry>;
  /** Path in the context of what lies at a path in the container. */
  readonly origins: Map<string, string>;
  readonly owners: Map<string, string>;
  /** Paths in the container that the folder has, but that are not sent. */
  readonly held: Set<string>;
  readonly problems: Problem[];
  readonly placed: readonly PlacedRule[];
  /** Paths of the context that some rule covers. */
  readonly covered: Set<string>;
}

/** Follows the sources of the rules; a rule whose source is gone covers nothing. */
export function placeRules(
  entries: ReadonlyMap<string, ContextEntry>,
  rules: readonly CopyRule[],
): readonly PlacedRule[] {
  return rules.flatMap(rule => {
    const source = followSource(entries, rule.source);
    return source === null ? [] : [{ rule: source === rule.source ? rule : { ...rule, source }, source }];
  });
}

/** Where one path of the context lies because of one rule; null where the rule does not cover it. */
export function placeOf({ rule }: PlacedRule, path: string): string | null {
  if (rule.kind === 'directory' && path === rule.source) return null;
  const target = containerPath([rule], path);
  // The target itself is a directory of the image, often made by WORKDIR: its mode is not the source's.
  return target === null || target === '/' ? null : target;
}

/** What one entry becomes; a sentence where it can't be sent. */
export function placedEntry(
  { rule }: PlacedRule,
  entry: ContextEntry,
  target: string,
): TreeEntry | { readonly refused: string } {
  const mode =
    rule.chmod === null ? entry.mode : applyChmod(rule.chmod, entry.mode, entry.type === 'directory');
  if (entry.type === 'file') return { type: 'file', mode, size: entry.size, hash: entry.content };
  if (entry.type === 'directory') return { type: 'directory', mode };
  const leads = posix.resolve(posix.dirname(target), entry.content);
  const inside = rule.target === '/' || leads === rule.target || leads.startsWith(`${rule.target}/`);
  return inside
    ? { type: 'symlink', target: entry.content }
    : { refused: `The link “${entry.path}” leads out of ${rule.target}, to “${entry.content}”.` };
}

/** The files of the container as `COPY` and `ADD` would make them, later rules over earlier ones. */
export function copyTree(entries: ReadonlyMap<string, ContextEntry>, rules: readonly CopyRule[]): CopiedTree {
  const placed = placeRules(entries, rules);
  const made: CopiedTree = {
    tree: new Map(),
    origins: new Map(),
    owners: new Map(),
    held: new Set(),
    problems: [],
    placed,
    covered: new Set(),
  };
  for (const each of placed) {
    if (each.rule.kind === 'file') {
      const entry = entries.get(each.source);
      if (entry !== undefined) put(made, each, entry);
      continue;
    }
    for (const entry of entries.values()) put(made, each, entry);
  }
  return made;
}

function put(made: CopiedTree, placed: PlacedRule, entry: ContextEntry): void {
  const target = placeOf(placed, entry.path);
  if (target === null) return;
  made.covered.add(entry.path);
  const before = made.tree.get(target);
  const found = placedEntry(placed, entry, target);
  if ('refused' in found) {
    made.held.add(target);
    made.problems.push({
      code: 'link-leaves',
      severity: 'warning',
      message: found.refused,
      hint: 'It is not kept in sync; a build copies it as it is.',
      file: entry.path,
      line: placed.rule.line,
    });
    remove(made, target);
    return;
  }
  made.held.delete(target);
  if (before?.type === 'directory' && found.type !== 'directory') removeBelow(made, target);
  made.tree.set(target, found);
  made.origins.set(target, entry.path);
  if (placed.rule.chown === null) made.owners.delete(target);
  else made.owners.set(target, placed.rule.chown);
}

function remove(made: CopiedTree, path: string): void {
  made.tree.delete(path);
  made.origins.delete(path);
  made.owners.delete(path);
}

/** A later rule that puts a file where an earlier one has a directory. */
function removeBelow(made: CopiedTree, directory: string): void {
  for (const path of made.tree.keys()) if (path.startsWith(`${directory}/`)) remove(made, path);
}
