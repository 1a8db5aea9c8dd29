import { existsSync, readdirSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

/** A hint that something below a folder changed. Never more than a hint: whoever gets it looks for themselves. */
export interface FileWatch {
  /** Begins to watch, also a folder that is not there now; asking again for the same does nothing. */
  add(id: string, root: string, exclude: readonly string[]): void;
  remove(id: string): void;
  close(): void;
}

const unsearched = new Set(['.git', 'node_modules', '.venv', '.ptah', '__pycache__']);
/** More folders than this are not worth a hint: a plan looks at everything anyway. */
const mostFolders = 5_000;
const quietMs = 250;
/** How often a folder that vanished is looked for. */
const returnMs = 1_000;

/** One watch per folder, as recursion is not to be had on Linux without it. */
export function createFileWatch(onChange: (id: string) => void): FileWatch {
  const projects = new Map<string, { readonly what: string; close(): void }>();
  return {
    add(id, root, exclude) {
      const what = JSON.stringify([root, ...exclude]);
      if (projects.get(id)?.what === what) return;
      projects.get(id)?.close();
      projects.set(id, { what, ...watchTree(root, exclude, () => onChange(id)) });
    },
    remove(id) {
      projects.get(id)?.close();
      projects.delete(id);
    },
    close() {
      for (const project of projects.values()) project.close();
      projects.clear();
    },
  };
}

function watchTree(root: string, exclude: readonly string[], onChange: () => void): { close(): void } {
  const watched = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let returning: NodeJS.Timeout | undefined;
  let closed = false;

  /** A folder that is gone has no watch: it is looked for until it is back. */
  const awaitReturn = () => {
    if (closed) return;
    returning ??= setInterval(() => {
      if (!existsSync(root)) return;
      clearInterval(returning);
      returning = undefined;
      visit(root);
      hint();
    }, returnMs).unref();
  };
  const hint = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      onChange();
    }, quietMs).unref();
  };
  const drop = (folder: string) => {
    for (const [path, watcher] of watched)
      if (path === folder || path.startsWith(`${folder}/`)) {
        watcher.close();
        watched.delete(path);
      }
  };
  const visit = (folder: string) => {
    if (closed || watched.has(folder) || watched.size >= mostFolders) return;
    try {
      const watcher = watch(folder, { persistent: false }, (kind, name) => {
        if (kind === 'rename' && name !== null) {
          drop(join(folder, name));
          below(folder, name);
        }
        if (name === null || !unsearched.has(name)) hint();
        if (folder === root && kind === 'rename' && !existsSync(root)) {
          drop(root);
          awaitReturn();
        }
      });
      watcher.on('error', () => drop(folder));
      watched.set(folder, watcher);
      for (const entry of readdirSync(folder, { withFileTypes: true }))
        if (entry.isDirectory()) below(folder, entry.name);
    } catch {
      // gone meanwhile, or no watches left: fewer hints
    }
  };
  const below = (folder: string, name: string) => {
    const path = join(folder, name);
    if (unsearched.has(name) || exclude.includes(path)) return;
    try {
      readdirSync(path);
    } catch {
      return;
    }
    visit(path);
  };
  if (existsSync(root)) visit(root);
  else awaitReturn();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(returning);
      for (const watcher of watched.values()) watcher.close();
      watched.clear();
    },
  };
}
