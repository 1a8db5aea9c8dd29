import type { ContextEntry } from '../../content/index.ts';
import { containerPath } from '../../dockerfile/index.ts';
import type { CopyRule } from '../../dockerfile/index.ts';
import type { Problem } from '../../errors/index.ts';
import type { TreeEntry } from '../types.ts';
import { applyChmod } from './chmod.ts';
import { followSource } from './context-links.ts';
import { insideOf, linkEnd } from './link-end.ts';

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

/** What one entry becomes. */
export function placedEntry({ rule }: PlacedRule, entry: ContextEntry): TreeEntry {
  if (entry.type === 'symlink') return { type: 'symlink', target: entry.content };
  const mode =
    rule.chmod === null ? entry.mode : applyChmod(rule.chmod, entry.mode, entry.type === 'directory');
  if (entry.type === 'directory') return { type: 'directory', mode };
  return { type: 'file', mode, size: entry.size, hash: entry.content };
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
  const links = new Map<string, PlacedRule>();
  for (const each of placed) {
    if (each.rule.kind === 'file') {
      const entry = entries.get(each.source);
      if (entry !== undefined) put(made, links, each, entry);
      continue;
    }
    for (const entry of entries.values()) put(made, links, each, entry);
  }
  holdLeavingLinks(made, links);
  return made;
}

function put(
  made: CopiedTree,
  links: Map<string, PlacedRule>,
  placed: PlacedRule,
  entry: ContextEntry,
): void {
  const target = placeOf(placed, entry.path);
  if (target === null) return;
  made.covered.add(entry.path);
  if (entry.type === 'symlink') links.set(target, placed);
  const before = made.tree.get(target);
  if (before?.type === 'directory' && entry.type !== 'directory') removeBelow(made, target);
  made.tree.set(target, placedEntry(placed, entry));
  made.origins.set(target, entry.path);
  if (placed.rule.chown === null) made.owners.delete(target);
  else made.owners.set(target, placed.rule.chown);
}

/** A link that leads out of all that the rules copy, as the container would follow it, is not sent. */
function holdLeavingLinks(made: CopiedTree, links: ReadonlyMap<string, PlacedRule>): void {
  const stays = insideOf(made.placed);
  const leaving = [...links].flatMap(([path, { rule }]) => {
    const entry = made.tree.get(path);
    if (entry?.type !== 'symlink') return [];
    const end = linkEnd(made.tree, path);
    return end === null || stays(end) ? [] : [{ path, rule, target: entry.target }];
  });
  for (const { path, rule, target } of leaving) {
    const file = made.origins.get(path) ?? path;
    made.held.add(path);
    made.problems.push({
      code: 'link-leaves',
      severity: 'warning',
      message: `The link “${file}” leads out of the synced folders, to “${target}”.`,
      hint: 'It is not kept in sync; a build copies it as it is.',
      file,
      line: rule.line,
    });
    remove(made, path);
  }
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
