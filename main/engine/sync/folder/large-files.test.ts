import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LargeHash } from './hash-large.ts';
import type { ImageTree, Touched } from './image-tree.ts';
import { createLargeFiles } from './large-files.ts';

let folder: string;
let path: string;
let again: [path: string, milliseconds: number][];
let changed: number;
let atRead: () => void;
let touched: Touched;
let stop: AbortController;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'large-'));
  path = join(folder, 'big');
  writeFileSync(path, Buffer.alloc(2 << 20));
  again = [];
  changed = 0;
  atRead = () => {};
  touched = 'changed';
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  rmSync(folder, { recursive: true, force: true });
});

const imageOf = (): ImageTree => {
  const image: Pick<ImageTree, 'name' | 'placesOf' | 'takeLarge'> = {
    name: 'app',
    placesOf: () => [path],
    takeLarge: (_path: string, _found: LargeHash) => touched,
  };
  return image as ImageTree;
};
const filesOf = () =>
  createLargeFiles({
    onChanged: () => void (changed += 1),
    again: (of, _since, milliseconds) => void again.push([of, milliseconds]),
    readers: () => [{ write: () => atRead(), end: () => {} }] as never,
    signal: stop.signal,
  });

it('what is touched while it is read is looked at once more, also where its times say nothing', async () => {
  const files = filesOf();
  const image = imageOf();
  let more: Promise<void> | undefined;
  atRead = () => void (more ??= files.hash(image, path, 0));
  await files.hash(image, path, 0);
  await more;
  expect(changed).toBe(1);
  expect(again).toEqual([[path, 0]]);
});

it('what was touched before it is read is read as it is then', async () => {
  const files = filesOf();
  const image = imageOf();
  const first = files.hash(image, path, 0);
  await files.hash(image, path, 0);
  await first;
  expect(changed).toBe(1);
  expect(again).toEqual([]);
});

it('an image that was made anew has its own look at a file that is being read for the one before', async () => {
  const files = filesOf();
  let more: Promise<void> | undefined;
  atRead = () => void (more ??= files.hash(imageOf(), path, 0));
  await files.hash(imageOf(), path, 0);
  await more;
  expect(changed).toBe(2);
});

it('what is written while it is read counts for nothing, and is looked at again later each time', async () => {
  const files = filesOf();
  const image = imageOf();
  atRead = () => appendFileSync(path, 'x');
  await files.hash(image, path, 0);
  await files.hash(image, path, 0);
  expect(changed).toBe(0);
  expect(again.map(([, milliseconds]) => milliseconds)).toEqual([20, 40]);
  rmSync(path);
  await files.hash(image, path, 0);
  await vi.waitFor(() => expect(again).toHaveLength(3));
});

it('one that is no file of the tree yet is listed at once', async () => {
  touched = 'structure';
  await filesOf().hash(imageOf(), path, 0);
  expect([changed, again]).toEqual([0, [[path, 0]]]);
});
