import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { loadCacheRecord, saveCacheRecord } from '../home/index.ts';
import type { Home } from '../home/index.ts';
import type { ContextEntry, ContextListing } from './types.ts';

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
  const file = join(folderOf(home, project), fileName(digest));
  await saveCacheRecord(file, { version: 1, ...listing }, MOST_RECORDS);
}

/** The listing that was kept under `digest`; null when there is none that can be read. */
export async function loadListing(
  home: Pick<Home, 'cache'>,
  digest: string,
  project = '',
): Promise<ContextListing | null> {
  const record = await loadCacheRecord(join(folderOf(home, project), fileName(digest)), isRecord);
  return record && { root: record.root, digest: record.digest, entries: record.entries };
}

// By hand: this is on the way of every `ptah hash`, and the library that checks such things takes longer to load than a small folder to hash.
function isRecord(value: unknown): value is ContextListing {
  if (typeof value !== 'object' || value === null) return false;
  const { version, root, digest, entries } = value as Partial<Record<string, unknown>>;
  return (
    version === 1 &&
    typeof root === 'string' &&
    typeof digest === 'string' &&
    Array.isArray(entries) &&
    entries.every(isEntry)
  );
}

const types = new Set<unknown>(['file', 'directory', 'symlink']);

function isEntry(value: unknown): value is ContextEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { path, type, mode, size, content } = value as Partial<Record<string, unknown>>;
  return (
    typeof path === 'string' &&
    types.has(type) &&
    typeof mode === 'number' &&
    typeof size === 'number' &&
    typeof content === 'string'
  );
}

/** Names of projects are free text, so a hash stands for them in a path. */
function folderOf(home: Pick<Home, 'cache'>, project: string): string {
  return join(home.cache, 'listings', createHash('sha256').update(project).digest('hex').slice(0, 16));
}

function fileName(digest: string): string {
  return `${/^[0-9A-Za-z-]+$/.test(digest) ? digest : createHash('sha256').update(digest).digest('hex')}.json`;
}
