import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { randomOf, RandomTree } from './random-tree.ts';
import { differences, listFolder } from './trees.ts';

it('the model is what the folder is, and a seed gives the same tree twice', async () => {
  const folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'ptah-random-'))));
  try {
    const trees = folders.map(folder => new RandomTree(folder, randomOf(7)));
    for (let step = 0; step < 3000; step++) for (const tree of trees) tree.step();
    const [first, second] = await Promise.all(folders.map(folder => listFolder(folder)));
    expect(differences(trees[0]?.listing() ?? new Map(), first ?? new Map())).toEqual([]);
    expect(first).toEqual(second);
    const kinds = [...(trees[0]?.kinds.keys() ?? [])].toSorted();
    expect(kinds).toEqual(
      [
        'chmod',
        'create',
        'directory',
        'edit',
        'remove',
        'rename',
        'replace',
        'swap',
        'symlink',
        'turn',
      ].toSorted(),
    );
  } finally {
    await Promise.all(folders.map(folder => rm(folder, { recursive: true })));
  }
});
