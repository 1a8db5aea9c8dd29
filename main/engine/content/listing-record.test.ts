import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadListing, saveListing } from './listing-record.ts';
import type { ContextListing } from './types.ts';

let cache = '';
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'ptah-listings-'));
});
afterEach(() => {
  rmSync(cache, { recursive: true, force: true });
});

const listing = (path: string): ContextListing => ({
  root: '/x',
  digest: 'd',
  entries: [{ path, type: 'file', mode: 0o644, size: 1, content: 'c' }],
});

const records = () =>
  readdirSync(join(cache, 'listings')).flatMap(folder =>
    readdirSync(join(cache, 'listings', folder)).map(name => join(cache, 'listings', folder, name)),
  );

it('gives back what was kept, by project and digest', async () => {
  await saveListing({ cache }, 'abc', listing('a'), 'shop');
  await saveListing({ cache }, 'abc', listing('b'), '../../other');
  expect(await loadListing({ cache }, 'abc', 'shop')).toEqual(listing('a'));
  expect(await loadListing({ cache }, 'abc', '../../other')).toEqual(listing('b'));
  expect(await loadListing({ cache }, 'abd', 'shop')).toBeNull();
});

it('ignores a record that is broken', async () => {
  await saveListing({ cache }, 'abc', listing('a'));
  for (const text of ['{"version":1,', '{"version":2,"entries":[]}', '[]', '']) {
    writeFileSync(records()[0] ?? '', text);
    expect(await loadListing({ cache }, 'abc')).toBeNull();
  }
});

it('keeps the newest fifty of a project', async () => {
  for (let index = 0; index < 55; index++) {
    await saveListing({ cache }, `d${index}`, listing('a'), 'p');
    const written = records().find(path => path.endsWith(`/d${index}.json`)) ?? '';
    utimesSync(written, index + 1000, index + 1000);
  }
  const kept = records();
  expect(kept).toHaveLength(50);
  expect(await loadListing({ cache }, 'd0', 'p')).toBeNull();
  expect(await loadListing({ cache }, 'd54', 'p')).not.toBeNull();
});

it('does not fail where nothing can be written', async () => {
  writeFileSync(join(cache, 'file'), '');
  await expect(saveListing({ cache: join(cache, 'file') }, 'abc', listing('a'))).resolves.toBeUndefined();
});
