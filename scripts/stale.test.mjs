import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from './places.mjs';
import { fingerprint, isStale, writeStamp } from './stale.mjs';

let folder;
let sources;
let stamp;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ptah-stale-'));
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src/a.ts'), 'one');
  sources = [relative(root, join(folder, 'src'))];
  stamp = join(folder, 'stamp.json');
  writeStamp(stamp, fingerprint(sources));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('unchanged sources are not stale', () => {
  expect(isStale(stamp, sources)).toBe(false);
});

test('without a stamp everything is stale', () => {
  rmSync(stamp);
  expect(isStale(stamp, sources)).toBe(true);
});

test('a changed, a new and a removed file make it stale', () => {
  writeFileSync(join(folder, 'src/a.ts'), 'two');
  expect(isStale(stamp, sources)).toBe(true);
  writeFileSync(join(folder, 'src/a.ts'), 'one');
  expect(isStale(stamp, sources)).toBe(false);
  writeFileSync(join(folder, 'src/b.ts'), '');
  expect(isStale(stamp, sources)).toBe(true);
  rmSync(join(folder, 'src/b.ts'));
  rmSync(join(folder, 'src/a.ts'));
  expect(isStale(stamp, sources)).toBe(true);
});

test('another time with the same content is not stale', () => {
  utimesSync(join(folder, 'src/a.ts'), 1, 1);
  expect(isStale(stamp, sources)).toBe(false);
});

test('tests are no sources', () => {
  writeFileSync(join(folder, 'src/a.test.ts'), 'x');
  expect(isStale(stamp, sources)).toBe(false);
});
