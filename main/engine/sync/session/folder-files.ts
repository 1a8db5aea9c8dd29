import { PtahError } from '../../errors/index.ts';
import { originOf } from '../core/rule-paths.ts';
import type { Channel, DesiredTree, Tree, TreeEntry } from '../types.ts';
import { fetchInto } from './fetch-into.ts';

interface FolderFilesDeps {
  readonly desired: () => DesiredTree | undefined;
  /** Absolute: where `.ptah` and the paths of `Drift.file` belong. */
  readonly root: () => string;
  /** Absolute: what rules are relative to. */
  readonly context: () => string;
}

/** The files of the folder behind the paths of a container. */
export interface FolderFiles {
  /** Relative to the context; the path itself where no rule covers it. */
  readonly name: (path: string) => string;
  /** Relative to the project; null where no rule covers the path. */
  readonly inProject: (path: string) => string | null;
  /** How many files and links there are to be kept equal. */
  readonly count: () => number;
  /** Puts the container's file into the folder, only over the content that the folder was known to have. */
  fetch(
    way: Channel,
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly name: string; readonly theirs: TreeEntry | undefined }>;
}

export function createFolderFiles({ desired, root, context }: FolderFilesDeps): FolderFiles {
  const relative = (path: string): string | null => originOf(desired() ?? { rules: [] }, path);
  return {
    name: path => relative(path) ?? path,
    inProject(path) {
      const name = relative(path);
      if (name === null) return null;
      const absolute = `${context()}/${name}`;
      const base = `${root()}/`;
      return absolute.startsWith(base) ? absolute.slice(base.length) : name;
    },
    count: () => filesOf(desired()?.tree),
    async fetch(way, path, signal) {
      const name = relative(path);
      const theirs = (await way.read([path], { signal, hash: true })).get(path);
      if (name === null)
        throw new PtahError('no-place', `${path} belongs to no file of the folder any more.`);
      await fetchInto({
        root: root(),
        file: desired()?.sources.get(path) ?? `${context()}/${name}`,
        expected: desired()?.tree.get(path),
        theirs,
        bytes: () => way.fetch(path, signal),
      });
      return { name, theirs };
    },
  };
}

const counted = new WeakMap<Tree, { readonly size: number; readonly files: number }>();

/** Counted once for all containers; a tree whose names change in place has another size. */
function filesOf(tree: Tree | undefined): number {
  if (!tree) return 0;
  const known = counted.get(tree);
  if (known?.size === tree.size) return known.files;
  let files = 0;
  for (const { type } of tree.values()) if (type !== 'directory') files += 1;
  counted.set(tree, { size: tree.size, files });
  return files;
}
