import { posix } from 'node:path';
import { globExpression } from './glob.ts';

/** One path of a build context after `.dockerignore`. */
export interface ContextPath {
  /** Relative to the context, `/` separators. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  /** A link's target. */
  readonly content?: string;
}

/** The context as `COPY` sees it: what is at a path, links followed within the context. */
export interface ContextTree {
  typeOf(path: string): 'file' | 'directory' | null;
  /** Paths that a `COPY` source pattern selects, sorted. */
  match(pattern: string): readonly string[];
  /** Paths that an `ignore`-style pattern selects (`**` crosses directories), sorted; nothing below a selected directory. */
  matchDeep(pattern: string): readonly string[];
}

export function contextTree(entries: readonly ContextPath[]): ContextTree {
  const nodes = new Map<string, ContextPath>();
  for (const entry of entries) nodes.set(entry.path, entry);
  for (const { path } of entries) {
    for (
      let parent = posix.dirname(path);
      parent !== '.' && parent !== '/' && !nodes.has(parent);
      parent = posix.dirname(parent)
    ) {
      nodes.set(parent, { path: parent, type: 'directory' });
    }
  }

  /** The real path behind `path`, links followed; null where there is nothing or the links go round. */
  const resolve = (path: string): string | null => {
    let pending = path.split('/').filter(part => part !== '' && part !== '.');
    let current = '';
    let hops = 0;
    while (pending.length > 0) {
      const [part = '', ...rest] = pending;
      pending = rest;
      if (part === '..') {
        current = current === '' ? '' : posix.dirname(current);
        if (current === '.') current = '';
        continue;
      }
      const next = current === '' ? part : `${current}/${part}`;
      const node = nodes.get(next);
      if (node === undefined) return null;
      if (node.type !== 'symlink') {
        current = next;
        continue;
      }
      hops++;
      const target = node.content ?? '';
      if (hops > 40 || target === '') return null;
      // Docker takes an absolute link for one below the context's root.
      if (target.startsWith('/')) current = '';
      pending = [...target.split('/').filter(each => each !== '' && each !== '.'), ...pending];
    }
    return current === '' ? '.' : current;
  };

  const typeOf = (path: string): 'file' | 'directory' | null => {
    const real = resolve(path);
    if (real === null) return null;
    if (real === '.') return 'directory';
    const type = nodes.get(real)?.type;
    return type === 'file' || type === 'directory' ? type : null;
  };

  const select = (expression: RegExp): string[] =>
    [...nodes.keys()].filter(path => expression.test(path) && typeOf(path) !== null).sort();

  return {
    typeOf,
    match: pattern => select(new RegExp(`^${globExpression(pattern, 'path')}$`, 'su')),
    matchDeep: pattern => {
      const selected = select(new RegExp(`^${globExpression(pattern, 'ignore')}$`, 'su'));
      const directories = new Set(selected.filter(path => typeOf(path) === 'directory'));
      return selected.filter(path => {
        for (let parent = posix.dirname(path); parent !== '.'; parent = posix.dirname(parent))
          if (directories.has(parent)) return false;
        return true;
      });
    },
  };
}
