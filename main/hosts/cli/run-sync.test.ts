import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SyncContainer, SyncEvent, SyncSnapshot } from '../../engine/sync/index.ts';
import { runSync } from './run-sync.ts';

// How each state ends in the terminal: with a word, the path where there is one, and an exit code.
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const container: SyncContainer = {
  key: 'shop/api-1/api',
  namespace: 'shop',
  workload: { kind: 'Deployment', name: 'api' },
  pod: 'api-1',
  container: 'api',
  containerId: 'containerd://1',
  node: 'node',
  image: 'api',
  reference: 'api:1',
  on: true,
  state: 'equal',
  reason: null,
  hint: null,
  channel: null,
  files: 3,
  pending: 0,
  p50: null,
  p95: null,
  last: [],
  drift: [],
  verifiedAt: null,
};

function snapshot(
  changes: Partial<SyncContainer> | null,
  all: Partial<SyncSnapshot> = {},
  problems: SyncSnapshot['images'][number]['problems'] = [],
): SyncSnapshot {
  const image = { name: 'api', switch: 'on', rules: [], outside: [], outsideCount: 0, files: 3 } as const;
  return {
    at: '2026-01-02T03:04:05.000Z',
    switch: 'on',
    automatic: false,
    paused: false,
    blocked: null,
    watching: { mode: 'watches', message: null, hint: null },
    images: [{ ...image, problems }],
    containers: changes === null ? [] : [{ ...container, ...changes }],
    ...all,
  };
}

/** Runs `ptah sync` over snapshots that come 100 ms apart; Ctrl+C after `forMs`. */
async function ended(
  snapshots: readonly SyncSnapshot[],
  { once = true, verify = false, forMs = 200_000, equal = true } = {},
) {
  const interrupted = new AbortController();
  let err = '';
  const sync = {
    async *watch(_: unknown, signal: AbortSignal): AsyncGenerator<SyncSnapshot> {
      for (const each of snapshots) {
        yield each;
        await new Promise(resolve => setTimeout(resolve, 100));
      }
      if (!signal.aborted) await new Promise(resolve => signal.addEventListener('abort', resolve));
    },
    async *feed(_: unknown, signal: AbortSignal): AsyncGenerator<SyncEvent> {
      if (!signal.aborted) await new Promise(resolve => signal.addEventListener('abort', resolve));
      yield* [];
    },
    verify: () =>
      Promise.resolve({
        equal,
        files: 3,
        bytes: 30,
        durationMs: 1,
        differences: equal ? [] : [{ path: '/srv/app/main.py', problem: 'content' as const }],
      }),
  };
  const terminal = {
    env: {},
    cwd: '/',
    out: () => {},
    err: (text: string) => void (err += text),
    interactive: false,
    confirm: () => Promise.resolve(false),
    signal: interrupted.signal,
  };
  const options = { images: [], once, verify, events: false };
  let code: number | null = null;
  const run = runSync({ sync }, 'shop', options, terminal).then(given => (code = given));
  await vi.advanceTimersByTimeAsync(forMs);
  interrupted.abort();
  await run;
  return { code, err };
}

const drifted = {
  path: '/srv/app/main.py',
  file: 'api/app/main.py',
  kind: 'changed',
  ignored: false,
} as const;
const unreadable = {
  code: 'unreadable',
  severity: 'error',
  message: '“app/secret” can’t be read: permission denied.',
  file: 'app/secret',
} as const;
const written = {
  code: 'being-written',
  severity: 'warning',
  message: 'It may still be being written.',
  file: 'app/large.bin',
} as const;
const leaves = {
  code: 'link-leaves',
  severity: 'warning',
  message: 'The link “app/out” leads out of the synced folders, to “/etc”.',
  file: 'app/out',
  line: 3,
} as const;

it.each([
  ['equal', snapshot({}), 0, '1 container equal to the folder'],
  [
    'no room',
    snapshot({ state: 'degraded', reason: '/srv/app/large.bin: ENOSPC', hint: 'Make room.' }),
    1,
    'shop/api-1/api: degraded: /srv/app/large.bin: ENOSPC Make room.',
  ],
  [
    'read-only',
    snapshot({ state: 'refused', reason: 'The root is read-only.' }),
    1,
    'refused: The root is read-only.',
  ],
  ['changed inside', snapshot({ state: 'drift', drift: [drifted] }), 1, '/srv/app/main.py'],
  [
    'never runs',
    snapshot({ state: 'waiting', reason: 'The container does not run yet.' }),
    1,
    'does not run yet',
  ],
  [
    'another machine',
    snapshot({}, { blocked: 'ada@mill syncs this project.' }),
    1,
    'ada@mill syncs this project.',
  ],
  [
    'the API server is away',
    snapshot(null, { blocked: 'The cluster does not answer.' }),
    1,
    'does not answer',
  ],
  ['nothing deployed', snapshot(null), 1, 'deploy first'],
  ['a file that can’t be read', snapshot({}, {}, [unreadable]), 1, 'error: app/secret: '],
  ['a large file that is written all the time', snapshot({}, {}, [written]), 1, 'warning: app/large.bin: It'],
  ['a link that leaves', snapshot({}, {}, [leaves]), 0, 'warning: app/out:3: The link'],
  [
    'the folder is gone',
    snapshot({}, { watching: { mode: 'off', message: 'There is no folder /src/shop.', hint: null } }),
    1,
    'error: There is no folder /src/shop.',
  ],
  [
    'no watches left',
    snapshot({}, { watching: { mode: 'polling', message: 'No watches are left.', hint: 'sysctl x' } }),
    0,
    'warning: No watches are left.\n  sysctl x\n',
  ],
] as const)('--once: %s', async (_, state, code, word) => {
  const run = await ended([state]);
  expect(run).toMatchObject({ code, err: expect.stringContaining(word) as string });
});

it('until Ctrl+C: the code is that of the last state, and each problem is said once', async () => {
  const bad = snapshot({ state: 'degraded', reason: '/srv/app/x: ENOSPC' });
  expect(await ended([bad, snapshot({})], { once: false })).toMatchObject({ code: 0 });
  expect(await ended([snapshot({}), bad], { once: false })).toMatchObject({ code: 1 });
  const twice = await ended([snapshot({}, {}, [unreadable]), snapshot({ files: 4 }, {}, [unreadable])], {
    once: false,
  });
  expect(twice.code).toBe(1);
  expect(twice.err.match(/error: app\/secret/g)).toHaveLength(1);
});

it('what passes by itself is waited for', async () => {
  const bad = snapshot({ state: 'degraded', reason: 'The way into the container was lost.' });
  expect(await ended([bad, bad, snapshot({ state: 'starting' }), snapshot({})])).toMatchObject({ code: 0 });
  for (const problem of [unreadable, written])
    expect(await ended([snapshot({}, {}, [problem]), snapshot({})])).toMatchObject({ code: 0 });
});

it('--verify: bytes that differ are an exit code and a path', async () => {
  const { code, err } = await ended([snapshot({})], { verify: true, equal: false });
  expect(code).toBe(1);
  expect(err).toContain('shop/api-1/api: /srv/app/main.py: content differs');
});
