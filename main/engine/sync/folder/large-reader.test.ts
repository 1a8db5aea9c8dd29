import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readHashed } from './large-reader.ts';
import { milliseconds } from './monotonic.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const never = new AbortController().signal;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'large-reader-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(name: string, size: number): { readonly path: string; readonly bytes: Buffer } {
  const path = join(folder, name);
  const bytes = randomBytes(size);
  writeFileSync(path, bytes);
  return { path, bytes };
}

async function whole(path: string, isReleased = true): Promise<{ hash: string; copy: Buffer }> {
  const pieces = readHashed(path, never);
  const copies: Buffer[] = [];
  for (;;) {
    const { done, value } = await pieces.next();
    if (done) return { hash: value, copy: Buffer.concat(copies) };
    copies.push(Buffer.from(value.bytes));
    if (isReleased) value.release();
  }
}

it('gives all bytes and their hash, of several files at once, and of one after the other', async () => {
  const files = [fileOf('a', 5_000_001), fileOf('b', 3 << 20), fileOf('empty', 0)];
  for (const isReleased of [true, false]) {
    const read = await Promise.all(files.map(({ path }) => whole(path, isReleased)));
    for (const [index, { hash, copy }] of read.entries()) {
      expect(hash).toBe(sha256(files[index]?.bytes ?? Buffer.alloc(0)));
      expect(copy.equals(files[index]?.bytes ?? Buffer.alloc(0))).toBe(true);
    }
  }
});

it('leaves bytes alone that somebody still needs', async () => {
  const { path, bytes } = fileOf('kept', 4 << 20);
  const pieces = readHashed(path, never);
  const first = await pieces.next();
  if (first.done) throw new Error('no piece');
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) next.value.release();
  await whole(path);
  expect(first.value.bytes.equals(bytes.subarray(0, first.value.bytes.length))).toBe(true);
});

it('ends where it is told to, and reads the next file all the same', async () => {
  const { path, bytes } = fileOf('cut', 4 << 20);
  const cut = readHashed(path, never);
  await cut.next();
  await cut.return('');
  const stop = new AbortController();
  const stopped = readHashed(path, stop.signal);
  await stopped.next();
  stop.abort();
  await expect(stopped.next()).rejects.toThrow('aborted');
  expect((await whole(path)).hash).toBe(sha256(bytes));
});

it('sees what is written behind it for as long as that may have left the times of the file as they were', async () => {
  const { path, bytes } = fileOf('behind', 5 << 20);
  const overwrite = (at: number): void => {
    const file = openSync(path, 'r+');
    writeSync(file, randomBytes(8), 0, 8, at);
    closeSync(file);
  };
  const unsure = readHashed(path, never, milliseconds() + 1500);
  await unsure.next();
  overwrite(100);
  const drain = async (): Promise<string> => {
    for (;;) {
      const { done, value } = await unsure.next();
      if (done) return value;
    }
  };
  await expect(drain()).rejects.toThrow('written while');
  writeFileSync(path, bytes);
  const quiet = readHashed(path, never, milliseconds() + 100);
  for (let next = await quiet.next(); ; next = await quiet.next())
    if (next.done) {
      expect(next.value).toBe(sha256(bytes));
      break;
    }
});

it('says what can’t be read', async () => {
  await expect(whole(join(folder, 'none'))).rejects.toThrow('ENOENT');
  await expect(whole(folder)).rejects.toThrow('EISDIR');
});
