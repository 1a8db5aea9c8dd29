import { posix } from 'node:path';
import type { CopyRule } from '../../dockerfile/index.ts';
import type { Tree } from '../types.ts';

const mostLinks = 40;

/**
 * Where the container ends up that follows a link of the tree: over the other links of the tree, for `..` behind one of them is not the
 * folder that it is written in. Null for links in a circle, which lead nowhere.
 */
export function linkEnd(tree: Tree, path: string): string | null {
  let pending = [posix.basename(path)];
  let at = parts(posix.dirname(path));
  let links = 0;
  for (;;) {
    const [part, ...rest] = pending;
    if (part === undefined) return `/${at.join('/')}`;
    pending = rest;
    if (part === '..') {
      at = at.slice(0, -1);
      continue;
    }
    const next = [...at, part];
    const entry = tree.get(`/${next.join('/')}`);
    if (entry?.type !== 'symlink') {
      at = next;
      continue;
    }
    if (++links > mostLinks) return null;
    if (entry.target.startsWith('/')) at = [];
    pending = [...parts(entry.target), ...pending];
  }
}

/** Tells of a path in the container whether some rule copies to there. */
export function insideOf(rules: readonly { readonly rule: CopyRule }[]): (path: string) => boolean {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const { rule } of rules) (rule.kind === 'file' ? files : folders).add(rule.target);
  return path => {
    if (files.has(path) || folders.has('/')) return true;
    for (const folder of folders) if (path === folder || path.startsWith(`${folder}/`)) return true;
    return false;
  };
}

function parts(path: string): string[] {
  return path.split('/').filter(part => part !== '' && part !== '.');
}
