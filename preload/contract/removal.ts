import { z } from 'zod';
import { list, request, text, time } from './define.ts';
import { objectRef } from './deploy.ts';

export const removalGroupId = z.enum([
  'live',
  'objects',
  'node-images',
  'images',
  'output',
  'volumes',
  'namespaces',
  'cluster',
]);
export type RemovalGroupId = z.infer<typeof removalGroupId>;

export const removalItem = z.object({
  id: z.string(),
  kind: z.string(),
  name: z.string(),
  /** Namespace, node, `Docker` or folder. */
  where: z.string().nullable(),
  bytes: z.number().nullable(),
  note: z.string().nullable(),
  ref: objectRef.nullable(),
});
export const removalGroup = z.object({
  id: removalGroupId,
  title: z.string(),
  /** Holds what can't be made again from the folder: never chosen beforehand. */
  askedApart: z.boolean(),
  items: list(removalItem),
  unavailable: z.string().nullable(),
});
export type RemovalGroup = z.infer<typeof removalGroup>;

/** Everything that is the project's, and what stays and why; nothing else is ever touched. */
export const removalPlan = z.object({
  project: z.object({ name: z.string(), root: z.string() }),
  cluster: z.object({ name: z.string(), context: z.string() }),
  createdAt: time,
  fingerprint: z.string(),
  groups: list(removalGroup),
  keeps: list(z.object({ title: z.string(), reason: z.string() })),
  nothingToRemove: z.boolean(),
});
export type RemovalPlan = z.infer<typeof removalPlan>;

const samplePlan: RemovalPlan = {
  project: { name: 'shop', root: '/home/me/code/shop' },
  cluster: { name: 'dev', context: 'kind-dev' },
  createdAt: '2026-01-02T03:04:05.000Z',
  fingerprint: '5d41402abc4b2a76',
  groups: [
    {
      id: 'objects',
      title: 'Objects in the cluster',
      askedApart: false,
      items: [
        {
          id: 'apps/Deployment/default/api#5f2c',
          kind: 'Deployment',
          name: 'api',
          where: 'default',
          bytes: null,
          note: null,
          ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'api' },
        },
      ],
      unavailable: null,
    },
    {
      id: 'images',
      title: 'Images in Docker',
      askedApart: false,
      items: [
        {
          id: 'docker:api:b3c3fbc@sha256:0123',
          kind: 'Image',
          name: 'api:b3c3fbc',
          where: 'Docker',
          bytes: 212_000_000,
          note: null,
          ref: null,
        },
      ],
      unavailable: null,
    },
    {
      id: 'cluster',
      title: 'Kind cluster',
      askedApart: true,
      items: [],
      unavailable: 'it was not made by Ptah Desktop',
    },
  ],
  keeps: [{ title: '/home/me/code/shop', reason: 'your files stay as they are' }],
  nothingToRemove: false,
};

export const requests = {
  /** Computed afresh: reads Docker, the nodes, the cluster and the folder. */
  'removal.plan': request(z.strictObject({ projectId: text }), removalPlan, {
    in: { projectId: 'p-1' },
    out: samplePlan,
  }),
  /**
   * Starts a job of kind `remove`; its events are `removed` ones. A list whose fingerprint is no longer true fails with
   * `removal-changed` and touches nothing. `clusterName` has to be typed by the user where the cluster is among the groups.
   */
  'removal.start': request(
    z.strictObject({
      projectId: text,
      fingerprint: text.nullable(),
      groups: list(removalGroupId, 8),
      clusterName: text.nullable(),
    }),
    z.object({ jobId: z.string() }),
    {
      in: {
        projectId: 'p-1',
        fingerprint: '5d41402abc4b2a76',
        groups: ['objects', 'images'],
        clusterName: null,
      },
      out: { jobId: 'job-8' },
    },
  ),
};
