import type { TreeEntry } from '../../types.ts';

const most = 1000;

/** Large files that we wrote, each with what the node's kernel says of it: as long as that is the same, so are the bytes. */
export interface WrittenFiles {
  note(path: string, entry: TreeEntry, stamp: Buffer): void;
  /** What is known of a path, as long as `ask` gives the stamp it had then. */
  unchanged(path: string, ask: (path: string) => Promise<Buffer>): Promise<TreeEntry | null>;
}

export function createWrittenFiles(): WrittenFiles {
  const known = new Map<string, { readonly entry: TreeEntry; readonly stamp: Buffer }>();
  return {
    note(path, entry, stamp) {
      known.delete(path);
      // a kernel that can't be asked gives none
      if (stamp.length === 0) return;
      known.set(path, { entry, stamp });
      const [oldest] = known.keys();
      if (known.size > most && oldest !== undefined) known.delete(oldest);
    },
    async unchanged(path, ask) {
      const found = known.get(path);
      if (found === undefined) return null;
      const stamp = await ask(path).catch(() => null);
      return stamp?.equals(found.stamp) === true ? found.entry : null;
    },
  };
}
