import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { PtahError } from '../errors/index.ts';
import type { FolderListing } from '../engine-types.ts';

/** Folders that a person would look for a project in: names that begin with a dot are left out. */
export function browseFolder(
  path: string | null,
  known: {
    readonly recentRoots: readonly string[];
    readonly examples: string | null;
    readonly env: NodeJS.ProcessEnv;
  },
): FolderListing {
  const home = homeFolder(known.env);
  const folder = resolve(path ?? home);
  let names: string[];
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter(entry => !entry.name.startsWith('.') && (entry.isDirectory() || isFolderLink(folder, entry)))
      .map(({ name }) => name);
  } catch (error) {
    throw new PtahError('folder-missing', `${folder} cannot be looked into.`, {
      hint: 'It may have been moved, or belongs to somebody else.',
      details: { file: folder },
      cause: error,
    });
  }
  const parents = [...new Set(known.recentRoots.map(dirname))].filter(isFolder);
  const examples = known.examples !== null && isFolder(known.examples) ? known.examples : null;
  return {
    path: folder,
    parent: dirname(folder) === folder ? null : dirname(folder),
    folders: names.sort((a, b) => a.localeCompare(b)).map(name => describe(join(folder, name))),
    places: [
      { name: 'Home', path: home },
      ...parents
        .filter(parent => parent !== home && parent !== examples)
        .map(parent => ({ name: basename(parent) || parent, path: parent })),
      ...(examples === null ? [] : [{ name: 'Examples', path: examples }]),
    ],
  };
}

function describe(path: string): FolderListing['folders'][number] {
  let names: readonly string[] = [];
  try {
    names = readdirSync(path);
  } catch {
    // a folder that may not be read is still a folder
  }
  return {
    name: basename(path),
    path,
    isProject: names.includes('ptah.yml'),
    hasDockerfile: names.some(name => /^(.+\.)?dockerfile$/i.test(name)),
  };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

const isFolderLink = (folder: string, entry: { name: string; isSymbolicLink(): boolean }) =>
  entry.isSymbolicLink() && isFolder(join(folder, entry.name));

export const homeFolder = (env: NodeJS.ProcessEnv): string => env.HOME || homedir();
