import type { SyncContainer, SyncEvent, SyncImage, SyncSnapshot } from '../../preload/contract/sync.ts';
import type { Answers, Feeds } from './fake-client.ts';
import { openFeed } from './fake-client.ts';
import { ago } from './shop.ts';

// Live sync of the sample project, one snapshot per state that the window has to show.

const rule = (source: string, target: string, line: number): SyncImage['rules'][number] => ({
  source,
  target,
  kind: 'directory',
  line,
  chown: null,
  chmod: null,
});
const images: readonly SyncImage[] = [
  {
    name: 'api',
    switch: 'mixed',
    rules: [rule('app', '/srv/app', 10), rule('alembic', '/srv/alembic', 11)],
    outside: [],
    outsideCount: 0,
    files: 176,
    problems: [
      {
        code: 'link-leaves',
        severity: 'warning',
        message: 'api/app/static leads out of the synced folders and is not sent',
        file: 'api/app/static',
      },
    ],
  },
  {
    name: 'worker',
    switch: 'off',
    rules: [rule('.', '/srv', 6)],
    outside: [],
    outsideCount: 0,
    files: 41,
    problems: [],
  },
  {
    name: 'web',
    switch: 'off',
    rules: [rule('public', '/usr/share/nginx/html', 3)],
    outside: [],
    outsideCount: 0,
    files: 12,
    problems: [],
  },
];

const changedOutside: SyncImage['outside'] = [
  { file: 'requirements.txt', at: ago(40) },
  { file: 'Dockerfile', at: ago(400) },
];

const last: SyncContainer['last'] = [
  { at: ago(12), file: 'app/main.py', action: 'sent', count: 1, bytes: 3100, durationMs: 7 },
  { at: ago(13), file: 'app/routes/cart.py', action: 'sent', count: 1, bytes: 2200, durationMs: 6 },
  { at: ago(46), file: 'app/old_cart.py', action: 'deleted', count: 1, bytes: 0, durationMs: 5 },
  { at: ago(64), file: 'app/models/__init__.py', action: 'sent', count: 61, bytes: 402_000, durationMs: 148 },
  { at: ago(90), file: 'app/run.sh', action: 'mode', count: 1, bytes: 0, durationMs: 5 },
];

const of = (
  pod: string,
  container: string,
  kind: string,
  workload: string,
  change: Partial<SyncContainer> = {},
): SyncContainer => ({
  key: `shop/${pod}/${container}`,
  namespace: 'shop',
  workload: { kind, name: workload },
  pod,
  container,
  containerId: 'containerd://0123456789abcdef0123',
  node: 'dev-worker',
  image: workload,
  reference: `${workload}:b3c3fbc`,
  on: false,
  state: 'off',
  reason: null,
  hint: null,
  channel: null,
  files: 176,
  pending: 0,
  p50: null,
  p95: null,
  last: [],
  drift: [],
  verifiedAt: null,
  ...change,
});
const equal: Partial<SyncContainer> = {
  on: true,
  state: 'equal',
  channel: { kind: 'node', reason: 'Through the node: it needs nothing in the container.' },
  p50: 7,
  p95: 11,
  last,
  verifiedAt: ago(2),
};

const off: readonly SyncContainer[] = [
  of('api-7c9f6d5b8-2xk4q', 'api', 'Deployment', 'api'),
  of('api-7c9f6d5b8-m8vtz', 'api', 'Deployment', 'api'),
  of('api-7c9f6d5b8-q5zjw', 'api', 'Deployment', 'api'),
  of('api-5d8b9c7f4-hw2lp', 'api', 'Deployment', 'api', { reference: 'api:9f04d1e' }),
  of('worker-6b7d8f9c5-tz9kd', 'worker', 'Deployment', 'worker'),
  of('web-6f5d7c8b9-d7xrw', 'web', 'Deployment', 'web'),
  of('web-6f5d7c8b9-k2m9s', 'web', 'Deployment', 'web'),
];
const first = 'shop/api-7c9f6d5b8-2xk4q/api';
const second = 'shop/api-7c9f6d5b8-m8vtz/api';
const starting = 'shop/api-7c9f6d5b8-q5zjw/api';

const given = (changes: Readonly<Record<string, Partial<SyncContainer>>>): readonly SyncContainer[] =>
  off.map(one => ({ ...one, ...changes[one.key] }));
const waiting: Partial<SyncContainer> = { on: true, state: 'waiting', containerId: null };
const all = (change: Partial<SyncContainer>): readonly SyncContainer[] =>
  off.map(one => ({ ...one, ...equal, ...(one.key === starting ? waiting : {}), ...change }));

const snapshot = (change: Partial<SyncSnapshot>): SyncSnapshot => ({
  at: ago(0),
  switch: 'mixed',
  automatic: false,
  paused: false,
  blocked: null,
  watching: { mode: 'watches', message: null, hint: null },
  images,
  containers: off,
  ...change,
});
const imagesAll = (value: SyncImage['switch']) => images.map(one => ({ ...one, switch: value }));

