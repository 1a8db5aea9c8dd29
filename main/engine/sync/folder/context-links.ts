import type { ContextEntry } from '../../content/index.ts';

const MOST_LINKS = 40;

/**
 * The path that a source of `COPY` stands for: a build follows links of the source itself, within the context, and takes an absolute one
 * for a path below the context's root. Null where nothing is there.
 */
export function followSource(entries: ReadonlyMap<string, ContextEntry>, source: string): string | null {
  let pending = parts(source);
  let current = '';
  let links = 0;
  while (pending.length > 0) {
    const [part = '', ...rest] = pending;
    pending = rest;
    if (part === '..') {
      current = current.includes('/') ? current.slice(0, current.lastIndexOf('/')) : '';
      continue;
    }
    const next = current === '' ? part : `${current}/${part}`;
    const entry = entries.get(next);
    if (entry === undefined) return null;
    if (entry.type !== 'symlink') {
      current = next;
      continue;
    }
    if (++links > MOST_LINKS) return null;
    if (entry.content.startsWith('/')) current = '';
    pending = [...parts(entry.content), ...pending];
  }
  return current === '' ? '.' : current;
}

function parts(path: string): string[] {
  return path.split('/').filter(part => part !== '' && part !== '.');
}
