import { z } from 'zod';
import { list, request, stream, text, time } from './define.ts';
import { objectRef } from './deploy.ts';

export const containerState = z.enum([
  'running',
  'starting',
  'not-ready',
  'failed',
  'ending',
  'completed',
  'waiting',
]);
export type ContainerState = z.infer<typeof containerState>;

export const containerView = z.object({
  name: z.string(),
  init: z.boolean(),
  image: z.string(),
  old: z.boolean(),
  ours: z.boolean(),
  state: containerState,
  status: z.string(),
  ready: z.boolean(),
  restarts: z.number(),
  startedAt: time.nullable(),
  containerId: z.string().nullable(),
});
export const podView = z.object({
  namespace: z.string(),
  name: z.string(),
  node: z.string().nullable(),
  state: containerState,
  status: z.string(),
  createdAt: time,
  restarts: z.number(),
  containers: list(containerView),
});
export const workloadView = z.object({
  ref: objectRef,
  state: containerState,
  status: z.string(),
  ready: z.number(),
  desired: z.number(),
  pods: list(podView),
  createdAt: time,
});
export const serviceView = z.object({
  ref: objectRef,
  type: z.string(),
  ports: list(z.object({ name: z.string().nullable(), port: z.number(), protocol: z.string() })),
});
/** Something that the credentials of the kubeconfig may not do; `namespace` is null for all of them. */
export const denied = z.object({
  verb: z.string(),
  resource: z.string(),
  namespace: z.string().nullable(),
  message: z.string(),
});
export type Denied = z.infer<typeof denied>;

export const workloadsSnapshot = z.object({
  at: time,
  connected: z.boolean(),
  disconnectedReason: z.string().nullable(),
  workloads: list(workloadView),
  services: list(serviceView),
  /** What could not be listed. */
  denied: list(denied).optional(),
  /** The namespaces that stand for all of them, which may not be listed at once. */
  limitedTo: list(z.string()).optional(),
});
/**
 * What became different since the item before. Workloads stand in order of namespace, name and kind; pods newest first, then by
 * name. A workload that changed comes with only its new or changed pods.
 */
export const workloadsDelta = z.object({
  delta: z.literal(true),
  at: time,
  connected: z.boolean(),
  disconnectedReason: z.string().nullable(),
  workloads: list(workloadView.extend({ gonePods: list(z.string()) })),
  gone: list(objectRef),
  /** All of them, where one changed. */
  services: list(serviceView).nullable(),
  denied: list(denied).optional(),
  limitedTo: list(z.string()).optional(),
});
export type WorkloadsDelta = z.infer<typeof workloadsDelta>;
export type WorkloadsSnapshot = z.infer<typeof workloadsSnapshot>;
export type WorkloadView = z.infer<typeof workloadView>;
export type PodView = z.infer<typeof podView>;
export type ContainerView = z.infer<typeof containerView>;
export type ServiceView = z.infer<typeof serviceView>;

/** All namespaces, unless some are named. */
const watchedProject = z.strictObject({ projectId: text, namespaces: list(text, 50).optional() });

export const requests = {
  /** Serves one port of a Service on this machine through the API proxy and gives its address. */
  'workloads.openService': request(
    z.strictObject({
      projectId: text,
      namespace: text,
      name: text,
      port: z.number().int().min(1).max(65_535),
    }),
    z.object({ url: z.string() }),
    {
      in: { projectId: 'p-1', namespace: 'default', name: 'api', port: 8000 },
      out: { url: 'http://127.0.0.1:41234/' },
    },
  ),
};

export const streams = {
  /** A snapshot at once, then what became different, at most ten times a second; a new snapshot replaces everything. */
  'workloads.watch': stream(watchedProject, z.union([workloadsSnapshot, workloadsDelta]), {
    in: { projectId: 'p-1' },
    item: {
      at: '2026-01-02T03:04:05.000Z',
      connected: true,
      disconnectedReason: null,
      workloads: [
        {
          ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'api' },
          state: 'running',
          status: '1 of 1 ready',
          ready: 1,
          desired: 1,
          createdAt: '2026-01-02T03:04:05.000Z',
          pods: [
            {
              namespace: 'default',
              name: 'api-5d9c-x7k2p',
              node: 'dev-control-plane',
              state: 'running',
              status: 'Running',
              createdAt: '2026-01-02T03:04:05.000Z',
              restarts: 0,
              containers: [
                {
                  name: 'api',
                  init: false,
                  image: 'api:b3c3fbc',
                  old: false,
                  ours: true,
                  state: 'running',
                  status: 'Running',
                  ready: true,
                  restarts: 0,
                  startedAt: '2026-01-02T03:04:05.000Z',
                  containerId: 'containerd://0123',
                },
              ],
            },
          ],
        },
      ],
      services: [
        {
          ref: { apiVersion: 'v1', kind: 'Service', namespace: 'default', name: 'api' },
          type: 'ClusterIP',
          ports: [{ name: null, port: 8000, protocol: 'TCP' }],
        },
      ],
    },
  }),
};
