import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { saveListing } from '../../content/index.ts';
import { saveCopies } from '../../images/index.ts';
import { baselineOf, builtOf } from './baseline.ts';
import { applyChmod } from './chmod.ts';

let home: { readonly cache: string };
beforeEach(() => {
  home = { cache: mkdtempSync(join(tmpdir(), 'baseline-')) };
});
afterEach(() => rmSync(home.cache, { recursive: true, force: true }));

const rule = { source: 'src', target: '/app', kind: 'directory', instruction: 'COPY', line: 2 } as const;
const folder = { path: 'src', type: 'directory', mode: 0o755, size: 0, content: '' } as const;
const file = { path: 'src/a', type: 'file', mode: 0o644, size: 3, content: 'abc' } as const;

it('gives the files as they were built, by the digest of the image', async () => {
  await saveListing(home, 'd1', { root: '/r', digest: 'x', entries: [folder, file] }, 'p');
  await saveCopies(home, 'p', 'app', 'd1', {
    rules: [{ ...rule, chown: null, chmod: '600' }],
    dockerfile: 'FROM scratch\n',
  });
  const tree = await baselineOf(home, 'p', 'app', 'd1');
  expect([...(tree ?? [])]).toEqual([['/app/a', { type: 'file', mode: 0o600, size: 3, hash: 'abc' }]]);
  expect((await builtOf(home, 'p', 'app', 'd1'))?.entries.get('src/a')).toEqual(file);
});

it('gives nothing for another image, project or digest, nor for half a record', async () => {
  await saveListing(home, 'd1', { root: '/r', digest: 'x', entries: [folder, file] }, 'p');
  expect(await baselineOf(home, 'p', 'app', 'd1')).toBe(null);
  await saveCopies(home, 'p', 'app', 'd1', { rules: [], dockerfile: '' });
  expect(await baselineOf(home, 'p', 'other', 'd1')).toBe(null);
  expect(await baselineOf(home, 'q', 'app', 'd1')).toBe(null);
  expect(await baselineOf(home, 'p', 'app', 'd2')).toBe(null);
});

it.each([
  ['755', 0o644, false, 0o755],
  ['u=rwX,go=rX', 0o600, false, 0o644],
  ['u=rwX,go=rX', 0o600, true, 0o755],
  ['go-rwx', 0o755, false, 0o700],
  ['+x', 0o644, false, 0o755],
  ['nonsense', 0o640, false, 0o640],
])('reads --chmod=%s', (chmod, mode, directory, wanted) => {
  expect(applyChmod(chmod, mode, directory)).toBe(wanted);
});
