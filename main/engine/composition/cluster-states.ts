import { createKindCluster, deleteKindCluster, listKindClusters, type Cluster } from '../cluster/index.ts';
import { plan, type DeployEvent, type Gathered } from '../deploy/index.ts';
import type { Docker } from '../docker/index.ts';
import { PtahError, isAbort, toPtahError } from '../errors/index.ts';
import type { ClusterState, JobStarted } from '../engine-types.ts';
import type { Project } from '../project/index.ts';
import { kindTarget, type NodeImage } from '../targets/index.ts';
import type { Parts } from './parts.ts';

/** The Cluster screen, and the jobs that make and delete the project's cluster. */
export function createClusterStates(parts: Parts) {
  const { activity } = parts;
  return {
    async get(
      projectId: string,
      project: Project,
      gathered: Gathered,
      signal?: AbortSignal,
    ): Promise<ClusterState> {
      const { world, api, docker } = gathered;
      const [version, kubelets, containers, held] = await Promise.all([
        api?.version(signal).catch(() => null) ?? null,
        api ? kubeletVersions(api, signal) : new Map<string, string>(),
        docker ? listKindClusters(docker, signal) : [],
        docker ? imagesOfNodes(docker, project.clusterName) : new Map<string, readonly NodeImage[]>(),
      ]);
      const nodes = containers.find(({ name }) => name === project.clusterName)?.nodes ?? [];
      const own = new Set(world.images.map(({ name }) => name));
      return {
        cluster: plan(project, world).cluster,
        state: world.cluster.state,
        message: world.cluster.message,
        server: api?.pinned.server ?? null,
        version,
        nodes: nodes.map(node => ({
          ...node,
          kubernetesVersion: kubelets.get(node.name) ?? null,
          images:
            held.get(node.name)?.map(({ reference, id, digest, size }) => ({
              reference,
              id,
              digest,
              size,
              ours: own.has(repositoryOf(reference)),
            })) ?? null,
        })),
        createJob:
          activity.list().find(({ kind, project: of }) => kind === 'cluster-create' && of === projectId)
            ?.id ?? null,
      };
    },

    create(projectId: string, project: Project, gathered: Gathered): JobStarted {
      const { cluster } = gathered.world;
      if (cluster.state !== 'missing')
        throw new PtahError('cluster-exists', `The Kind cluster ${cluster.name} is already there.`, {
          hint: cluster.message,
        });
      return clusterJob(
        projectId,
        'cluster-create',
        `Make the cluster ${cluster.name}`,
        async (signal, onLine) => {
          await createKindCluster(
            parts.tools,
            {
              name: cluster.name,
              configFile: project.kindConfigFile,
              nodeImage:
                cluster.nodeImage && cluster.nodeImage.from !== 'kind-config'
                  ? cluster.nodeImage.reference
                  : null,
              projectRoot: project.root,
              project: project.name,
            },
            { env: parts.env, signal, onLine },
          );
        },
      );
    },

    /** `name` is what the user typed: only the very name deletes. */
    delete(projectId: string, project: Project, name: string): JobStarted {
      if (name !== project.clusterName)
        throw new PtahError('name-mismatch', `${name} is not the cluster of ${project.name}.`, {
          hint: `Type its name: ${project.clusterName}`,
        });
      return clusterJob(projectId, 'cluster-delete', `Delete the cluster ${name}`, (signal, onLine) =>
        deleteKindCluster(parts.tools, name, { env: parts.env, signal, onLine }),
      );
    },
  };

  function clusterJob(
    projectId: string,
    kind: 'cluster-create' | 'cluster-delete',
    title: string,
    work: (signal: AbortSignal, onLine: (line: string) => void) => Promise<void>,
  ): JobStarted {
    const job = activity.start({ kind, title, project: projectId }, async ({ signal, emit, report }) => {
      const step = (state: Extract<DeployEvent, { type: 'step' }>['state'], message: string) =>
        emit({ type: 'step', step: 'cluster', state, message, at: new Date().toISOString() });
      step('running', title);
      try {
        await work(signal, text => {
          emit({ type: 'log', step: 'cluster', text });
          report(text.trim());
        });
        step('done', title);
      } catch (error) {
        step(signal.aborted && isAbort(error) ? 'cancelled' : 'failed', toPtahError(error).message);
        throw error;
      }
    });
    void job.finished.then(() => parts.emit('projects.changed', { ids: [projectId] }));
    return { jobId: job.id };
  }
}

/** Everything that the nodes hold; a node that does not answer is left out. */
async function imagesOfNodes(
  docker: Docker,
  name: string,
): Promise<ReadonlyMap<string, readonly NodeImage[]>> {
  const target = kindTarget(docker, name);
  const nodes = (await target.nodes()).filter(({ running }) => running);
  const held = await Promise.all(
    nodes.map(async node => ({ name: node.name, images: await target.images(node).catch(() => null) })),
  );
  return new Map(held.flatMap(({ name, images }) => (images ? [[name, images] as const] : [])));
}

async function kubeletVersions(api: Cluster, signal?: AbortSignal): Promise<ReadonlyMap<string, string>> {
  try {
    const { items } = await api.list({ apiVersion: 'v1', kind: 'Node' }, signal);
    return new Map(
      items.map(({ metadata, status }) => [
        metadata.name,
        (status as { nodeInfo?: { kubeletVersion?: string } } | undefined)?.nodeInfo?.kubeletVersion ?? '',
      ]),
    );
  } catch {
    return new Map();
  }
}

/** `docker.io/library/api:b3c3fbc` → `api`. */
function repositoryOf(reference: string): string {
  return reference.replace(/^docker\.io\/(library\/)?/, '').replace(/[:@][^/]*$/, '');
}
