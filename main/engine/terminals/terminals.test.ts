import { afterEach, beforeEach, expect, test } from 'vitest';
import { PtahError } from '../errors/index.ts';
import { createTerminals } from './index.ts';
import { fakeBackend, type FakeBackend } from './testing.ts';
import type { TerminalInfo, TerminalItem, Terminals } from './types.ts';

let backend: FakeBackend;
let terminals: Terminals;
beforeEach(() => {
  backend = fakeBackend();
  terminals = createTerminals({
    connect: () => Promise.reject(new Error('no cluster')),
    backend: () => backend,
  });
});
afterEach(() => terminals.closeAll());

const open = async () =>
  (await terminals.open({ projectId: 'p', namespace: 'n', pod: 'pod-1', container: 'c', cols: 80, rows: 24 }))
    .id;
const shell = async (index = 0) => {
  await expect.poll(() => backend.shells.length).toBeGreaterThan(index);
  const found = backend.shells[index];
  if (found === undefined) throw new Error('no shell');
  return found;
};

function view(id: string, after = 0) {
  const controller = new AbortController();
  const seen = {
    items: [] as TerminalItem[],
    bytes: [] as Buffer[],
    over: false,
    close: () => controller.abort(),
    get text() {
      return Buffer.concat(this.bytes).toString('utf8');
    },
    get info(): TerminalInfo | undefined {
      return this.items.findLast(item => item.type === 'state')?.terminal;
    },
  };
  void (async () => {
    for await (const item of terminals.attach({ id, after }, controller.signal)) {
      seen.items.push(item);
      if (item.type === 'output') seen.bytes.push(Buffer.from(item.data, 'base64'));
    }
    seen.over = true;
  })();
  return seen;
}

test('a view that comes later sees all of it; one that knows a part gets the rest', async () => {
  const id = await open();
  const { output } = await shell();
  output.write('one\r\n');
  const first = view(id);
  await expect.poll(() => first.text).toBe('one\r\n');
  first.close();
  await expect.poll(() => first.over).toBe(true);
  output.write('two\r\n');
  const second = view(id);
  await expect.poll(() => second.text).toBe('one\r\ntwo\r\n');
  const third = view(id, 5);
  await expect.poll(() => third.text).toBe('two\r\n');
  output.write('three\r\n');
  await expect.poll(() => second.text).toContain('three');
  await expect.poll(() => third.text).toContain('three');
  expect(backend.shells).toHaveLength(1);
  expect(backend.shells[0]?.closed).toBe(false);
});

test('bytes are never changed, whatever their borders', async () => {
  const id = await open();
  const { output } = await shell();
  const seen = view(id);
  const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 7919) % 256));
  for (let at = 0; at < bytes.length; at += 997) output.write(bytes.subarray(at, at + 997));
  await expect.poll(() => Buffer.concat(seen.bytes).length).toBe(bytes.length);
  expect(Buffer.concat(seen.bytes).equals(bytes)).toBe(true);
});

test('without a view nothing is held back, and the view that comes begins where the kept begins', async () => {
  const id = await open();
  const { output } = await shell();
  for (let line = 0; line < 60_000; line += 1)
    if (!output.write(`line ${line} ${'.'.repeat(40)}\r\n`))
      await new Promise(resolve => output.once('drain', resolve));
  await expect.poll(() => output.readableLength).toBe(0);
  const seen = view(id);
  await expect.poll(() => seen.text).toContain('line 59999');
  expect(seen.items.find(({ type }) => type === 'reset')).toBeDefined();
  expect(seen.text.length).toBeLessThanOrEqual(1024 * 1024);
  expect(seen.text).toMatch(/^line \d+ /);
});

test('a view that does not take it holds the shell back, until it goes', async () => {
  const id = await open();
  const { output } = await shell();
  const slow = terminals.attach({ id, after: 0 }, new AbortController().signal)[Symbol.asyncIterator]();
  await slow.next();
  let written = 0;
  const write = async () => {
    while (written < 4_000_000) {
      written += 8_192;
      if (!output.write(Buffer.alloc(8_192, 'x')))
        await new Promise(resolve => output.once('drain', resolve));
    }
  };
  const writing = write();
  await new Promise(resolve => setTimeout(resolve, 200));
  expect(written).toBeLessThan(1_000_000);
  await slow.return?.(undefined);
  await writing;
  expect(written).toBeGreaterThanOrEqual(4_000_000);
});

