import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createContentIndex } from '../../content/index.ts';
import type { ContentIndex } from '../../content/index.ts';
import { openProject } from '../../project/index.ts';
import { hashLarge, settled } from './hash-large.ts';
import { ImageTree } from './image-tree.ts';
import { readImages } from './read-images.ts';

let root: string;
let big: string;
/** Somebody writes the file whenever a listing has read it. */
let isWritten: boolean;
const { signal } = new AbortController();

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'image-tree-')));
  mkdirSync(join(root, 'app'));
  writeFileSync(join(root, 'ptah.yml'), 'name: folder\nkind:\n  name: folder\n');
  writeFileSync(join(root, 'app/Dockerfile'), 'FROM scratch\nWORKDIR /app\nCOPY . .\n');
  writeFileSync(join(root, 'app/.dockerignore'), '*.log\nout\n');
  big = join(root, 'app/big');
  isWritten = true;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function treeOf(): Promise<ImageTree> {
  const index = createContentIndex();
  const busy: ContentIndex = {
    ...index,
    *read(entry, path, ...how) {
      const digest = yield* index.read(entry, path, ...how);
      if (isWritten && path === big) appendFileSync(big, 'x');
      return digest;
    },
  };
  const [source] = await readImages(await openProject(root), signal);
  if (source === undefined) throw new Error('no image');
  return new ImageTree(source, busy);
}
const heldOf = ({ desired }: ImageTree): string[] => [...(desired?.held ?? [])];
const problemsOf = ({ desired }: ImageTree): unknown[] =>
  (desired?.problems ?? []).map(({ code, file }) => [code, file]);
const has = ({ desired }: ImageTree, path: string): boolean => desired?.tree.has(path) === true;

describe('a large file that is written while the context is listed', () => {
  beforeEach(() => writeFileSync(big, Buffer.alloc(2 << 20)));

  it('is neither sent nor taken away until it was read whole', async () => {
    const image = await treeOf();
    expect((await image.look(signal)).again).toEqual([big]);
    expect([has(image, '/app/big'), heldOf(image)]).toEqual([false, ['/app/big']]);
    expect(problemsOf(image)).toEqual([['being-written', 'big']]);
    writeFileSync(join(root, 'app/other'), 'x');
    await image.look(signal, [join(root, 'app/other')]);
    expect([has(image, '/app/other'), heldOf(image)]).toEqual([true, ['/app/big']]);
    image.noteIgnored(big);
    expect(image.touch(big)).toBe('large');
    const found = await hashLarge(big, await settled(big, signal), [], signal);
    if (found === null) throw new Error('somebody wrote it');
    expect(image.takeLarge(big, found)).toBe('structure');
    expect(image.touch(big)).toBe('structure');
    isWritten = false;
    expect(await image.look(signal, [big])).toMatchObject({ changed: true, again: [] });
    expect(image.desired?.tree.get('/app/big')).toMatchObject({ hash: found.hash });
    expect([heldOf(image), problemsOf(image)]).toEqual([[], []]);
  });

  it.each(['COPY big /x/', 'COPY b* /x/', 'COPY . /x'])('is left alone also by `%s`', async line => {
    writeFileSync(join(root, 'app/Dockerfile'), `FROM scratch\n${line}\n`);
    const image = await treeOf();
    await image.look(signal);
    expect([has(image, '/x/big'), heldOf(image)]).toEqual([false, ['/x/big']]);
    const found = await hashLarge(big, await settled(big, signal), [], signal);
    if (found === null) throw new Error('somebody wrote it');
    image.takeLarge(big, found);
    isWritten = false;
    await image.look(signal, [big]);
    expect([has(image, '/x/big'), heldOf(image)]).toEqual([true, []]);
  });

  it('is given up when it goes', async () => {
    const image = await treeOf();
    await image.look(signal);
    expect(heldOf(image)).toEqual(['/app/big']);
    rmSync(big);
    expect((await image.look(signal, [big])).changed).toBe(true);
    expect([has(image, '/app/big'), heldOf(image)]).toEqual([false, []]);
  });

  it('stays as it was known', async () => {
    isWritten = false;
    const image = await treeOf();
    // a clock that counts no finer than this can't tell it from what was written just now
    await settled(big, signal);
    await image.look(signal);
    if (!has(image, '/app/big')) {
      const found = await hashLarge(big, await settled(big, signal), [], signal);
      if (found !== null) image.takeLarge(big, found);
      await image.look(signal, [big]);
    }
    const before = image.desired?.tree.get('/app/big');
    expect(before).toBeDefined();
    isWritten = true;
    appendFileSync(big, 'more');
    expect((await image.look(signal)).again).toEqual([big]);
    expect(image.desired?.tree.get('/app/big')).toEqual(before);
    expect(heldOf(image)).toEqual([]);
  });
});

describe('what costs no second look', () => {
  it('is only what the rules leave out, not what a listing happened not to have', async () => {
    const image = await treeOf();
    await image.look(signal);
    const late = join(root, 'app/late');
    const left = join(root, 'app/a.log');
    for (const path of [late, left]) {
      writeFileSync(path, 'x');
      expect(image.touch(path)).toBe('structure');
      image.noteIgnored(path);
    }
    mkdirSync(join(root, 'app/out'));
    writeFileSync(join(root, 'app/out/made'), 'x');
    image.noteIgnored(join(root, 'app/out/made'));
    expect(image.touch(late)).toBe('structure');
    expect(image.touch(left)).toBe('same');
    expect(image.touch(join(root, 'app/out/made'))).toBe('same');
    writeFileSync(join(root, 'app/.dockerignore'), '');
    await image.look(signal);
    expect(image.touch(left)).toBe('same');
    expect(has(image, '/app/a.log')).toBe(true);
  });
});
