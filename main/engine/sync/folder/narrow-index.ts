import type { ContentIndex } from '../../content/index.ts';

/**
 * The same index, but that it lists nothing but the way to some paths and what is below them. Whether a path belongs to a context depends on
 * the ignore file and the path alone, so a listing through it is right for these paths, at the cost of these paths.
 */
export function narrowIndex(index: ContentIndex, root: string, paths: readonly string[]): ContentIndex {
  const ways = new Map<string, Set<string>>();
  for (const path of paths) {
    let directory = root;
    for (const name of path.split('/')) {
      const names = ways.get(directory);
      if (names === undefined) ways.set(directory, new Set([name]));
      else names.add(name);
      directory += `/${name}`;
    }
  }
  const whole = new Set(paths.map(path => `${root}/${path}`));
  const isWhole = (directory: string): boolean => {
    for (let path = directory; path.length > root.length; path = path.slice(0, path.lastIndexOf('/')))
      if (whole.has(path)) return true;
    return false;
  };
  return {
    ...index,
    list: directory => {
      const entries = index.list(directory);
      if (typeof directory !== 'string' || isWhole(directory)) return entries;
      const names = ways.get(directory);
      return names === undefined ? [] : entries.filter(({ name }) => names.has(name.text));
    },
  };
}
