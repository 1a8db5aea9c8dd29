import { PtahError } from '../errors/index.ts';
import type { Docker } from '../docker/index.ts';
import type { Tools } from '../tools/index.ts';
import { entriesOf } from './credentials.ts';
import { listKindClusters } from './kind-clusters.ts';
import { parseKubeconfig, readKubeconfig } from './kubeconfig.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import type { PinnedContext } from './types.ts';

export interface PinOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** With these two, a cluster that no kubeconfig names is found by Docker's labels and asked of kind. */
  readonly docker?: Docker;
  readonly tools?: Tools;
  readonly signal?: AbortSignal;
}

/**
 * Resolves `kind-<clusterName>` and nothing else: the current context plays no part, so that a deploy can never land
 * in whatever cluster a terminal was last pointed at.
 */
export async function pinKindContext(clusterName: string, options: PinOptions = {}): Promise<PinnedContext> {
  const env = options.env ?? process.env;
  const context = `kind-${clusterName}`;
  const entry = entriesOf(await readKubeconfig(env), context);
  if (entry !== null) {
    const server = String(entry.cluster.cluster.server);
    const isOurs = isLoopback(server)
      ? await isPortOfKind(clusterName, server, options)
      : await isServerOfKind(clusterName, server, options);
    if (!isOurs) throw foreign(context, server, clusterName);
    return { context, clusterName, server, source: 'kubeconfig' };
  }
  const exists =
    options.docker !== undefined &&
    (await listKindClusters(options.docker, options.signal)).some(({ name }) => name === clusterName);
  if (exists && options.tools !== undefined && (await options.tools.find('kind')) !== null) {
    const asked = entriesOf(await kubeconfigOfKind(clusterName, options.tools, env, options.signal), context);
    if (asked !== null)
      return { context, clusterName, server: String(asked.cluster.cluster.server), source: 'kind' };
  }
  throw new PtahError('context-missing', `No kubeconfig has the context ${context}.`, {
    hint: exists
      ? `The Kind cluster ${clusterName} is there. Run: kind export kubeconfig --name ${clusterName}`
      : `Make the cluster (Deploy does), or run: kind create cluster --name ${clusterName}`,
  });
}

/**
 * What making a cluster would overwrite: kind writes `kind-<clusterName>` into the kubeconfig, whoever that name belongs
 * to. An address on this machine is what a cluster that was deleted leaves behind.
 */
export async function refuseForeignContext(
  clusterName: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const context = `kind-${clusterName}`;
  const server = entriesOf(await readKubeconfig(env), context)?.cluster.cluster.server;
  if (typeof server !== 'string' || isLoopback(server)) return;
  throw new PtahError(
    'context-foreign',
    `The context ${context} of the kubeconfig points to ${server}: making the Kind cluster ${clusterName} would overwrite it.`,
    { hint: `Rename that context, or give the project's cluster another name in ptah.yml.` },
  );
}

function foreign(context: string, server: string, clusterName: string): PtahError {
  return new PtahError(
    'context-foreign',
    `The context ${context} points to ${server}, which is not the Kind cluster ${clusterName} on this machine.`,
    { hint: `Rename that context, or run: kind export kubeconfig --name ${clusterName}` },
  );
}

/** A tunnel to another cluster ends on this machine, too: the port has to be the one that Docker publishes for the node. */
async function isPortOfKind(clusterName: string, server: string, options: PinOptions): Promise<boolean> {
  if (options.docker === undefined) return true;
  const clusters = await listKindClusters(options.docker, options.signal);
  const ports = clusters.find(({ name }) => name === clusterName)?.apiPorts;
  return ports === undefined || ports.includes(Number(new URL(server).port || '443'));
}

/** kind's own answer, held in memory: the user's kubeconfig is not ours to write. */
export async function kubeconfigOfKind(
  clusterName: string,
  tools: Tools,
  env: NodeJS.ProcessEnv = process.env,
  signal?: AbortSignal,
): Promise<Kubeconfig> {
  const text = await kindKubeconfig(clusterName, tools, env, signal);
  return parseKubeconfig(text, `kind get kubeconfig --name ${clusterName}`);
}

/** The text of that kubeconfig, for programs that want a file. */
export async function kindKubeconfig(
  clusterName: string,
  tools: Tools,
  env: NodeJS.ProcessEnv = process.env,
  signal?: AbortSignal,
): Promise<string> {
  const { stdout } = await tools.run('kind', ['get', 'kubeconfig', '--name', clusterName], {
    env: definedEntries(env),
    timeoutMs: 30_000,
    ...(signal && { signal }),
  });
  return stdout;
}

// `networking.apiServerAddress` may move Kind's API server off the loopback address; kind itself can tell.
async function isServerOfKind(clusterName: string, server: string, options: PinOptions): Promise<boolean> {
  if (options.tools === undefined || (await options.tools.find('kind')) === null) return false;
  try {
    const config = await kubeconfigOfKind(clusterName, options.tools, options.env, options.signal);
    return entriesOf(config, `kind-${clusterName}`)?.cluster.cluster.server === server;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof PtahError) return false;
    throw error;
  }
}

/** Whether a server's address cannot leave this machine. */
export function isLoopback(server: string): boolean {
  let host: string;
  try {
    host = new URL(server).hostname;
  } catch {
    return false;
  }
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(host) ||
    host === '0.0.0.0'
  );
}

export function definedEntries(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
