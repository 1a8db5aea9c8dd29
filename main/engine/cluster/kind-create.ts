import { PtahError, isAbort, toPtahError } from '../errors/index.ts';
import type { Tools } from '../tools/index.ts';
import { awaitCluster } from './await-cluster.ts';
import { connectCluster } from './connect.ts';
import { adaptKindConfig, nodeNamesOf, readKindConfig } from './kind-config.ts';
import { explainKindFailure } from './kind-failures.ts';
import { recordKindConfig } from './kind-record.ts';
import { definedEntries, pinKindContext } from './pin.ts';
import type { CreateKindClusterOptions, CreateKindClusterRequest, CreatedKindCluster } from './types.ts';

/**
 * Makes a Kind cluster from the project's own configuration and waits until it can be used. A half-made cluster is
 * deleted again when making it fails or is cancelled; one that was there before is never touched.
 */
export async function createKindCluster(
  tools: Tools,
  request: CreateKindClusterRequest,
  options: CreateKindClusterOptions = {},
): Promise<CreatedKindCluster> {
  const env = options.env ?? process.env;
  const log: string[] = [];
  const say = (line: string): void => {
    log.push(line);
    options.onLine?.(line);
  };
  const text = await readKindConfig(request.configFile);
  const config = adaptKindConfig(text, request);
  if ((await existingClusters(tools, env, options.signal)).includes(request.name)) {
    throw new PtahError('cluster-exists', `The Kind cluster ${request.name} is already there.`, {
      hint: 'Deploy again: it will be used.',
    });
  }
  const pinOptions = { env, tools, ...(options.signal && { signal: options.signal }) };
  try {
    // `--wait 0s`: kind's own waiting ends without saying what it waited for.
    const argv = ['create', 'cluster', '--name', request.name, '--config', '-', '--wait', '0s'];
    if (request.nodeImage !== null) argv.push('--image', request.nodeImage);
    await tools.run('kind', argv, {
      input: config,
      env: definedEntries(env),
      cwd: request.projectRoot,
      timeoutMs: options.limits?.create ?? 900_000,
      onLine: say,
      ...(options.signal && { signal: options.signal }),
    });
    const pinned = await pinKindContext(request.name, pinOptions);
    const cluster = connectCluster(pinned, { env, tools });
    const nodes = await awaitCluster(cluster, {
      nodeCount: nodeNamesOf(text, request.name).length,
      onLine: say,
      ...(options.limits?.api !== undefined && { apiMs: options.limits.api }),
      ...(options.limits?.nodes !== undefined && { nodesMs: options.limits.nodes }),
      ...(options.signal && { signal: options.signal }),
    });
    await recordKindConfig(cluster, text, {
      ...(request.project !== undefined && { project: request.project }),
      ...(options.signal && { signal: options.signal }),
    });
    return { pinned, nodes, log };
  } catch (error) {
    const failure = createFailure(error, request.name, log);
    // Another process made it in the meantime: not ours to delete.
    if (failure.code !== 'cluster-exists') {
      say(`Removing the half-made cluster ${request.name}`);
      await deleteKindCluster(tools, request.name, { env, onLine: say }).catch((left: unknown) => {
        say(
          `It could not be removed: ${left instanceof Error ? left.message : String(left)}. Run: kind delete cluster --name ${request.name}`,
        );
      });
    }
    if (options.signal?.aborted || isAbort(error)) throw error;
    throw failure;
  }
}

/** Deletes a Kind cluster, its node containers and its context. Deleting what is not there is no error. */
export async function deleteKindCluster(
  tools: Tools,
  name: string,
  options: {
    readonly env?: NodeJS.ProcessEnv;
    readonly onLine?: (line: string) => void;
    readonly signal?: AbortSignal;
  } = {},
): Promise<void> {
  await tools.run('kind', ['delete', 'cluster', '--name', name], {
    env: definedEntries(options.env ?? process.env),
    timeoutMs: 180_000,
    ...(options.onLine && { onLine: options.onLine }),
    ...(options.signal && { signal: options.signal }),
  });
}

async function existingClusters(
  tools: Tools,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<string[]> {
  const { stdout } = await tools.run('kind', ['get', 'clusters', '--quiet'], {
    env: definedEntries(env),
    timeoutMs: 60_000,
    ...(signal && { signal }),
  });
  return stdout.split('\n').map(line => line.trim());
}

function createFailure(error: unknown, name: string, log: readonly string[]): PtahError {
  const own = toPtahError(error, 'cluster-failed');
  if (own.code === 'tool-missing' || own.code === 'cluster-not-ready' || own.code === 'cancelled') return own;
  const output = [...log.slice(-40), ...(own.details.output ?? [])];
  const known = explainKindFailure(output.join('\n'));
  const details = { ...own.details, output: log.length > 0 ? log.slice(-20) : (own.details.output ?? []) };
  if (known === null) {
    return new PtahError('cluster-failed', `The Kind cluster ${name} could not be made: ${own.message}`, {
      hint: 'The log above is kind’s own.',
      details,
      cause: error,
    });
  }
  return new PtahError(known.code, `The Kind cluster ${name} could not be made. ${known.cause}`, {
    hint: known.hint.replaceAll('NAME', name),
    details,
    cause: error,
  });
}
