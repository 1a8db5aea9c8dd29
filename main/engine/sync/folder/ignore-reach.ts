import { posix } from 'node:path';

/**
 * Whether a line of the ignore file that re-includes (`!`) may select something below a directory that is not in the context now: such a
 * directory has to be watched. A wildcard is taken to reach everywhere; a watch too many costs little.
 */
export function reachOf(text: string | null): (directory: string) => boolean {
  const patterns = (text ?? '').split('\n').flatMap(line => {
    const trimmed = line.trim();
    if (!trimmed.startsWith('!')) return [];
    const path = posix.normalize(`/${trimmed.slice(1).trim()}`).replace(/^\/+|\/+$/g, '');
    return path === '' ? [] : [path];
  });
  return directory =>
    patterns.some(pattern => {
      const wildcard = pattern.search(/[*?[\\]/);
      const fixed = wildcard === -1 ? pattern : pattern.slice(0, wildcard);
      return fixed.startsWith(`${directory}/`) || (wildcard !== -1 && `${directory}/`.startsWith(fixed));
    });
}
