import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UNSEARCHED } from './discovery.ts';

/** What a browser tells of a folder that was dropped: its name and what is directly in it, but no path. */
export interface DroppedFolder {
  readonly name: string;
  readonly entries: readonly { readonly name: string; readonly kind?: 'file' | 'directory' }[];
}

export interface DroppedFolderPlaces {
  /** Folders that hold projects opened before. */
  readonly recentParents: readonly string[];
  /** The user's home. */
  readonly home: string;
  readonly signal?: AbortSignal;
  readonly milliseconds?: number;
  /** How deep below home to look. */
  readonly depth?: number;
}

export interface LocatedFolder {
  /** Absolute paths of folders with this name and listing. */
  readonly candidates: readonly string[];
  /** Whether everything within reach was looked at in time. */
  readonly complete: boolean;
}

const MILLISECONDS = 2000;
const DEPTH = 5;
const MOST_FOLDERS = 20_000;
// Large, and never where somebody keeps a project.
const SKIPPED: ReadonlySet<string> = new Set([...UNSEARCHED, 'Library', 'AppData', '__pycache__', 'snap']);

/** Looks for the dropped folder among recent parents first, then below home, breadth first, for a bounded time. */
export async function locateDroppedFolder(
  folder: DroppedFolder,
  places: DroppedFolderPlaces,
): Promise<LocatedFolder> {
  const end = performance.now() + (places.milliseconds ?? MILLISECONDS);
  const wanted = new Map(folder.entries.map(entry => [entry.name, entry.kind]));
  const found = new Map<string, string>();
  const seen = new Set<string>();
  const consider = async (path: string): Promise<void> => {
    const entries = await list(path);
    if (entries === null || !isSameListing(entries, wanted)) return;
    const real = await realpath(path).catch(() => path);
    if (!found.has(real)) found.set(real, real);
  };
  const parents = [...new Set(places.recentParents.flatMap(parent => [parent, dirname(parent)]))];
  for (const parent of parents) await consider(join(parent, folder.name));
  let complete = true;
  let level = [places.home];
  for (let depth = 0; depth <= (places.depth ?? DEPTH) && level.length > 0; depth++) {
    const next: string[] = [];
    for (const path of level) {
      places.signal?.throwIfAborted();
      if (performance.now() > end || seen.size >= MOST_FOLDERS) {
        complete = false;
        break;
      }
      if (seen.has(path)) continue;
      seen.add(path);
      for (const entry of (await list(path)) ?? []) {
        if (!entry.isDirectory() || SKIPPED.has(entry.name)) continue;
        const below = join(path, entry.name);
        if (entry.name === folder.name) await consider(below);
        // Hidden folders are tools' own; one that was dropped itself is found by its name above.
        if (!entry.name.startsWith('.')) next.push(below);
      }
    }
    if (!complete) break;
    level = next;
  }
  return { candidates: [...found.values()], complete };
}

async function list(path: string): Promise<Dirent[] | null> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch {
    return null;
  }
}

function isSameListing(
  entries: readonly Dirent[],
  wanted: ReadonlyMap<string, 'file' | 'directory' | undefined>,
): boolean {
  if (entries.length !== wanted.size) return false;
  return entries.every(entry => {
    if (!wanted.has(entry.name)) return false;
    const kind = wanted.get(entry.name);
    // A browser follows links, so the kind of one says nothing.
    return kind === undefined || entry.isSymbolicLink() || (kind === 'directory') === entry.isDirectory();
  });
}
