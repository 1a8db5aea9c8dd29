import { describe, expect, it } from 'vitest';
import { namesIn } from './drop.tsx';

const directory = (batches: readonly (readonly string[])[]) => {
  const left = batches.map(batch => batch.map(name => ({ name })));
  return {
    createReader: () => ({ readEntries: (done: (entries: unknown[]) => void) => done(left.shift() ?? []) }),
  };
};

describe('a dropped folder', () => {
  it('is read to its end: a reader gives at most a hundred names at a time', async () => {
    const names = Array.from({ length: 230 }, (_, index) => `f${index}`);
    const dropped = directory([names.slice(0, 100), names.slice(100, 200), names.slice(200)]);
    expect(await namesIn(dropped as unknown as FileSystemDirectoryEntry)).toEqual(names);
  });

  it('that can not be read has no names', async () => {
    const broken = {
      createReader: () => ({
        readEntries: (_: unknown, fail: (error: Error) => void) => fail(new Error('denied')),
      }),
    };
    expect(await namesIn(broken as unknown as FileSystemDirectoryEntry)).toEqual([]);
  });
});
