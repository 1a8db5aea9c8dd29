import { z } from 'zod';
import { list, request, stream, text, time } from './define.ts';
import { objectRef } from './deploy.ts';
import { containerState, denied } from './workloads.ts';

/** An object of etcd is at most 1.5 MB; its YAML is longer by what is escaped. */
const manyLines = z.string().max(4_000_000);
const ref = z.strictObject({ apiVersion: text, kind: text, namespace: text.nullable(), name: text });
const ofProject = z.strictObject({ projectId: text, ref });
const said = z.object({ message: z.string() });

export const objectRow = z.object({
  ref: objectRef,
  uid: z.string(),
  createdAt: time,
  state: containerState.nullable(),
  summary: z.string(),
});
export type ObjectRow = z.infer<typeof objectRow>;

export const objectsSnapshot = z.object({
  at: time,
  connected: z.boolean(),
  disconnectedReason: z.string().nullable(),
  objects: list(objectRow),
  denied: list(denied),
});
export type ObjectsSnapshot = z.infer<typeof objectsSnapshot>;

export const eventView = z.object({
  uid: z.string(),
  warning: z.boolean(),
  reason: z.string(),
  message: z.string(),
  count: z.number(),
  firstAt: time.nullable(),
  lastAt: time.nullable(),
  about: z.object({ kind: z.string(), name: z.string() }),
  container: z.string().nullable(),
});
export type EventView = z.infer<typeof eventView>;

export const containerDetail = z.object({
  name: z.string(),
  init: z.boolean(),
  image: z.string(),
  command: list(z.string()),
  ports: list(z.string()),
  resources: list(
    z.object({ name: z.string(), request: z.string().nullable(), limit: z.string().nullable() }),
  ),
  probes: list(z.object({ name: z.string(), text: z.string() })),
  mounts: list(z.object({ path: z.string(), from: z.string(), readOnly: z.boolean() })),
  /** Names only. */
  environment: list(z.string()),
  previous: z.string().nullable(),
});
export type ContainerDetail = z.infer<typeof containerDetail>;

export const objectDetail = z.object({
  ref: objectRef,
  uid: z.string(),
  createdAt: time,
  ending: z.boolean(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  owners: list(z.object({ kind: z.string(), name: z.string() })),
  facts: list(z.object({ name: z.string(), value: z.string() })),
  conditions: list(
    z.object({
      type: z.string(),
      status: z.string(),
      reason: z.string().nullable(),
      message: z.string().nullable(),
      at: time.nullable(),
    }),
  ),
  containers: list(containerDetail),
  volumes: list(z.object({ name: z.string(), from: z.string() })),
  can: z.object({ restart: z.boolean(), scale: z.boolean(), delete: z.boolean() }),
  replicas: z.number().nullable(),
});
export type ObjectDetail = z.infer<typeof objectDetail>;

export const inspection = z.object({
  at: time,
  connected: z.boolean(),
  disconnectedReason: z.string().nullable(),
  /** Null when the object is not there, or may not be read. */
  detail: objectDetail.nullable(),
  /** Newest first. */
  events: list(eventView),
  denied: list(denied),
});
export type Inspection = z.infer<typeof inspection>;

export const objectText = z.object({ text: z.string(), masked: z.boolean(), managers: list(z.string()) });
export type ObjectText = z.infer<typeof objectText>;

const changed = {
  before: z.string(),
  after: z.string(),
  warnings: list(z.string()),
  /** Fields of the edit that somebody else wrote last. */
  takesOver: list(z.object({ manager: z.string(), field: z.string() })),
};
export const editOutcome = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('would-change'), ...changed }),
  z.object({ outcome: z.literal('applied'), ...changed }),
  z.object({ outcome: z.literal('unchanged') }),
  z.object({
    outcome: z.literal('refused'),
    message: z.string(),
    problems: list(
      z.object({
        message: z.string(),
        field: z.string().nullable(),
        line: z.number().nullable(),
        column: z.number().nullable(),
      }),
    ),
  }),
  z.object({ outcome: z.literal('conflict'), live: z.string(), merged: z.string() }),
  z.object({ outcome: z.literal('gone') }),
]);
export type EditOutcome = z.infer<typeof editOutcome>;

const sample = {
  projectId: 'p-1',
  ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'api' },
};
const sampleText =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\n  namespace: default\nspec:\n  replicas: 1\n';

