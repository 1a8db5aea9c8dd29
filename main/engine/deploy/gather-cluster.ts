import {
  connectCluster,
  kindConfigChanged,
  listKindClusters,
  nodeNamesOf,
  pinKindContext,
  readKindConfig,
  refuseForeignContext,
  resolveNodeImage,
  type Cluster,
  type KindCluster,
} from '../cluster/index.ts';
import type { Docker } from '../docker/index.ts';
import { isAbort, toPtahError, type Problem } from '../errors/index.ts';
import type { Project } from '../project/index.ts';
import { kindTarget, type ImageTarget } from '../targets/index.ts';
import type { DeployDeps } from './deps.ts';
import type { WorldCluster, WorldNode } from './world.ts';

export interface GatheredCluster {
  readonly cluster: WorldCluster;
  /** Null unless the cluster answers. */
  readonly api: Cluster | null;
  readonly problems: readonly Problem[];
}

/** Failures that lie in the kubeconfig. */
const inKubeconfig = new Set([
  'context-foreign',
  'context-missing',
  'kubeconfig-invalid',
  'unauthorized',
  'forbidden',
]);

/** How long a cluster may take to answer before it counts as not answering. */
const answerMs = 5_000;

/** The Kind cluster of a project as Docker, the nodes and the API server tell it. */
export async function gatherCluster(
  project: Project,
  docker: Docker,
  deps: DeployDeps,
  signal: AbortSignal,
): Promise<GatheredCluster> {
  const name = project.clusterName;
  const found = (await listKindClusters(docker, signal)).find(cluster => cluster.name === name);
  return found ? existing(project, found, docker, deps, signal) : missing(project, docker, deps, signal);
}

async function missing(
  project: Project,
  docker: Docker,
  deps: DeployDeps,
  signal: AbortSignal,
): Promise<GatheredCluster> {
  const name = project.clusterName;
  const [kind, { kindNodeImage }] = await Promise.all([deps.tools.find('kind'), deps.settings()]);
  const problems: Problem[] = [];
  let nodes: readonly WorldNode[] = [];
  let nodeImage: WorldCluster['nodeImage'] = null;
  try {
    await refuseForeignContext(name, deps.env);
    const kindConfig = await readKindConfig(project.kindConfigFile);
    nodes = nodeNamesOf(kindConfig, name).map(node => ({ name: node, images: null }));
    nodeImage = await resolveNodeImage(docker, deps.tools, {
      kindConfig,
      setting: kindNodeImage,
      env: deps.env,
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    problems.push(toProblem(error, project));
  }
  return {
    api: null,
    problems,
    cluster: {
      name,
      context: `kind-${name}`,
      state: 'missing',
      message: `There is no Kind cluster ${name} yet`,
      nodes,
      nodeImage,
      configChanged: false,
      kindFound: kind !== null,
    },
  };
}

async function existing(
  project: Project,
  found: KindCluster,
  docker: Docker,
  deps: DeployDeps,
  signal: AbortSignal,
): Promise<GatheredCluster> {
  const base = {
    name: found.name,
    context: `kind-${found.name}`,
    nodeImage: null,
    configChanged: false,
    kindFound: true,
  };
  const stopped = found.nodes.filter(({ running }) => !running).map(({ name }) => name);
  if (stopped.length > 0)
    return {
      api: null,
      problems: [],
      cluster: {
        ...base,
        state: 'stopped',
        message: `${stopped.join(', ')} ${stopped.length === 1 ? 'does' : 'do'} not run`,
        nodes: found.nodes.map(({ name }) => ({ name, images: null })),
      },
    };
  const target = kindTarget(docker, found.name);
  const [nodes, answer] = await Promise.all([
    gatherNodes(
      target,
      project.dockerfiles.map(image => image.name),
      signal,
    ),
    ask(project, found.name, docker, deps, signal),
  ]);
  return { ...answer, cluster: { ...base, ...answer.cluster, nodes } };
}

async function gatherNodes(
  target: ImageTarget,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly WorldNode[]> {
  const nodes = await target.nodes();
  return Promise.all(
    nodes.map(async node => ({
      name: node.name,
      images: await target.images(node, names).catch((error: unknown) => {
        if (signal.aborted && isAbort(error)) throw error;
        return null;
      }),
    })),
  );
}

async function ask(project: Project, name: string, docker: Docker, deps: DeployDeps, signal: AbortSignal) {
  const soon = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
  try {
    const pinned = await pinKindContext(name, { env: deps.env, docker, tools: deps.tools, signal });
    const api = deps.connect?.(pinned) ?? connectCluster(pinned, { env: deps.env, tools: deps.tools });
    await api.version(soon);
    // asked for in any case, and while the nodes are still being read: planning then has it at hand
    api.resources().catch(() => {});
    const changed = await configChanged(project, api, soon);
    return {
      api,
      problems: changed.problems,
      cluster: {
        state: 'ready' as const,
        message: `Answers on ${new URL(pinned.server).host}`,
        configChanged: changed.changed,
      },
    };
  } catch (error) {
    signal.throwIfAborted();
    const failure = toPtahError(error);
    // what is wrong lies in the kubeconfig, and the cluster may be all right: it is not called broken
    const own = !soon.aborted && inKubeconfig.has(failure.code);
    return {
      api: null,
      problems: own ? [toProblem(failure, project)] : [],
      cluster: {
        state: own ? ('unknown' as const) : ('not-answering' as const),
        message: soon.aborted ? `no answer within ${answerMs / 1000} s` : failure.message,
        configChanged: false,
      },
    };
  }
}

async function configChanged(project: Project, api: Cluster, signal: AbortSignal) {
  if (project.kindConfigFile === null) return { changed: false, problems: [] };
  try {
    const text = await readKindConfig(project.kindConfigFile);
    return { changed: await kindConfigChanged(api, text, signal), problems: [] };
  } catch (error) {
    // the cluster is there and works: a configuration that can't be read matters only for the next one
    const problem: Problem = { ...toProblem(error, project), severity: 'warning' };
    return { changed: false, problems: [problem] };
  }
}

function toProblem(error: unknown, project: Project): Problem {
  const { code, message, hint, details } = toPtahError(error);
  const file = details.file ?? (code === 'kind-config-invalid' ? project.kindConfigFile : null);
  return {
    code,
    severity: 'error',
    message,
    ...(hint && { hint }),
    ...(file && { file: file.startsWith(`${project.root}/`) ? file.slice(project.root.length + 1) : file }),
    ...(details.line !== undefined && { line: details.line }),
    ...(details.column !== undefined && { column: details.column }),
  };
}
