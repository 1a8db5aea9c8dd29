import { posix } from 'node:path';

/**
 * Whether a path that comes or goes can make other rules of the same Dockerfile: because it is a source, lies on the way to one, or may
 * be matched by one. What lies below a folder that is copied whole does neither.
 */
export function sourceReach(sources: readonly string[]): (path: string) => boolean {
  const fixed = new Set<string>();
  /** Names of the longest source with a wildcard: no wildcard matches a slash. */
  let depth = 0;
  for (const source of sources) {
    const path = posix.normalize(`/${source}`).replace(/^\/+|\/+$/g, '');
    if (/[*?[\\]/.test(path)) depth = Math.max(depth, path.split('/').length);
    else for (let each = path; each !== '' && each !== '.'; each = parentOf(each)) fixed.add(each);
  }
  return path => fixed.has(path) || path.split('/').length <= depth;
}

const parentOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');
