import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { CopyRule } from '../dockerfile/index.ts';
import { loadCacheRecord, saveCacheRecord } from '../home/index.ts';
import type { Home } from '../home/index.ts';

/** What a build took from its context, and by which Dockerfile. */
export interface CopyRecord {
  readonly rules: readonly CopyRule[];
  /** Text of the Dockerfile as the project has it. */
  readonly dockerfile: string;
}

const MOST_RECORDS = 200;

/**
 * Keeps the copy rules of a build under the image's strict digest, beside the listing of its context: together they say which files the
 * image holds because of the folder. Only ever information; a record that can't be written is not missed.
 */
export async function saveCopies(
  home: Pick<Home, 'cache'>,
  project: string,
  image: string,
  digest: string,
  record: CopyRecord,
): Promise<void> {
  const { rules, dockerfile } = record;
  const file = join(folderOf(home, project), fileName(image, digest));
  await saveCacheRecord(file, { version: 1, rules, dockerfile }, MOST_RECORDS);
}

/** The copy rules as an image was built by them; null when that is not known. */
export async function loadCopies(
  home: Pick<Home, 'cache'>,
  project: string,
  image: string,
  digest: string,
): Promise<CopyRecord | null> {
  const record = await loadCacheRecord(join(folderOf(home, project), fileName(image, digest)), isRecord);
  return record && { rules: record.rules, dockerfile: record.dockerfile };
}

function isRecord(value: unknown): value is CopyRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { version, rules, dockerfile } = value as Partial<Record<string, unknown>>;
  return version === 1 && typeof dockerfile === 'string' && Array.isArray(rules) && rules.every(isRule);
}

function isRule(value: unknown): value is CopyRule {
  if (typeof value !== 'object' || value === null) return false;
  const { source, target, kind, line, chown, chmod, exclude } = value as Partial<Record<string, unknown>>;
  const isTextOrNull = (each: unknown): boolean => each === null || typeof each === 'string';
  return (
    typeof source === 'string' &&
    typeof target === 'string' &&
    (kind === 'file' || kind === 'directory') &&
    typeof line === 'number' &&
    isTextOrNull(chown) &&
    isTextOrNull(chmod) &&
    (exclude === undefined || (Array.isArray(exclude) && exclude.every(each => typeof each === 'string')))
  );
}

/** Names of projects and images are free text, so hashes stand for them in a path. */
function folderOf(home: Pick<Home, 'cache'>, project: string): string {
  return join(home.cache, 'copies', short(project));
}

function fileName(image: string, digest: string): string {
  return `${short(`${image}\0${digest}`)}.json`;
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