test('one size, the last one; every view hears of it', async () => {
  const id = await open();
  const { sizes } = await shell();
  const one = view(id);
  const two = view(id);
  await expect.poll(() => one.info?.state).toBe('running');
  terminals.resize({ id, cols: 120, rows: 40 });
  terminals.resize({ id, cols: 120, rows: 40 });
  await expect.poll(() => one.info).toMatchObject({ cols: 120, rows: 40 });
  await expect.poll(() => two.info).toMatchObject({ cols: 120, rows: 40 });
  expect(sizes.filter(size => size === '120x40')).toHaveLength(1);
});

test('input waits for the other side and is told where there is none', async () => {
  const id = await open();
  const { input, exit } = await shell();
  const seen = view(id);
  await expect.poll(() => seen.info?.state).toBe('running');
  await terminals.input({ id, data: Buffer.from('ls\n').toString('base64') });
  expect(String(input.read())).toBe('ls\n');
  const large = Buffer.alloc(100_000, 'y').toString('base64');
  const accepted: number[] = [];
  const pending = Promise.all(
    [0, 1, 2].map(async at => (await terminals.input({ id, data: large }), accepted.push(at))),
  );
  await new Promise(resolve => setTimeout(resolve, 50));
  expect(accepted.length).toBeLessThan(3);
  input.resume();
  await pending;
  exit({ exitCode: 7, reason: null });
  await expect.poll(() => seen.info).toMatchObject({ state: 'ended', exitCode: 7 });
  await expect(terminals.input({ id, data: 'eA==' })).rejects.toMatchObject({ code: 'not-running' });
});

test('lost: the reason stays in the text, a click starts a new shell below it', async () => {
  const id = await open();
  const first = await shell();
  const seen = view(id);
  first.output.write('work');
  backend.loss = { kind: 'lost', reason: 'Container c ended with exit code 137 (OOMKilled).' };
  first.exit({ exitCode: 137, reason: 'killed' });
  await expect
    .poll(() => seen.info)
    .toMatchObject({ state: 'lost', message: expect.stringContaining('OOMKilled') });
  expect(seen.text).toContain('OOMKilled');
  terminals.reconnect({ id });
  const second = await shell(1);
  second.output.write('again');
  await expect.poll(() => seen.text).toMatch(/work[^]*OOMKilled[^]*again/);
  await expect.poll(() => seen.info).toMatchObject({ state: 'running', exitCode: null, message: null });
});

test('replaced: a new shell by itself, and it says where', async () => {
  const id = await open();
  const first = await shell();
  const seen = view(id);
  await expect.poll(() => seen.info?.state).toBe('running');
  backend.loss = { kind: 'replaced', reason: 'Pod pod-1 was deleted.' };
  first.exit({ exitCode: null, reason: null });
  await shell(1);
  await expect.poll(() => seen.info).toMatchObject({ state: 'running', pod: 'pod-2' });
  expect(seen.text).toContain('Now in pod pod-2.');
});

test('no shell and no start are states, not ends', async () => {
  backend.refuse = new PtahError('no-shell', 'The image of container c has no shell.');
  const id = await open();
  const seen = view(id);
  await expect.poll(() => seen.info).toMatchObject({ state: 'no-shell' });
  backend.refuse = new PtahError('unreachable', 'No connection.');
  terminals.reconnect({ id });
  await expect.poll(() => seen.info).toMatchObject({ state: 'failed', message: 'No connection.' });
  backend.refuse = null;
  terminals.reconnect({ id });
  await expect.poll(() => seen.info).toMatchObject({ state: 'running' });
});

test('closing ends the shell, the views and the listing; closing all lets none be opened', async () => {
  const changes: string[] = [];
  terminals.onChange(({ state }, closed) => changes.push(closed ? 'closed' : state));
  const id = await open();
  const one = await shell();
  const seen = view(id);
  await expect.poll(() => seen.info?.state).toBe('running');
  expect(terminals.list()).toMatchObject([{ id, state: 'running', pod: 'pod-1' }]);
  await terminals.close({ id });
  await terminals.close({ id });
  expect(one.closed).toBe(true);
  expect(backend.disposed).toBe(true);
  expect(terminals.list()).toEqual([]);
  await expect.poll(() => seen.over).toBe(true);
  expect(changes).toEqual(['starting', 'starting', 'running', 'closed']);
  expect(() => terminals.resize({ id, cols: 80, rows: 24 })).toThrow('That terminal is closed.');
  await terminals.closeAll();
  await expect(open()).rejects.toMatchObject({ code: 'cancelled' });
});
