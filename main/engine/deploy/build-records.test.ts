import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readBuildRecords, writeBuildRecord } from './build-records.ts';
import { someImage } from './testing.ts';

let home: { cache: string };
beforeEach(async () => {
  home = { cache: await mkdtemp(join(tmpdir(), 'ptah-records-')) };
});
afterEach(() => rm(home.cache, { recursive: true, force: true }));

it('keeps the last build of every image, also of two at once', async () => {
  const base = someImage('base');
  const api = someImage('api', {
    dependsOn: [{ image: 'base', written: 'ptah://base', via: 'FROM', line: 1, column: 6 }],
    args: { MODE: 'dev' },
  });
  await Promise.all([base, api].map(image => writeBuildRecord(home, 'shop', image, [base, api])));
  const records = await readBuildRecords(home, 'shop');
  expect(Object.keys(records).sort()).toEqual(['api', 'base']);
  expect(records.api).toMatchObject({
    digest: api.digest,
    bases: { base: base.digest },
    args: { MODE: 'dev' },
  });
  expect(await readBuildRecords(home, 'another')).toEqual({});
});

it('is not missed when it cannot be written or read', async () => {
  const api = someImage('api');
  await writeBuildRecord({ cache: '/dev/null/x' }, 'shop', api, [api]);
  await writeBuildRecord(home, 'shop', api, [api]);
  const [file] = [join(home.cache, 'builds')];
  const { readdir } = await import('node:fs/promises');
  const [name] = await readdir(file);
  await writeFile(join(file, name!), '{"api": 1, "web"');
  expect(await readBuildRecords(home, 'shop')).toEqual({});
});