export const requests = {
  /** Renews the pods of a workload in its own way of rolling. */
  'objects.restart': request(ofProject, said, {
    in: sample,
    out: { message: 'Deployment api restarts, pod by pod.' },
  }),
  'objects.scale': request(ofProject.extend({ replicas: z.number().int().min(0).max(10_000) }), said, {
    in: { ...sample, replicas: 2 },
    out: { message: 'Deployment api is asked for 2 pods.' },
  }),
  /** Deletes the pod of that UID, never another one that took its name. */
  'objects.deletePod': request(ofProject.extend({ uid: text }), said, {
    in: {
      projectId: 'p-1',
      ref: { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'api-5d9c-x7k2p' },
      uid: '1f0b0c2e',
    },
    out: { message: 'Pod api-5d9c-x7k2p ends; its owner makes another.' },
  }),
  /** An object as YAML. A Secret's values are hidden unless `reveal`. */
  'objects.read': request(ofProject.extend({ reveal: z.boolean() }), objectText, {
    in: { ...sample, reveal: false },
    out: { text: sampleText, masked: false, managers: ['ptah-desktop'] },
  }),
  /** Puts the edited text in place, or, as a dry run, asks the server what it would give. `base` is the text as it was read. */
  'objects.edit': request(
    ofProject.extend({ base: manyLines, text: manyLines, dryRun: z.boolean() }),
    editOutcome,
    {
      in: {
        ...sample,
        base: sampleText,
        text: sampleText.replace('replicas: 1', 'replicas: 2'),
        dryRun: true,
      },
      out: {
        outcome: 'would-change',
        before: sampleText,
        after: sampleText.replace('replicas: 1', 'replicas: 2'),
        warnings: [],
        takesOver: [{ manager: 'kubectl', field: 'spec.replicas' }],
      },
    },
  ),
};

export const streams = {
  /** Everything of the project that is no workload. */
  'objects.watch': stream(
    z.strictObject({ projectId: text, namespaces: list(text, 50).optional() }),
    objectsSnapshot,
    {
      in: { projectId: 'p-1' },
      item: {
        at: '2026-01-02T03:04:05.000Z',
        connected: true,
        disconnectedReason: null,
        objects: [
          {
            ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'api-config' },
            uid: '9b0a',
            createdAt: '2026-01-02T03:04:05.000Z',
            state: null,
            summary: 'app.conf',
          },
        ],
        denied: [
          { verb: 'list', resource: 'secrets', namespace: null, message: 'secrets is forbidden: User "me"' },
        ],
      },
    },
  ),
  /** One object in full, and the events about it and what it made. */
  'objects.inspect': stream(ofProject, inspection, {
    in: sample,
    item: {
      at: '2026-01-02T03:04:05.000Z',
      connected: true,
      disconnectedReason: null,
      detail: {
        ref: sample.ref,
        uid: '1f0b0c2e',
        createdAt: '2026-01-02T03:04:05.000Z',
        ending: false,
        labels: { app: 'api' },
        annotations: {},
        owners: [{ kind: 'ReplicaSet', name: 'api-5d9c' }],
        facts: [{ name: 'Strategy', value: 'RollingUpdate' }],
        conditions: [
          {
            type: 'Available',
            status: 'True',
            reason: 'MinimumReplicasAvailable',
            message: null,
            at: '2026-01-02T03:04:05.000Z',
          },
        ],
        containers: [
          {
            name: 'api',
            init: false,
            image: 'api:b3c3fbc',
            command: [],
            ports: ['http 8000'],
            resources: [{ name: 'memory', request: '64Mi', limit: null }],
            probes: [{ name: 'Readiness', text: 'GET / on http, every 10 s, at most 3 failures' }],
            mounts: [{ path: '/etc/api', from: 'config', readOnly: true }],
            environment: ['PORT'],
            previous: 'exit code 1',
          },
        ],
        volumes: [{ name: 'config', from: 'configMap api-config' }],
        can: { restart: true, scale: true, delete: false },
        replicas: 1,
      },
      events: [
        {
          uid: 'e-1',
          warning: true,
          reason: 'BackOff',
          message: 'Back-off restarting failed container api',
          count: 12,
          firstAt: '2026-01-02T03:04:05.000Z',
          lastAt: '2026-01-02T03:14:05.000Z',
          about: { kind: 'Pod', name: 'api-5d9c-x7k2p' },
          container: 'api',
        },
      ],
      denied: [],
    },
  }),
};
