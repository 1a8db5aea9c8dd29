import { setTimeout as sleep } from 'node:timers/promises';
import { PtahError } from '../errors/index.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import type { Cluster } from './types.ts';

export interface AwaitClusterOptions {
  readonly nodeCount: number;
  readonly apiMs?: number;
  readonly nodesMs?: number;
  readonly intervalMs?: number;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
}

/** Waits until the API answers, every node is Ready and pods may be made; each phase has its limit and its last words. */
export async function awaitCluster(
  cluster: Cluster,
  options: AwaitClusterOptions,
): Promise<readonly string[]> {
  const { apiMs = 120_000, nodesMs = 240_000 } = options;
  await phase('the API server to answer', apiMs, options, async signal => {
    await cluster.version(signal);
    return null;
  });
  let names: string[] = [];
  await phase('the nodes to be Ready', nodesMs, options, async signal => {
    const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Node' }, signal);
    names = items.map(({ metadata }) => metadata.name).sort();
    if (items.length < options.nodeCount) return `${items.length} of ${options.nodeCount} nodes have joined`;
    return items.map(notReadyReason).find(reason => reason !== null) ?? null;
  });
  // Pods are refused before the controller has made the account that they run under.
  await phase('the default service account', 60_000, options, async signal => {
    const account = await cluster.get(
      { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'default', name: 'default' },
      signal,
    );
    return account === null ? 'it is not there yet' : null;
  });
  return names;
}

/** Why a node is not Ready, in its own words; null when it is. */
export function notReadyReason(node: KubernetesObject): string | null {
  const status = node.status as
    | {
        readonly conditions?: readonly {
          readonly type: string;
          readonly status: string;
          readonly reason?: string;
          readonly message?: string;
        }[];
      }
    | undefined;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return null;
  return `${node.metadata.name} is not ready: ${ready?.message ?? ready?.reason ?? 'it has not reported yet'}`;
}

async function phase(
  what: string,
  limitMs: number,
  options: AwaitClusterOptions,
  check: (signal: AbortSignal) => Promise<string | null>,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  let last = '';
  options.onLine?.(`Waiting for ${what}`);
  for (;;) {
    options.signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(10_000);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
    let state: string | null;
    try {
      state = await check(signal);
    } catch (error) {
      options.signal?.throwIfAborted();
      state = error instanceof Error ? error.message : String(error);
    }
    if (state === null) return;
    if (state !== last) options.onLine?.(state);
    last = state;
    if (Date.now() >= deadline) {
      throw new PtahError(
        'cluster-not-ready',
        `Waited ${Math.round(limitMs / 1000)} s for ${what}: ${last}`,
        {
          hint: 'A slow or crowded machine needs longer: try again, or give Docker more memory.',
          details: { output: [last] },
        },
      );
    }
    await sleep(options.intervalMs ?? 250, undefined, options.signal && { signal: options.signal });
  }
}
