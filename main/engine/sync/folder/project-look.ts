import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { compilePattern } from '../../project/index.ts';
import type { Project } from '../../project/index.ts';
import type { ImageSource } from './read-images.ts';

/** Whether time alone may mend it. */
export function isPassing(code: string): boolean {
  return code === 'folder-missing' || code === 'changed-while-reading' || code === 'not-a-directory';
}

export function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Those of some directories that lie in no other one of them. */
export function topmost(directories: Iterable<string>): readonly string[] {
  const found: string[] = [];
  for (const directory of [...directories].sort())
    if (found.every(each => !directory.startsWith(`${each}/`))) found.push(directory);
  return found;
}

/** Whether a path is a Dockerfile that the project does not have yet. */
export function newDockerfileTest({ root, config, dockerfiles }: Project): (path: string) => boolean {
  const known = new Set(dockerfiles.map(({ dockerfile }) => join(root, dockerfile)));
  try {
    const pattern = compilePattern(config.dockerfiles);
    return path =>
      path.startsWith(`${root}/`) && !known.has(path) && pattern.search(path.slice(root.length + 1)) !== null;
  } catch {
    return () => false;
  }
}

export function sameSource(one: ImageSource, other: ImageSource): boolean {
  const told = ({ bases, ...rest }: ImageSource): string =>
    JSON.stringify([rest, [...bases].map(([name, { workdir, env }]) => [name, workdir, [...env]])]);
  return told(one) === told(other);
}
