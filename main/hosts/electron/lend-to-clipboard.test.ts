import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lendToClipboard } from './lend-to-clipboard.ts';

let held = '';
const clipboard = {
  writeText: async (text: string) => void (held = text),
  readText: async () => held,
  clear: () => void (held = ''),
};

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('a secret is gone after a minute', async () => {
  await lendToClipboard(clipboard, 'token');
  await vi.advanceTimersByTimeAsync(59_000);
  expect(held).toBe('token');
  await vi.advanceTimersByTimeAsync(2000);
  expect(held).toBe('');
});

test('what the user copied meanwhile stays', async () => {
  await lendToClipboard(clipboard, 'token');
  held = 'mine';
  await vi.advanceTimersByTimeAsync(61_000);
  expect(held).toBe('mine');
});
