import { z } from 'zod';
import { done, list, request, stream, text, time } from './define.ts';
import { problem } from './errors.ts';

export const switchState = z.enum(['on', 'off', 'mixed']);
export const syncState = z.enum([
  'off',
  'waiting',
  'starting',
  'sending',
  'equal',
  'drift',
  'degraded',
  'paused',
  'refused',
]);
export const syncRule = z.object({
  source: z.string(),
  target: z.string(),
  kind: z.enum(['file', 'directory']),
  line: z.number(),
  chown: z.string().nullable(),
  chmod: z.string().nullable(),
});
export const channelKind = z.enum(['node', 'stream', 'tar']);
export const syncedFiles = z.object({
  at: time,
  file: z.string(),
  action: z.enum(['sent', 'deleted', 'mode']),
  count: z.number(),
  bytes: z.number(),
  durationMs: z.number(),
});
export const drift = z.object({
  path: z.string(),
  file: z.string().nullable(),
  kind: z.enum(['changed', 'deleted', 'type']),
  ignored: z.boolean(),
});
export const syncContainer = z.object({
  /** `namespace/pod/container`. */
  key: z.string(),
  namespace: z.string(),
  workload: z.object({ kind: z.string(), name: z.string() }),
  pod: z.string(),
  container: z.string(),
  containerId: z.string().nullable(),
  node: z.string().nullable(),
  image: z.string(),
  reference: z.string(),
  on: z.boolean(),
  state: syncState,
  reason: z.string().nullable(),
  hint: z.string().nullable(),
  channel: z.object({ kind: channelKind, reason: z.string() }).nullable(),
  files: z.number(),
  pending: z.number(),
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  last: list(syncedFiles),
  drift: list(drift),
  verifiedAt: time.nullable(),
});
export const syncImage = z.object({
  name: z.string(),
  switch: switchState,
  rules: list(syncRule),
  /** Changed files that only a build brings in, the last saved first; `outsideCount` counts those not listed, too. */
  outside: list(z.object({ file: z.string(), at: time })),
  outsideCount: z.number(),
  files: z.number(),
  problems: list(problem),
});
export const syncSnapshot = z.object({
  at: time,
  switch: switchState,
  automatic: z.boolean(),
  paused: z.boolean(),
  blocked: z.string().nullable(),
  watching: z.object({
    mode: z.enum(['watches', 'polling', 'off']),
    message: z.string().nullable(),
    hint: z.string().nullable(),
  }),
  images: list(syncImage),
  containers: list(syncContainer),
});
export const syncEvent = z.object({
  seq: z.number(),
  at: time,
  type: z.enum(['batch', 'state', 'drift', 'failure', 'outside', 'reload', 'automatic']),
  container: z.string().nullable(),
  image: z.string().nullable(),
  message: z.string(),
  files: list(z.object({ file: z.string(), action: z.enum(['sent', 'deleted', 'mode']) })),
  count: z.number(),
  bytes: z.number(),
  durationMs: z.number().nullable(),
});
export const verification = z.object({
  equal: z.boolean(),
  files: z.number(),
  bytes: z.number(),
  durationMs: z.number(),
  differences: list(
    z.object({ path: z.string(), problem: z.enum(['missing', 'content', 'mode', 'type', 'link']) }),
  ),
});
export type SwitchState = z.infer<typeof switchState>;
export type SyncState = z.infer<typeof syncState>;
export type SyncContainer = z.infer<typeof syncContainer>;
export type SyncImage = z.infer<typeof syncImage>;
export type SyncSnapshot = z.infer<typeof syncSnapshot>;
export type SyncEvent = z.infer<typeof syncEvent>;
export type Verification = z.infer<typeof verification>;

const syncScope = z.discriminatedUnion('level', [
  z.strictObject({ level: z.literal('project') }),
  z.strictObject({ level: z.literal('image'), image: text }),
  z.strictObject({ level: z.literal('workload'), namespace: text, kind: text, name: text }),
  z.strictObject({ level: z.literal('pod'), namespace: text, pod: text }),
  z.strictObject({ level: z.literal('container'), namespace: text, pod: text, container: text }),
]);
export type SyncScope = z.infer<typeof syncScope>;

const ofContainer = z.strictObject({ projectId: text, container: text });
const sample = { projectId: 'p-1', container: 'default/api-5d9c-x7k2p/api' };

