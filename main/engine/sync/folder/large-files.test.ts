import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LargeHash } from './hash-large.ts';
import type { ImageTree } from './image-tree.ts';
import type { Touched } from './path-look.ts';
import { createLargeFiles } from './large-files.ts';

let folder: string;
let path: string;
let again: [path: string, milliseconds: number][];
let changed: number;
let atBegin: () => void;
let atRead: () => void | Promise<void>;
let touched: Touched;
let taken: LargeHash | null;
let ends: (string | null)[];
let stop: AbortController;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'large-'));
  path = join(folder, 'big');
  writeFileSync(path, Buffer.alloc(2 << 20));
  again = [];
  changed = 0;
  atBegin = () => {};
  atRead = () => {};
  touched = 'changed';
  ends = [];
  taken = null;
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
    takeLarge(_path: string, found: LargeHash) {
      taken = found;
      return touched;
    },
  };
  return image as ImageTree;
};
const filesOf = () =>
  createLargeFiles({
    onChanged: () => void (changed += 1),
    again: (of, _since, milliseconds) => void again.push([of, milliseconds]),
    readers() {
      atBegin();
      return [{ write: () => atRead(), end: (hash: string | null) => ends.push(hash) }] as never;
    },
    signal: stop.signal,
  });

it('what is touched while a change may leave its times as they are is for the reading to see', async () => {
  const files = filesOf();
  const image = imageOf();
  let more: Promise<void> | undefined;
  atBegin = () => void (more ??= files.hash(image, path, 0));
  const clock = vi.spyOn(process.hrtime, 'bigint').mockReturnValue(process.hrtime.bigint());
  await files.hash(image, path, 0);
  await more;
  clock.mockRestore();
  expect(ends).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  expect(changed).toBe(1);
  expect(again).toEqual([]);
});

it('what is touched later, while it is read, is looked at once more', async () => {
  const files = filesOf();
  const image = imageOf();
  let more: Promise<void> | undefined;
  atRead = () =>
    new Promise(resolve => {
      // by then its times would have told of a change
      setTimeout(() => resolve((more ??= files.hash(image, path, 0))), 60);
    });
  await files.hash(image, path, 0);
  await more;
  expect(ends).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  expect(changed).toBe(1);
  expect(again).toEqual([[path, 0]]);
});

it('what was read right after a change counts as read when another would have had another time', async () => {
  await filesOf().hash(imageOf(), path, 0);
  // as an index wants it, which would read it once more else
  expect((taken?.readAt ?? 0) - (taken?.stats.mtimeMs ?? 0)).toBeGreaterThan(20);
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
  expect(ends).toEqual([null, null, null]);
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
