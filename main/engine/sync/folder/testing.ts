import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createContentIndex, listContext } from '../../content/index.ts';
import { describeImages } from '../../images/index.ts';
import { openProject } from '../../project/index.ts';
import type { Tree } from '../types.ts';
import { copyTree } from './copied-tree.ts';
import { createFolderWatch } from './folder-watch.ts';
import type { FolderWatchDeps } from './folder-watch.ts';
import type { FolderChange, FolderState, FolderWatch } from './types.ts';

/** A project in a folder of its own, watched. */
export interface WatchedProject {
  readonly root: string;
  readonly watch: FolderWatch;
  readonly changes: readonly FolderChange[];
  readonly states: readonly FolderState[];
  /** Absolute path of one in the context. */
  path(relative: string): string;
  write(relative: string, text: string | Uint8Array): void;
  /** The tree of an image as a plain object: `file 644 text`, `directory 755`, `link target`. */
  tree(image?: string): Tree;
  /** What a fresh look at the whole folder gives. */
  fresh(image?: string): Promise<Tree>;
  /** Waits until the watch's tree is what a fresh look gives. */
  settled(image?: string): Promise<void>;
  close(): Promise<void>;
}

/** Writes files below `app` of a new folder, the context of the image `app`, and watches it as a project. */
export async function watchProject(
  files: Readonly<Record<string, string>>,
  deps: Partial<FolderWatchDeps> = {},
  beside: readonly string[] = [],
): Promise<WatchedProject> {
  const root = mkdtempSync(join(tmpdir(), 'folder-'));
  const path = (relative: string): string => join(root, 'app', relative);
  const write = (relative: string, text: string | Uint8Array): void => {
    mkdirSync(dirname(path(relative)), { recursive: true });
    writeFileSync(path(relative), text);
  };
  writeFileSync(join(root, 'ptah.yml'), 'name: folder\nkind:\n  name: folder\n');
  for (const [name, text] of Object.entries(files)) write(name, text);
  for (const name of beside) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), '');
  }
  const abort = new AbortController();
  const read = () => openProject(root);
  const watch = createFolderWatch({
    read,
    index: createContentIndex(),
    references: () => Promise.resolve(new Map([['app', 'app:1']])),
    signal: abort.signal,
    ...deps,
  });
  const changes: FolderChange[] = [];
  const states: FolderState[] = [];
  watch.onChange(change => changes.push(change));
  watch.onState(state => states.push(state));
  await watch.ready;
  const tree = (image = 'app'): Tree => watch.trees().get(image)?.tree ?? new Map();
  const fresh = async (image = 'app'): Promise<Tree> => freshTree(root, image);
  return {
    root,
    watch,
    changes,
    states,
    path,
    write,
    tree,
    fresh,
    async settled(image = 'app') {
      let wanted: string | null = null;
      let found = '';
      for (const end = performance.now() + 20_000; performance.now() < end;) {
        wanted = await fresh(image).then(told, () => null);
        found = told(tree(image));
        if (wanted === found) return;
        await new Promise(resolve => setTimeout(resolve, 10));
      }
      throw new Error(`not settled\nfolder:\n${wanted ?? 'unreadable'}\nwatch:\n${found}`);
    },
    async close() {
      await watch.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The tree of an image, computed from nothing. */
export async function freshTree(root: string, name: string): Promise<Tree> {
  const project = await openProject(root);
  const image = (await describeImages(project)).find(each => each.name === name);
  if (image === undefined) return new Map();
  const listing = await listContext({
    root: join(root, image.context),
    dockerfile: image.dockerfile.slice(image.dockerfile.lastIndexOf('/') + 1),
    exclude: [join(root, project.config.buildOutput), join(root, '.ptah')],
  });
  return copyTree(new Map(listing.entries.map(entry => [entry.path, entry])), image.copies).tree;
}

/** One line for each entry, sorted. */
export function told(tree: Tree): string {
  return [...tree]
    .map(([path, entry]) => `${JSON.stringify(path)} ${JSON.stringify(entry)}`)
    .sort()
    .join('\n');
}

/** How many inotify watches this process holds. */
export function inotifyWatches(): number {
  let count = 0;
  for (const fd of readdirSync('/proc/self/fdinfo')) {
    try {
      const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
      count += info.split('\n').filter(line => line.startsWith('inotify wd:')).length;
    } catch {
      // Closed meanwhile.
    }
  }
  return count;
}
