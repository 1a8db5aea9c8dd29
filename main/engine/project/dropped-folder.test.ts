import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { plantTree } from '../content/testing.ts';
import { locateDroppedFolder } from './dropped-folder.ts';

let home = '';
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'ptah-drop-')));
  plantTree(home, [
    'code/shop/ptah.yml',
    'code/shop/api/Dockerfile',
    'old/shop/ptah.yml',
    'work/deep/er/shop/other',
    'node_modules/shop/ptah.yml',
  ]);
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const shop = { name: 'shop', entries: [{ name: 'ptah.yml', kind: 'file' as const }, { name: 'api', kind: 'directory' as const }] }; // prettier-ignore

it('finds the one folder with this name and listing below home', async () => {
  expect(await locateDroppedFolder(shop, { recentParents: [], home })).toEqual({
    candidates: [join(home, 'code/shop')],
    complete: true,
  });
});

it('looks beside recent projects first, also outside of home, and lists a folder once', async () => {
  const elsewhere = join(home, 'code');
  symlinkSync('code', join(home, 'alias'));
  const located = await locateDroppedFolder(shop, {
    recentParents: [elsewhere, join(home, 'alias')],
    home: join(home, 'old'),
  });
  expect(located.candidates).toEqual([join(home, 'code/shop')]);
});

it('gives every match, and none for a listing that differs', async () => {
  plantTree(home, ['copy/shop/ptah.yml', 'copy/shop/api/x']);
  expect((await locateDroppedFolder(shop, { recentParents: [], home })).candidates.toSorted()).toEqual([
    join(home, 'code/shop'),
    join(home, 'copy/shop'),
  ]);
  const wrongKind = { name: 'shop', entries: [{ name: 'ptah.yml', kind: 'directory' as const }] };
  expect((await locateDroppedFolder(wrongKind, { recentParents: [], home })).candidates).toEqual([]);
  expect(
    (
      await locateDroppedFolder(
        { name: 'shop', entries: [{ name: 'ptah.yml' }] },
        { recentParents: [], home },
      )
    ).candidates,
  ).toEqual([join(home, 'old/shop')]);
});

it('stops in time and says that it did', async () => {
  for (let index = 0; index < 50; index++) mkdirSync(join(home, `d${index}`));
  expect(await locateDroppedFolder(shop, { recentParents: [], home, milliseconds: -1 })).toEqual({
    candidates: [],
    complete: false,
  });
  await expect(
    locateDroppedFolder(shop, { recentParents: [], home, signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({ name: 'AbortError' });
});
