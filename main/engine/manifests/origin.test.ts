import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { originAnnotations, originOf, otherFolder, readOrigin } from './origin.ts';

const base = mkdtempSync(join(tmpdir(), 'ptah-origin-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

test('another folder of this machine is named as long as it is there; a moved one, a link and another machine are not', () => {
  const [one, two, link] = ['one', 'two', 'link'].map(name => join(base, name)) as [string, string, string];
  mkdirSync(one);
  mkdirSync(two);
  symlinkSync(one, link);
  const origin = readOrigin(originAnnotations(originOf(one)));
  expect(origin).toEqual(originOf(link));
  expect(otherFolder(origin, one)).toBeNull();
  expect(otherFolder(origin, link)).toBeNull();
  expect(otherFolder(origin, two)).toBe(originOf(one).folder);
  expect(otherFolder(origin && { ...origin, machine: 'elsewhere' }, two)).toBeNull();
  renameSync(one, join(base, 'moved'));
  expect(otherFolder(origin, join(base, 'moved'))).toBeNull();
  expect(otherFolder(null, two)).toBeNull();
});

test('what carries no note has no origin', () => {
  expect(readOrigin(undefined)).toBeNull();
  expect(readOrigin({ other: 'x' })).toBeNull();
});
