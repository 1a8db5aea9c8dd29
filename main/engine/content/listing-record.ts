import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Home } from '../home/index.ts';
import type { ContextListing } from './types.ts';

const Listing = z.object({
  version: z.literal(1),
  root: z.string(),
  digest: z.string(),
  entries: z.array(
    z.object({
      path: z.string(),
      type: z.enum(['file', 'directory', 'symlink']),
      mode: z.number(),
      size: z.number(),
      content: z.string(),
    }),
  ),
});

const MOST_RECORDS = 50;

/**
 * Keeps a listing under the digest of the image that was built from it, so that a later plan can name the files that made the image
 * stale. Only ever information: a record that can't be written is not missed. The newest 50 of a project are kept.
 */
export async function saveListing(
  home: Pick<Home, 'cache'>,
  digest: string,
  listing: ContextListing,
  project = '',
): Promise<void> {
  const folder = folderOf(home, project);
  const file = join(folder, fileName(digest));
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(temporary, JSON.stringify({ version: 1, ...listing }));
    await rename(temporary, file);
    await prune(folder);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** The listing that was kept under `digest`; null when there is none that can be read. */
export async function loadListing(
  home: Pick<Home, 'cache'>,
  digest: string,
  project = '',
): Promise<ContextListing | null> {
  const file = join(folderOf(home, project), fileName(digest));
  try {
    const parsed = Listing.parse(JSON.parse(await readFile(file, 'utf8')));
    const now = new Date();
    // What is asked for is worth keeping.
    await utimes(file, now, now).catch(() => undefined);
    return { root: parsed.root, digest: parsed.digest, entries: parsed.entries };
  } catch {
    return null;
  }
}

async function prune(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter(name => name.endsWith('.json'));
  if (names.length <= MOST_RECORDS) return;
  const aged = await Promise.all(
    names.map(async name => ({ name, age: (await stat(join(folder, name))).mtimeMs })),
  );
  aged.sort((left, right) => right.age - left.age);
  await Promise.all(aged.slice(MOST_RECORDS).map(({ name }) => rm(join(folder, name), { force: true })));
}

/** Names of projects are free text, so a hash stands for them in a path. */
function folderOf(home: Pick<Home, 'cache'>, project: string): string {
  return join(home.cache, 'listings', createHash('sha256').update(project).digest('hex').slice(0, 16));
}

function fileName(digest: string): string {
  return `${/^[0-9A-Za-z-]+$/.test(digest) ? digest : createHash('sha256').update(digest).digest('hex')}.json`;
}
