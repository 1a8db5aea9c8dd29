import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDashboard } from './open-dashboard.ts';

const secret = 'eyJ.e30.c2ln';
let held = '';
const shown = vi.fn();
const opened: string[] = [];
const answers: Record<string, () => unknown> = {
  'dashboard.open': () => ({ url: 'http://127.0.0.1:41234/', token: secret, expiresAt: '' }),
  'dashboard.example': () => ({ root: '/home/me/dashboards/dev' }),
  'app.openExternal': () => ({ ok: true }),
};
const stores = {
  client: { request: async (method: string) => answers[method]?.() },
  toasts: { show: shown, dismiss: vi.fn() },
  opening: { open: async (path: string) => void opened.push(path) },
} as unknown as Parameters<typeof openDashboard>[0];

beforeEach(() => {
  vi.useFakeTimers();
  held = '';
  shown.mockClear();
  vi.stubGlobal('navigator', {
    clipboard: {
      writeText: async (text: string) => void (held = text),
      readText: async () => held,
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('the token is lent to the clipboard for 60 s', async () => {
  await openDashboard(stores, 'p-1');
  expect(held).toBe(secret);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(held).toBe(secret);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(held).toBe('');
});

test('what was copied since then stays', async () => {
  await openDashboard(stores, 'p-1');
  held = 'something else';
  await vi.advanceTimersByTimeAsync(61_000);
  expect(held).toBe('something else');
});

test('where there is no dashboard, the example’s is opened as a project', async () => {
  const found = answers['dashboard.open'];
  answers['dashboard.open'] = () => {
    throw Object.assign(new Error('There is no Service board (ui.service).'), { code: 'no-dashboard' });
  };
  try {
    await openDashboard(stores, 'p-1');
  } finally {
    if (found) answers['dashboard.open'] = found;
  }
  const toast = shown.mock.lastCall?.[0] as { action: { label: string; run: () => void } };
  expect(toast).toMatchObject({ tone: 'bad', action: { label: 'Open the example’s' } });
  toast.action.run();
  await vi.advanceTimersByTimeAsync(1);
  expect(opened).toEqual(['/home/me/dashboards/dev']);
});
