import { connectCluster, listKindClusters, pinKindContext, type Cluster } from '../cluster/index.ts';
import type { DeployDeps } from '../deploy/index.ts';
import type { Docker } from '../docker/index.ts';
import { isAbort, toPtahError } from '../errors/index.ts';
import { labels } from '../images/index.ts';
import { inspectBuildOutput } from '../manifests/index.ts';
import type { Project } from '../project/index.ts';
import { gatherInside } from './gather-inside.ts';
import type { LiveThings } from './types.ts';
import type { RemovalWorld } from './world.ts';

/** What a removal reaches the world by. */
export interface RemovalDeps extends DeployDeps {
  readonly live: LiveThings;
  /** Names of other projects on the list that deploy to the same cluster. */
  readonly neighbours: (project: Project) => Promise<readonly string[]>;
}

export interface GatheredRemoval {
  readonly world: RemovalWorld;
  readonly api: Cluster | null;
  readonly docker: Docker | null;
}

/** How long a cluster may take to answer before it counts as not answering. */
const answerMs = 5_000;

/** Looks at Docker, the nodes, the cluster and the folder, each by itself: what can't be asked keeps nobody from the rest. Changes nothing. */
export async function gatherRemoval(
  project: Project,
  deps: RemovalDeps,
  signal: AbortSignal,
): Promise<GatheredRemoval> {
  const readAt = new Date().toISOString();
  const [engine, output, live, neighbours] = await Promise.all([
    gatherDocker(project, deps, signal),
    gatherOutput(project),
    deps.live.list(),
    deps.neighbours(project),
  ]);
  const found = engine.docker
    ? await gatherCluster(project, engine.docker, deps, signal)
    : {
        api: null,
        inside: null,
        cluster: {
          name: project.clusterName,
          state: 'unknown' as const,
          message: 'Docker does not answer, so nothing is known of the cluster',
        },
      };
  return {
    docker: engine.docker,
    api: found.api,
    world: {
      readAt,
      live,
      docker: engine.held,
      dockerMessage: engine.message,
      cluster: found.cluster,
      inside: found.inside,
      output,
      neighbours,
    },
  };
}

async function gatherDocker(project: Project, deps: RemovalDeps, signal: AbortSignal) {
  try {
    const docker = deps.docker();
    const [images, containers] = await Promise.all([
      docker.listImages({ labels: [`${labels.project}=${project.name}`] }, signal),
      docker.listContainers({ all: true }, signal),
    ]);
    return { docker, held: { images, containers }, message: '' };
  } catch (error) {
    if (signal.aborted && isAbort(error)) throw error;
    return { docker: null, held: null, message: toPtahError(error).message };
  }
}

async function gatherOutput(project: Project): Promise<RemovalWorld['output']> {
  try {
    return await inspectBuildOutput(project);
  } catch (error) {
    return { refused: toPtahError(error).message };
  }
}

async function gatherCluster(project: Project, docker: Docker, deps: RemovalDeps, signal: AbortSignal) {
  const name = project.clusterName;
  const none = (state: RemovalWorld['cluster']['state'], message: string) => ({
    api: null,
    inside: null,
    cluster: { name, state, message },
  });
  const soon = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
  try {
    const found = (await listKindClusters(docker, signal)).find(cluster => cluster.name === name);
    if (!found) return none('missing', `There is no Kind cluster ${name}`);
    if (found.nodes.some(({ running }) => !running))
      return none('stopped', `The cluster ${name} does not run`);
    const pinned = await pinKindContext(name, { env: deps.env, docker, tools: deps.tools, signal });
    const api = deps.connect?.(pinned) ?? connectCluster(pinned, { env: deps.env, tools: deps.tools });
    await api.version(soon);
    const inside = await gatherInside(project, api, docker, signal);
    return { api, inside, cluster: { name, state: 'ready' as const, message: 'It answers' } };
  } catch (error) {
    if (signal.aborted && isAbort(error)) throw error;
    const { message } = toPtahError(error);
    return none(
      'not-answering',
      soon.aborted
        ? `The cluster ${name} gave no answer within ${answerMs / 1_000} s`
        : `The cluster ${name} can’t be read (${message})`,
    );
  }
}
