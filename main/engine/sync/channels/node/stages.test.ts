import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Operation } from '../../types.ts';
import type { NodeLink } from './node-link.ts';
import { createStages } from './stages.ts';
import type { Stages } from './stages.ts';
import { createWrittenFiles } from './written.ts';

let frames: string[];
let released: string[];
let answers: Map<number, { resolve(body: Buffer): void; reject(error: Error): void }>;
let room: Promise<void> | undefined;
let isOpen: boolean;
let stages: Stages;

beforeEach(() => {
  vi.useFakeTimers();
  frames = [];
  released = [];
  answers = new Map();
  room = undefined;
  isOpen = true;
  let count = 0;
  const link: Pick<NodeLink, 'next' | 'answer' | 'post' | 'pass'> = {
    next: () => ++count,
    answer: id => new Promise((resolve, reject) => answers.set(id, { resolve, reject })),
    post(id, letter, ...payload) {
      frames.push(`${id}${letter}${letter === 'B' ? '' : Buffer.concat(payload).toString()}`);
      return room;
    },
    pass(id, letter, payload, sent) {
      sent();
      return this.post(id, letter, payload);
    },
  };
  stages = createStages(
    link as NodeLink,
    () => [],
    () => isOpen,
  );
});
afterEach(() => vi.useRealTimers());

const wanted: Extract<Operation, { op: 'file' }> = {
  op: 'file',
  path: '/app/big',
  mode: 0o644,
  size: 6,
  hash: 'abc',
  source: { file: '/nowhere' },
  owner: null,
};
const staged = (options: { mode?: number; owner?: string | null } = {}) => {
  const file = stages.stage('/app/big', { mode: 0o644, owner: null, ...options });
  if (file === null) throw new Error('not staged');
  void file.write(Buffer.from('one'), () => released.push('one'));
  void file.write(Buffer.from('two'), () => released.push('two'));
  return file;
};

describe('a staged file', () => {
  it('comes to its place when an operation wants just these bytes', async () => {
    staged().end('abc');
    const taken = stages.take(wanted);
    answers.get(1)?.resolve(Buffer.from('stamp'));
    expect(String(await taken)).toBe('stamp');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(frames).toEqual(['1B', '1Wone', '1Wtwo', '1F1']);
    expect(stages.take(wanted)).toBeNull();
  });

  it.each<[string, Partial<typeof wanted>]>([
    ['content', { hash: 'other' }],
    ['size', { size: 7 }],
    ['mode', { mode: 0o755 }],
    ['owner', { owner: 'root' }],
  ])('is thrown away when another %s is wanted', (_, other) => {
    staged().end('abc');
    expect(stages.take({ ...wanted, ...other })).toBeNull();
    expect(frames.at(-1)).toBe('1F0');
  });

  it('is thrown away when it was in vain, when it is not whole yet, and when nobody wants it', async () => {
    staged().end(null);
    expect(frames.at(-1)).toBe('1F0');
    const early = staged();
    expect(stages.take(wanted)).toBeNull();
    expect(frames.at(-1)).toBe('2F0');
    void early.write(Buffer.from('late'), () => released.push('late'));
    early.end('abc');
    expect(stages.take(wanted)).toBeNull();
    expect(frames.at(-1)).toBe('2F0');
    staged().end('abc');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(frames.at(-1)).toBe('3F0');
    expect(stages.take(wanted)).toBeNull();
  });

  it('gives way to a newer one of the same path, and all go when the channel closes', () => {
    staged().end('abc');
    staged();
    expect(frames.filter(frame => frame.includes('F'))).toEqual(['1F0']);
    stages.close();
    expect(frames.at(-1)).toBe('2F0');
    isOpen = false;
    expect(stages.stage('/app/big', { mode: 0o644, owner: null })).toBeNull();
  });

  it('is of no use when the container refused it: the operation is sent as any other, and tells why', async () => {
    const file = staged();
    answers.get(1)?.reject(new Error('No space left on device'));
    await vi.advanceTimersByTimeAsync(0);
    void file.write(Buffer.from('more'), () => released.push('more'));
    file.end('abc');
    expect(stages.take(wanted)).toBeNull();
    expect(frames).toEqual(['1B', '1Wone', '1Wtwo']);
    expect(released).toEqual(['one', 'two', 'more']);
  });

  it('that is not taken in keeps whoever reads it waiting for a moment only', async () => {
    room = new Promise(() => {});
    const file = stages.stage('/app/big', { mode: 0o644, owner: null });
    const waiting = file?.write(Buffer.from('one'), () => released.push('one'));
    await vi.advanceTimersByTimeAsync(3_000);
    await waiting;
    expect(frames.at(-1)).toBe('1F0');
    expect(file?.write(Buffer.from('two'), () => released.push('two'))).toBeUndefined();
  });
});

describe('what was written', () => {
  const entry = { type: 'file', mode: 0o644, size: 1, hash: 'x' } as const;

  it('is known for as long as the kernel says the same of it', async () => {
    const written = createWrittenFiles();
    written.note('/a', entry, Buffer.from('1'));
    expect(await written.unchanged('/a', () => Promise.resolve(Buffer.from('1')))).toBe(entry);
    expect(await written.unchanged('/a', () => Promise.resolve(Buffer.from('2')))).toBeNull();
    expect(await written.unchanged('/a', () => Promise.resolve(Buffer.alloc(0)))).toBeNull();
    expect(await written.unchanged('/a', () => Promise.reject(new Error('gone')))).toBeNull();
    expect(await written.unchanged('/b', () => Promise.resolve(Buffer.from('1')))).toBeNull();
  });

  it('is not, where the kernel can say nothing', async () => {
    const written = createWrittenFiles();
    written.note('/a', entry, Buffer.from('1'));
    written.note('/a', entry, Buffer.alloc(0));
    expect(await written.unchanged('/a', () => Promise.resolve(Buffer.alloc(0)))).toBeNull();
  });
});
