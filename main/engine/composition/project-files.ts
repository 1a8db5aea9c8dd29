import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { helmfileDigest } from '../deploy/index.ts';
import type { Project } from '../project/index.ts';

/**
 * What a deploy reads besides the images, in a text that is another one with every change of it: `ptah.yml`, the manifests, the Helmfile
 * with the charts and values that it names, and which images there are.
 */
export async function projectFiles(project: Project, signal: AbortSignal): Promise<string> {
  const { root, configFile, manifests, dockerfiles } = project;
  const hash = createHash('sha256').update(JSON.stringify([dockerfiles, manifests]));
  for (const file of [configFile, ...manifests.map(name => join(root, name))]) {
    hash.update(`\0${file}\0`);
    hash.update(await readFile(file));
  }
  hash.update(`\0${await helmfileDigest(project, signal)}`);
  return hash.digest('hex');
}
