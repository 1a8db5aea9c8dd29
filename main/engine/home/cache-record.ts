import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a record of the cache; of those beside it only the newest `most` are kept. Only ever information: one that can't be written is
 * not missed.
 */
export async function saveCacheRecord(file: string, record: object, most: number): Promise<void> {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, JSON.stringify(record));
    await rename(temporary, file);
    await keepNewest(dirname(file), most);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** A record of the cache; null when there is none that is as it should be. */
export async function loadCacheRecord<T>(
  file: string,
  isRecord: (value: unknown) => value is T,
): Promise<T | null> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (!isRecord(parsed)) return null;
    const now = new Date();
    // What is asked for is worth keeping.
    await utimes(file, now, now).catch(() => undefined);
    return parsed;
  } catch {
    return null;
  }
}

async function keepNewest(folder: string, most: number): Promise<void> {
  const names = (await readdir(folder)).filter(name => name.endsWith('.json'));
  if (names.length <= most) return;
  const aged = await Promise.all(
    names.map(async name => ({ name, age: (await stat(join(folder, name))).mtimeMs })),
  );
  aged.sort((left, right) => right.age - left.age);
  await Promise.all(aged.slice(most).map(({ name }) => rm(join(folder, name), { force: true })));
}
