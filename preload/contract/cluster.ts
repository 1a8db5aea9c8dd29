import { z } from 'zod';
import { list, request, text } from './define.ts';
import { plannedCluster } from './deploy.ts';

export const nodeImage = z.object({
  reference: z.string(),
  id: z.string(),
  digest: z.string().nullable(),
  size: z.number(),
  ours: z.boolean(),
});
export const clusterNode = z.object({
  name: z.string(),
  role: z.enum(['control-plane', 'worker']),
  running: z.boolean(),
  image: z.string(),
  kubernetesVersion: z.string().nullable(),
  /** Null while the node does not answer. */
  images: list(nodeImage).nullable(),
});
export const clusterState = z.object({
  cluster: plannedCluster,
  state: z.enum(['ready', 'not-answering', 'stopped', 'missing', 'unknown']),
  message: z.string(),
  server: z.string().nullable(),
  version: z.string().nullable(),
  nodes: list(clusterNode),
  /** The job that made it last, for its kept log. */
  createJob: z.string().nullable(),
});
export type ClusterState = z.infer<typeof clusterState>;

const project = z.strictObject({ projectId: text });

export const requests = {
  'cluster.get': request(project, clusterState, {
    in: { projectId: 'p-1' },
    out: {
      cluster: {
        name: 'dev',
        context: 'kind-dev',
        exists: true,
        action: 'none',
        nodes: ['dev-control-plane'],
        nodeImage: null,
        configChanged: false,
        reason: 'The cluster answers',
      },
      state: 'ready',
      message: 'Answers on 127.0.0.1:36013',
      server: 'https://127.0.0.1:36013',
      version: 'v1.34.4',
      nodes: [
        {
          name: 'dev-control-plane',
          role: 'control-plane',
          running: true,
          image: 'kindest/node:v1.34.4',
          kubernetesVersion: 'v1.34.4',
          images: [
            {
              reference: 'docker.io/library/api:b3c3fbc',
              id: 'sha256:0123',
              digest: null,
              size: 212_000_000,
              ours: true,
            },
          ],
        },
      ],
      createJob: null,
    },
  }),
  /** Starts a job of kind `cluster-create`. */
  'cluster.create': request(project, z.object({ jobId: z.string() }), {
    in: { projectId: 'p-1' },
    out: { jobId: 'job-6' },
  }),
  /** Deletes the project's own Kind cluster; `name` has to be typed by the user. Starts a job of kind `cluster-delete`. */
  'cluster.delete': request(
    z.strictObject({ projectId: text, name: text }),
    z.object({ jobId: z.string() }),
    {
      in: { projectId: 'p-1', name: 'dev' },
      out: { jobId: 'job-7' },
    },
  ),
};
