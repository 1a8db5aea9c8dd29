import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { unwatchedState } from './unwatched-state.ts';

it('polls where the system has no watches left, says so, and recovers', { timeout: 60_000 }, async () => {
  const script = fileURLToPath(new URL('testing-few-watches.ts', import.meta.url));
  const argv = ['--user', '--map-root-user', process.execPath, '--no-warnings', script, '64'];
  const { stdout } = await promisify(execFile)('unshare', argv);
  const seen = JSON.parse(stdout) as Record<string, unknown>;
  expect(seen).toMatchObject({
    first: {
      mode: 'polling',
      message: expect.stringContaining('limit of file watches') as unknown,
      hint: expect.stringContaining('sysctl fs.inotify.max_user_watches') as unknown,
    },
    equal: true,
    last: { mode: 'watches', message: null },
    left: 0,
  });
  expect(seen.during).toBeLessThanOrEqual(64);
  expect(seen.raised).toBeGreaterThan(190);
});

it('never calls it a full disk', () => {
  const { mode, message } = unwatchedState(new Map([['/a', 'ENOSPC']]));
  expect(mode).toBe('polling');
  expect(message).not.toMatch(/disk|space/i);
});

it('names another reason by its code', () => {
  expect(unwatchedState(new Map([['/a', 'EACCES']])).message).toContain('EACCES');
});
