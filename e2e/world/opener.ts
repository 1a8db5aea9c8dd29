import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { tmpdir } from 'node:os';

export interface Opener {
  /** For the window, which then opens addresses with it. */
  readonly env: Record<string, string>;
  /** The address that was opened last; empty before the first. */
  readonly opened: () => Promise<string>;
  readonly remove: () => Promise<void>;
}

/** What the system opens addresses with, on a machine that may have no browser of its own. */
export async function createOpener(): Promise<Opener> {
  const bin = await mkdtemp(join(tmpdir(), 'ptah-opener-'));
  const file = join(bin, 'opened');
  await writeFile(file, '');
  await writeFile(join(bin, 'xdg-open'), `#!/bin/sh\necho "$1" > '${file}'\n`);
  await chmod(join(bin, 'xdg-open'), 0o755);
  return {
    env: { PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
    opened: async () => (await readFile(file, 'utf8')).trim(),
    remove: () => rm(bin, { recursive: true, force: true }),
  };
}
