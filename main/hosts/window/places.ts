import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** Where the application's own files lie, from a checkout, from `dist`, or from a package. */
export interface Places {
  readonly root: string;
  readonly version: string;
  /** The bundled page. */
  readonly renderer: string;
  readonly preload: string;
  /** Example projects to try; a package may come without them. */
  readonly examples: string;
}

const manifest = z.object({ name: z.literal('ptah-desktop'), version: z.string() });

/** The next folder upwards that holds our `package.json`: code may lie in a chunk, so a fixed number of `..` would not do. */
export function findPlaces(from: string = import.meta.dirname): Places {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const parsed = manifest.safeParse(JSON.parse(readFileSync(file, 'utf8')));
      if (parsed.success) {
        return {
          root: folder,
          version: parsed.data.version,
          renderer: join(folder, 'dist', 'renderer'),
          preload: join(folder, 'dist', 'preload', 'bridge.cjs'),
          examples: join(folder, 'examples'),
        };
      }
    }
    if (dirname(folder) === folder) throw new Error('The package.json of Ptah Desktop is not there.');
  }
}