export const requests = {
  /** Turns a switch; remembered for the project. */
  'sync.switch': request(z.strictObject({ projectId: text, scope: syncScope, on: z.boolean() }), done, {
    in: { projectId: 'p-1', scope: { level: 'image', image: 'api' }, on: true },
    out: { ok: true },
  }),
  /** *Keep up to date*: sync what rules cover; rebuild, load and apply the rest. */
  'sync.automatic': request(z.strictObject({ projectId: text, on: z.boolean() }), done, {
    in: { projectId: 'p-1', on: true },
    out: { ok: true },
  }),
  'sync.pause': request(z.strictObject({ projectId: text, paused: z.boolean() }), done, {
    in: { projectId: 'p-1', paused: true },
    out: { ok: true },
  }),
  /** Reads the container's bytes and compares them with the folder. */
  'sync.verify': request(ofContainer, verification, {
    in: sample,
    out: {
      equal: false,
      files: 176,
      bytes: 402_113,
      durationMs: 41,
      differences: [{ path: '/app/main.py', problem: 'content' }],
    },
  }),
  /** Sends every file again, also over what was changed inside. */
  'sync.sendAll': request(ofContainer, done, { in: sample, out: { ok: true } }),
  /** What to do about files changed inside the container; all of them where `paths` is empty. */
  'sync.resolve': request(
    z.strictObject({
      projectId: text,
      container: text,
      paths: list(text, 10_000),
      choice: z.enum(['send', 'fetch', 'ignore']),
    }),
    done,
    { in: { ...sample, paths: ['/app/main.py'], choice: 'send' }, out: { ok: true } },
  ),
  /** Ends the container's process, so that Kubernetes starts it again; it is brought up to date by itself. */
  'sync.restart': request(ofContainer, done, { in: sample, out: { ok: true } }),
};

export const streams = {
  /**
   * `hold` keeps sync on for as long as somebody reads: of these images, of the whole project where it is empty. What the
   * switches say is back when the reader goes.
   */
  'sync.watch': stream(
    z.strictObject({ projectId: text, hold: list(text, 1_000).optional() }),
    syncSnapshot,
    {
      in: { projectId: 'p-1' },
      item: {
        at: '2026-01-02T03:04:05.000Z',
        switch: 'mixed',
        automatic: false,
        paused: false,
        blocked: null,
        watching: { mode: 'watches', message: null, hint: null },
        images: [
          {
            name: 'api',
            switch: 'on',
            rules: [
              { source: 'app', target: '/srv/app', kind: 'directory', line: 10, chown: null, chmod: null },
            ],
            outside: [{ file: 'requirements.txt', at: '2026-01-02T03:04:05.000Z' }],
            outsideCount: 1,
            files: 176,
            problems: [],
          },
        ],
        containers: [
          {
            key: 'default/api-5d9c-x7k2p/api',
            namespace: 'default',
            workload: { kind: 'Deployment', name: 'api' },
            pod: 'api-5d9c-x7k2p',
            container: 'api',
            containerId: 'containerd://0123',
            node: 'dev-control-plane',
            image: 'api',
            reference: 'api:b3c3fbc',
            on: true,
            state: 'equal',
            reason: null,
            hint: null,
            channel: { kind: 'node', reason: 'Through the node: needs nothing in the container.' },
            files: 176,
            pending: 0,
            p50: 7,
            p95: 11,
            last: [
              {
                at: '2026-01-02T03:04:05.000Z',
                file: 'app/main.py',
                action: 'sent',
                count: 1,
                bytes: 3174,
                durationMs: 7,
              },
            ],
            drift: [{ path: '/srv/app/cart.py', file: 'api/app/cart.py', kind: 'changed', ignored: false }],
            verifiedAt: '2026-01-02T03:04:05.000Z',
          },
        ],
      },
    },
  ),
  /** What sync did, from `after` on (0 for all that is kept), then as it happens. */
  'sync.feed': stream(z.strictObject({ projectId: text, after: z.number().int().min(0) }), syncEvent, {
    in: { projectId: 'p-1', after: 0 },
    item: {
      seq: 1,
      at: '2026-01-02T03:04:05.000Z',
      type: 'batch',
      container: 'default/api-5d9c-x7k2p/api',
      image: 'api',
      message: 'app/main.py in 7 ms',
      files: [{ file: 'app/main.py', action: 'sent' }],
      count: 1,
      bytes: 3174,
      durationMs: 7,
    },
  }),
};
