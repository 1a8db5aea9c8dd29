import { z } from 'zod';
import { done, list, request, stream, text } from './define.ts';

const port = z.number().int().min(1).max(65_535);
/** A port's number, or the name that containers give it. */
const portOrName = z.union([port, text]);

export const forwardTarget = z.strictObject({
  apiVersion: text,
  /** `Service`, `Pod`, or a workload that owns pods. */
  kind: text,
  namespace: text,
  name: text,
});
export type ForwardTarget = z.infer<typeof forwardTarget>;

export const portHolder = z.object({ pid: z.number().nullable(), name: z.string() });

export const forwardView = z.object({
  id: z.string(),
  target: forwardTarget,
  port: portOrName,
  /** In the pod that serves now. */
  podPort: z.number().nullable(),
  pod: z.string().nullable(),
  localPort: z.number(),
  /** `http://127.0.0.1:8000`, without a scheme where it is no page. */
  address: z.string(),
  web: z.boolean(),
  on: z.boolean(),
  /**
   * From a live probe. `reconnecting`: it was active, `message` says what is missing. `failed`: it can't work as it stands. `taken`:
   * another program has the local port.
   */
  state: z.enum(['off', 'starting', 'active', 'reconnecting', 'failed', 'taken']),
  message: z.string().nullable(),
  holder: portHolder.nullable(),
  /** With `taken`: one that nobody has. */
  freePort: z.number().nullable(),
  connections: z.number(),
  served: z.number(),
  received: z.number(),
  sent: z.number(),
});
export type ForwardView = z.infer<typeof forwardView>;

export const apiProxyView = z.object({
  on: z.boolean(),
  state: z.enum(['off', 'active', 'failed', 'taken']),
  port: z.number(),
  address: z.string(),
  message: z.string().nullable(),
  holder: portHolder.nullable(),
});
export type ApiProxyView = z.infer<typeof apiProxyView>;

export const forwardsSnapshot = z.object({
  forwards: list(forwardView),
  /** The API of the cluster at `api_server.port`. */
  api: apiProxyView,
  /** Those that were on are switched on again when the project is opened. */
  startWithProject: z.boolean(),
});
export type ForwardsSnapshot = z.infer<typeof forwardsSnapshot>;

export const forwardOffer = z.object({
  target: forwardTarget,
  port: portOrName,
  portName: z.string().nullable(),
  number: z.number(),
  container: z.string().nullable(),
  /** Proposed. */
  localPort: z.number(),
  web: z.boolean(),
  /** A Service whose pods' workload offers the same port. */
  covered: z.boolean(),
});
export type ForwardOffer = z.infer<typeof forwardOffer>;

const target = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'api' };
const sample: z.input<typeof forwardView> = {
  id: '39143a5b480b2ef1',
  target,
  port: 'http',
  podPort: 8000,
  pod: 'api-5d9c-x7k2p',
  localPort: 8000,
  address: 'http://127.0.0.1:8000',
  web: true,
  on: true,
  state: 'active',
  message: null,
  holder: null,
  freePort: null,
  connections: 1,
  served: 12,
  received: 40_960,
  sent: 2048,
};
const sampleApi: z.input<typeof apiProxyView> = {
  on: true,
  state: 'active',
  port: 8001,
  address: 'http://127.0.0.1:8001',
  message: null,
  holder: null,
};
const sampleSnapshot = { forwards: [sample], api: sampleApi, startWithProject: false };
const project = { projectId: text };
const one = z.strictObject({ ...project, id: text });

export const requests = {
  'forwards.list': request(z.strictObject(project), forwardsSnapshot, {
    in: { projectId: 'p-1' },
    out: sampleSnapshot,
  }),
  /** Every declared port of one object, or of the whole project. */
  'forwards.offers': request(
    z.strictObject({ ...project, target: forwardTarget.nullable() }),
    z.object({ offers: list(forwardOffer) }),
    {
      in: { projectId: 'p-1', target },
      out: {
        offers: [
          {
            target,
            port: 'http',
            portName: 'http',
            number: 8000,
            container: 'api',
            localPort: 8000,
            web: true,
            covered: false,
          },
        ],
      },
    },
  ),
  /** Answers when it is active, or it is known why not yet. `localPort: null`: one is chosen. */
  'forwards.start': request(
    z.strictObject({ ...project, target: forwardTarget, port: portOrName, localPort: port.nullable() }),
    forwardView,
    { in: { projectId: 'p-1', target, port: 'http', localPort: null }, out: sample },
  ),
  'forwards.switch': request(z.strictObject({ ...one.shape, on: z.boolean() }), done, {
    in: { projectId: 'p-1', id: sample.id, on: false },
    out: { ok: true },
  }),
  /** To another port of this machine; switches it on. */
  'forwards.move': request(z.strictObject({ ...one.shape, localPort: port }), forwardView, {
    in: { projectId: 'p-1', id: sample.id, localPort: 8001 },
    out: sample,
  }),
  'forwards.remove': request(one, done, { in: { projectId: 'p-1', id: sample.id }, out: { ok: true } }),
  'forwards.api': request(z.strictObject({ ...project, on: z.boolean() }), apiProxyView, {
    in: { projectId: 'p-1', on: true },
    out: sampleApi,
  }),
  /** Every declared port of every workload, and the API. */
  'forwards.startAll': request(z.strictObject(project), forwardsSnapshot, {
    in: { projectId: 'p-1' },
    out: sampleSnapshot,
  }),
  'forwards.stopAll': request(z.strictObject(project), z.object({ stopped: z.number() }), {
    in: { projectId: 'p-1' },
    out: { stopped: 2 },
  }),
  'forwards.startWithProject': request(z.strictObject({ ...project, on: z.boolean() }), done, {
    in: { projectId: 'p-1', on: true },
    out: { ok: true },
  }),
};

export const streams = {
  /** A snapshot at once, and a new one whenever something changed. */
  'forwards.watch': stream(z.strictObject(project), forwardsSnapshot, {
    in: { projectId: 'p-1' },
    item: sampleSnapshot,
  }),
};
