import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { inotifyWatches, told, watchProject } from './testing.ts';

const OPERATIONS = 2400;

/** Numbers from a seed (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

it.each([1, 20261121])(
  'is what a fresh look gives, after any operations (seed %i)',
  { timeout: 180_000 },
  async seed => {
    const before = inotifyWatches();
    const next = numbers(seed);
    const folder = await watchProject({
      Dockerfile: 'FROM scratch\nWORKDIR /app\nCOPY . .\nCOPY --chmod=640 a /over\nCOPY b/ /over/\n',
      '.dockerignore': '*.log\nc\n!c/keep\n',
      'a/x': 'a',
      'b/x': 'b',
    });
    const names = ['a', 'b', 'c', 'd', 'keep', 'x', 'y.log', 'Ünï'];
    const anyPath = (): string =>
      folder.path(Array.from({ length: 1 + next(4) }, () => names[next(names.length)] ?? 'a').join('/'));
    const existing = (): string => {
      let path = folder.path('');
      for (;;) {
        const inside = readdirSync(path).filter(name => name !== 'Dockerfile' && name !== '.dockerignore');
        const name = inside[next(inside.length + 1)];
        if (name === undefined) return path === folder.path('') ? anyPath() : path;
        path = join(path, name);
        if (!lstatSync(path).isDirectory()) return path;
      }
    };
    const operations: readonly (() => void)[] = [
      () => {
        const path = anyPath();
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, `new ${next(1000)}`);
      },
      () => writeFileSync(existing(), `edit ${next(1000)}`),
      () => appendFileSync(existing(), 'more'),
      () => mkdirSync(anyPath(), { recursive: true }),
      () => rmSync(existing(), { recursive: true }),
      () => {
        const to = anyPath();
        mkdirSync(dirname(to), { recursive: true });
        renameSync(existing(), to);
      },
      () => chmodSync(existing(), next(2) === 0 ? 0o755 : 0o600),
      () => {
        const path = `${existing()}.tmp`;
        writeFileSync(path, `saved ${next(1000)}`);
        renameSync(path, existing());
      },
      () => symlinkSync(next(2) === 0 ? 'x' : '../../../out', anyPath()),
      () => writeFileSync(existing(), ''),
      () => {
        const [one, other, between] = [existing(), existing(), folder.path('between')];
        renameSync(one, between);
        try {
          renameSync(other, one);
          renameSync(between, other);
        } catch {
          rmSync(between, { recursive: true });
        }
      },
      () => {
        const path = anyPath();
        rmSync(path, { recursive: true });
        writeFileSync(path, 'was perhaps a folder');
      },
    ];
    try {
      for (let at = 1; at <= OPERATIONS; at++) {
        try {
          operations[next(operations.length)]?.();
        } catch (error) {
          // Such as renaming a folder into itself: the model is whatever the file system made of it.
          if ((error as NodeJS.ErrnoException).code === undefined) throw error;
        }
        if (next(6) === 0) await new Promise(resolve => setTimeout(resolve, next(6)));
        if (at % 150 === 0) await folder.settled();
      }
      await folder.settled();
      expect(told(folder.tree())).toBe(told(await folder.fresh()));
      expect(inotifyWatches()).toBeGreaterThan(before);
    } finally {
      await folder.close();
    }
    expect(inotifyWatches()).toBe(before);
  },
);
