import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compatibleHash, compatibleHashSync } from './compatible-hash.ts';
import { createContentIndex } from './content-index.ts';
import { defaultDigests, libraryDigests } from './digests.ts';
import { listContext } from './list-context.ts';
import { areThreadsWarm, stopThreads } from './probe-threads.ts';

const FILES = 9000;
let root = '';

const fileAt = (index: number): string => join(root, `d${index % 60}`, `ünder-${index}.txt`);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ptah-ahead-'));
  for (let index = 0; index < 60; index++) mkdirSync(join(root, `d${index}`));
  for (let index = 0; index < FILES; index++) writeFileSync(fileAt(index), `${index}`);
  // Larger than what is read at once, a link, and a name that is no UTF-8: all left to the walk.
  writeFileSync(join(root, 'd1', 'large'), Buffer.alloc((1 << 20) + 1, 7));
  symlinkSync('large', join(root, 'd1', 'link'));
  writeFileSync(Buffer.concat([Buffer.from(join(root, 'd2', 'no-')), Buffer.from([0xff])]), 'x');
});
afterAll(() => {
  stopThreads();
  rmSync(root, { recursive: true, force: true });
});

const withoutOddName = (): void =>
  rmSync(Buffer.concat([Buffer.from(join(root, 'd2', 'no-')), Buffer.from([0xff])]), { force: true });

describe('a look at many files', () => {
  it('gives the same errors as one thread does', async () => {
    const error = await compatibleHash(root).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'unencodable-name' });
    expect(() => compatibleHashSync(root)).toThrow(expect.objectContaining({ code: 'unencodable-name' }));
    withoutOddName();
  });

  it('gives the same hash as one thread does, and uses threads where the machine has them', async () => {
    stopThreads();
    const index = createContentIndex();
    const alone = compatibleHashSync(root);
    expect(await compatibleHash(root, { index, readFor: ['sha256'] })).toEqual(alone);
    expect(areThreadsWarm()).toBe(availableParallelism() > 1);
    expect(await compatibleHash(root, { index })).toEqual(alone);
    // What was read for it ahead is what a first look finds.
    const listing = await listContext({ root, index });
    expect(listing).toEqual(await listContext({ root }));
    expect(listing.entries.filter(({ type }) => type === 'file')).toHaveLength(FILES + 1);
  });

  it('gives the same where nothing is kept of the files', async () => {
    stopThreads();
    const alone = compatibleHashSync(root, { index: createContentIndex() });
    expect(await compatibleHash(root)).toEqual(alone);
    expect(areThreadsWarm()).toBe(availableParallelism() > 1);
    expect(await compatibleHash(root)).toEqual(alone);
    const none = await compatibleHash(root, { digests: libraryDigests });
    expect(none.hash).toBe(alone.hash);
  });

  it('sees each change at the next look, also of the same size', async () => {
    const later = Date.now() + 60_000;
    // As if everything had been left alone for a minute: nothing is read again only because it is new.
    const index = createContentIndex(() => later);
    const first = await compatibleHash(root, { index });
    writeFileSync(fileAt(4321), 'four');
    const changed = await compatibleHash(root, { index });
    expect(changed.hash).not.toBe(first.hash);
    expect(changed.hash).toBe(compatibleHashSync(root).hash);
    rmSync(fileAt(77));
    expect(await compatibleHash(root, { index })).toEqual(compatibleHashSync(root));
    writeFileSync(fileAt(77), '77');
    writeFileSync(fileAt(4321), '4321');
    expect((await compatibleHash(root, { index })).hash).toBe(first.hash);
  });

  it('does without threads for algorithms that are not the platform’s', async () => {
    stopThreads();
    const index = createContentIndex();
    const md5 = defaultDigests('md5');
    if (md5 === null) throw new Error('no MD5');
    const digests = () => ({ ...md5, everywhere: false });
    expect(await compatibleHash(root, { index, digests })).toEqual(compatibleHashSync(root));
  });

  it('stops when told', async () => {
    const abort = new AbortController();
    const hashing = compatibleHash(root, { signal: abort.signal });
    setTimeout(() => abort.abort(), 5);
    await expect(hashing).rejects.toMatchObject({ name: 'AbortError' });
  });
});
