import { expect, it, vi } from 'vitest';
import { createInputQueue, fromBase64, toBase64 } from './input-queue.ts';

const textOf = (base64: string) => new TextDecoder().decode(fromBase64(base64));

it('keeps the order, sends one at a time, and gathers what comes meanwhile', async () => {
  const sent: string[] = [];
  const answers: (() => void)[] = [];
  const queue = createInputQueue(
    data => {
      sent.push(textOf(data));
      return new Promise<void>(resolve => answers.push(resolve));
    },
    () => undefined,
  );
  for (const key of 'größe') queue.text(key);
  expect(sent).toEqual(['g']);
  answers.shift()?.();
  await vi.waitFor(() => expect(sent).toEqual(['g', 'röße']));
  answers.shift()?.();
});

it('cuts a large paste into what the contract takes', async () => {
  const sent: string[] = [];
  const queue = createInputQueue(
    async data => sent.push(data),
    () => undefined,
  );
  const text = 'größe 日本 '.repeat(50_000);
  queue.text(text);
  const bytes = () => sent.map(fromBase64);
  const whole = new TextEncoder().encode(text).length;
  await vi.waitFor(() => expect(bytes().reduce((sum, part) => sum + part.length, 0)).toBe(whole));
  expect(Math.max(...sent.map(data => data.length))).toBeLessThanOrEqual(256 * 1024);
  const decoder = new TextDecoder();
  expect(
    bytes()
      .map(part => decoder.decode(part, { stream: true }))
      .join(''),
  ).toBe(text);
});

it('sends nothing of what followed a key that was lost', async () => {
  const failures: unknown[] = [];
  let calls = 0;
  const queue = createInputQueue(
    () => {
      calls += 1;
      return Promise.reject(new Error('gone'));
    },
    error => failures.push(error),
  );
  queue.text('r');
  queue.text('m\n');
  await vi.waitFor(() => expect(failures).toHaveLength(1));
  expect(calls).toBe(1);
});

it('passes bytes as they are', () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
  expect(fromBase64(toBase64(bytes))).toEqual(bytes);
});
