import { describe, expect, it } from 'vitest';
import { createRunLog, type RunLog } from './run-log.ts';
import type { RunLogItem } from './types.ts';

async function read(log: RunLog, after = 0): Promise<readonly RunLogItem[]> {
  const items: RunLogItem[] = [];
  for await (const item of log.follow(after, new AbortController().signal)) items.push(item);
  return items;
}
const textOf = (items: readonly RunLogItem[]): string =>
  items.map(item => (item.type === 'output' ? item.text : '')).join('');

describe('the log of a container', () => {
  it('cuts no character, keeps its two streams apart, and ends with the exit code', async () => {
    const log = createRunLog();
    for (const byte of Buffer.from('größe 🐳')) log.write('stdout', Buffer.from([byte]));
    log.write('stderr', Buffer.from('bad\n'));
    const early = read(log);
    log.end(3);
    for (const items of [await early, await read(log)]) {
      expect(textOf(items.filter(item => item.type === 'output' && item.stream === 'stdout'))).toBe(
        'größe 🐳',
      );
      expect(textOf(items.filter(item => item.type === 'output' && item.stream === 'stderr'))).toBe('bad\n');
      expect(items.at(-1)).toEqual({ type: 'ended', exitCode: 3 });
    }
  });

  it('goes on where a view was, without loss or doubling', async () => {
    const log = createRunLog();
    const stop = new AbortController();
    const first: RunLogItem[] = [];
    const reading = (async () => {
      for await (const item of log.follow(0, stop.signal)) first.push(item);
    })();
    for (let at = 0; at < 50; at++) {
      log.write('stdout', Buffer.from(`${at} `));
      // oxlint-disable-next-line no-await-in-loop -- a view that keeps up with some
      if (at % 7 === 0) await new Promise(resolve => setImmediate(resolve));
    }
    stop.abort();
    await reading;
    const last = first.at(-1);
    const at = last?.type === 'output' ? last.seq : 0;
    for (let more = 50; more < 60; more++) log.write('stdout', Buffer.from(`${more} `));
    log.end(0);
    const expected = Array.from({ length: 60 }, (_, number) => `${number} `).join('');
    expect(textOf(first) + textOf(await read(log, at))).toBe(expected);
    expect(textOf(await read(log))).toBe(expected);
  });

  it('keeps the latest of much, and says that what a view had is not connected', async () => {
    const log = createRunLog();
    const line = Buffer.from(`${'x'.repeat(70_000)}\n`);
    for (let at = 0; at < 100; at++) log.write('stdout', line);
    log.write('stdout', Buffer.from('last\n'));
    log.end(0);
    const items = await read(log, 1);
    expect(items[0]).toEqual({ type: 'reset' });
    expect(textOf(items).length).toBeLessThan(5 * 1024 * 1024);
    expect(textOf(items).endsWith('last\n')).toBe(true);
    expect((await read(log, 10_000))[0]).toEqual({ type: 'reset' });
  });
});
