import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Project } from '../../project/index.ts';

/** As discovery has it: no Dockerfile is looked for there. */
const NOT_SEARCHED = new Set(['.git', 'node_modules', '.venv', '.ptah']);

/**
 * Folders in which a new image is most likely to appear: the project's own, those beside the contexts that it has, and the ones right below.
 * What comes to be elsewhere is found with the next look at everything.
 */
export function placesOfImages({ root, config, dockerfiles }: Project): readonly string[] {
  const output = resolve(root, config.buildOutput);
  const above = new Set([root]);
  for (const { context } of dockerfiles) if (context !== '.') above.add(dirname(join(root, context)));
  const places = new Set(above);
  for (const folder of above) {
    try {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory() && !NOT_SEARCHED.has(entry.name) && path !== output) places.add(path);
      }
    } catch {
      // Gone, or not ours to read.
    }
  }
  return [...places];
}