export const syncSnapshots = {
  off: snapshot({
    switch: 'off',
    images: imagesAll('off'),
    watching: { mode: 'off', message: null, hint: null },
  }),
  mixed: snapshot({ containers: given({ [first]: equal, [second]: equal, [starting]: waiting }) }),
  equal: snapshot({
    switch: 'on',
    images: imagesAll('on'),
    containers: off.map(one => ({ ...one, ...equal })),
    automatic: true,
  }),
  sending: snapshot({
    containers: given({
      [first]: { ...equal, state: 'sending', pending: 61, verifiedAt: null },
      [second]: {
        ...equal,
        state: 'starting',
        verifiedAt: null,
        channel: null,
        p50: null,
        p95: null,
        last: [],
      },
      [starting]: waiting,
    }),
  }),
  drift: snapshot({
    containers: given({
      [first]: {
        ...equal,
        state: 'drift',
        reason: 'Somebody changed 3 files inside the container: nothing of them is overwritten unasked.',
        drift: [
          { path: '/srv/app/cart.py', file: 'api/app/cart.py', kind: 'changed', ignored: false },
          {
            path: '/srv/app/settings/local.py',
            file: 'api/app/settings/local.py',
            kind: 'deleted',
            ignored: false,
          },
          { path: '/srv/app/plugins', file: null, kind: 'type', ignored: false },
          { path: '/srv/app/debug.py', file: 'api/app/debug.py', kind: 'changed', ignored: true },
        ],
      },
      [second]: equal,
    }),
  }),
  degraded: snapshot({
    containers: given({
      [first]: {
        ...equal,
        state: 'degraded',
        pending: 2,
        reason: '/srv/app/models/big.bin: no space left on the device (ENOSPC)',
        hint: 'Make room in the container, or on its node: it is tried again every few seconds.',
      },
      [second]: {
        ...equal,
        state: 'refused',
        channel: null,
        reason: 'The root of the container is read-only and /srv/app is no volume.',
        hint: 'Leave readOnlyRootFilesystem out while developing, or mount an emptyDir there.',
      },
    }),
  }),
  paused: snapshot({
    paused: true,
    containers: given({
      [first]: { ...equal, state: 'paused', pending: 3, reason: 'You paused it: 3 files wait.' },
      [second]: { ...equal, state: 'paused' },
    }),
  }),
  polling: snapshot({
    switch: 'on',
    images: imagesAll('on'),
    containers: all({}),
    watching: {
      mode: 'polling',
      message: 'The system has no watches left: a save is seen within a second instead of at once.',
      hint: 'sudo sysctl fs.inotify.max_user_watches=524288',
    },
  }),
  blocked: snapshot({
    switch: 'on',
    images: imagesAll('on'),
    containers: all({ state: 'paused', channel: null }),
    blocked: 'ada@workstation deploys this project since 14:02; it ends when that engine ends',
  }),
  build: snapshot({
    containers: given({ [first]: equal, [second]: equal }),
    images: images.map(one =>
      one.name === 'api' ? { ...one, outside: changedOutside, outsideCount: changedOutside.length } : one,
    ),
  }),
} satisfies Readonly<Record<string, SyncSnapshot>>;

const event = (seq: number, change: Partial<SyncEvent>): SyncEvent => ({
  seq,
  at: ago(200 - seq * 2),
  type: 'batch',
  container: first,
  image: 'api',
  message: 'app/main.py in 7 ms',
  files: [{ file: 'app/main.py', action: 'sent' }],
  count: 1,
  bytes: 3100,
  durationMs: 7,
  ...change,
});
const silent = { files: [], count: 0, bytes: 0, durationMs: null } as const;

export const syncEvents: readonly SyncEvent[] = [
  event(1, { type: 'state', message: 'Sync is on: reading what the container holds', ...silent }),
  event(2, {
    message: '61 files in 148 ms',
    files: [{ file: 'app/models/__init__.py', action: 'sent' }],
    count: 61,
    bytes: 402_000,
    durationMs: 148,
  }),
  event(3, { type: 'state', message: 'Equal to the folder', ...silent }),
  event(4, { files: [{ file: 'app/routes/cart.py', action: 'sent' }], bytes: 2200, durationMs: 6 }),
  event(5, {
    container: second,
    files: [{ file: 'app/routes/cart.py', action: 'sent' }],
    bytes: 2200,
    durationMs: 8,
  }),
  event(6, { files: [{ file: 'app/old_cart.py', action: 'deleted' }], bytes: 0, durationMs: 5 }),
  event(7, { type: 'reload', message: 'Sent SIGHUP to the first process', ...silent }),
  event(8, {
    type: 'outside',
    container: null,
    message: 'requirements.txt changed outside the synced folders',
    ...silent,
  }),
  event(9, { type: 'drift', message: '/srv/app/cart.py was changed inside the container', ...silent }),
  event(10, {
    type: 'failure',
    container: second,
    message: '/srv/app/models/big.bin: no space left on the device (ENOSPC)',
    ...silent,
  }),
  event(11, {
    type: 'automatic',
    container: null,
    message: 'Built and deployed api: requirements.txt changed',
    ...silent,
  }),
  event(12, {}),
];

export const syncAnswers: Answers = {
  'sync.switch': () => ({ ok: true }),
  'sync.automatic': () => ({ ok: true }),
  'sync.pause': () => ({ ok: true }),
  'sync.verify': () => ({ equal: true, files: 176, bytes: 402_113, durationMs: 41, differences: [] }),
  'sync.sendAll': () => ({ ok: true }),
  'sync.resolve': () => ({ ok: true }),
  'sync.restart': () => ({ ok: true }),
};
export const syncFeeds = (state: keyof typeof syncSnapshots): Feeds => ({
  'sync.watch': (_, signal) => openFeed([syncSnapshots[state]], signal),
  'sync.feed': ({ after }, signal) =>
    openFeed(state === 'off' ? [] : syncEvents.filter(one => one.seq > after), signal),
});
