import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { saveLog } from './save-log.ts';
import type { LogPiece } from './types.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ptah-save-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function* pieces(...texts: string[]): AsyncGenerator<LogPiece> {
  for (const text of texts) yield { text, lines: text.split('\n').length - 1 };
}
async function last<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  let found: T | undefined;
  for await (const item of items) found = item;
  return found;
}
const never = new AbortController().signal;

describe('saving a log', () => {
  it('writes every piece and says how much', async () => {
    const path = join(folder, 'shop.log');
    const said = await last(saveLog(pieces('größe\n', 'a\nb\n'), { path, overwrite: false }, never));
    expect(said).toEqual({ path, lines: 3, bytes: Buffer.byteLength('größe\na\nb\n'), done: true });
    expect(await readFile(path, 'utf8')).toBe('größe\na\nb\n');
    expect(await readdir(folder)).toEqual(['shop.log']);
  });

  it('replaces a file only when that was agreed to', async () => {
    const path = join(folder, 'shop.log');
    await writeFile(path, 'mine');
    await expect(last(saveLog(pieces('x\n'), { path, overwrite: false }, never))).rejects.toMatchObject({
      code: 'already-there',
    });
    expect(await readFile(path, 'utf8')).toBe('mine');
    await last(saveLog(pieces('x\n'), { path, overwrite: true }, never));
    expect(await readFile(path, 'utf8')).toBe('x\n');
  });

  it('leaves nothing half-written when it is cancelled or fails', async () => {
    const path = join(folder, 'shop.log');
    const controller = new AbortController();
    async function* endless(): AsyncGenerator<LogPiece> {
      for (;;) yield { text: 'line\n', lines: 1 };
    }
    for await (const item of saveLog(endless(), { path, overwrite: false }, controller.signal))
      if (item.lines > 0) controller.abort();
    expect(await readdir(folder)).toEqual([]);
    async function* broken(): AsyncGenerator<LogPiece> {
      yield { text: 'line\n', lines: 1 };
      throw new Error('the disk is gone');
    }
    await expect(last(saveLog(broken(), { path, overwrite: false }, never))).rejects.toMatchObject({
      code: 'not-written',
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('names what is wrong with the path', async () => {
    const save = (path: string) => last(saveLog(pieces('x\n'), { path, overwrite: true }, never));
    await expect(save('shop.log')).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(save(folder)).rejects.toMatchObject({ code: 'is-a-folder' });
    await expect(save(join(folder, 'none', 'shop.log'))).rejects.toMatchObject({ code: 'not-written' });
  });
});
