import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, WatchEvent } from '../../cluster/index.ts';
import { toPtahError } from '../../errors/index.ts';
import { containersOf, type FoundContainer } from './pods.ts';

interface FollowPods {
  /** The cluster as it is now: another one where it was made anew. */
  readonly connect: () => Promise<Cluster>;
  readonly onEvent: (event: WatchEvent) => void;
  readonly onFailed: (reason: string) => void;
  readonly reconnectMs: number;
  readonly signal: AbortSignal;
}

/** A watch that fails so often in a row may be of a cluster that is no more. */
const failuresOfOne = 4;

/** Pods of all namespaces, for as long as it is wanted: the cluster may come and go. */
export async function followPods(follow: FollowPods): Promise<void> {
  const { connect, onEvent, onFailed, reconnectMs, signal } = follow;
  while (!signal.aborted) {
    try {
      const cluster = await connect();
      let failures = 0;
      for await (const event of cluster.watch({ apiVersion: 'v1', kind: 'Pod', namespace: null }, signal)) {
        failures = event.type === 'disconnected' ? failures + 1 : 0;
        onEvent(event);
        if (failures >= failuresOfOne) break;
      }
    } catch (error) {
      if (signal.aborted) return;
      onFailed(toPtahError(error).message);
    }
    await sleep(reconnectMs, undefined, { signal }).catch(() => {});
  }
}

/** What an event says of the containers: those that there are, and whether a known one is not among them any more. */
export function readPodEvent(
  event: Exclude<WatchEvent, { readonly type: 'disconnected' }>,
  images: ReadonlySet<string>,
): { readonly found: readonly FoundContainer[]; readonly isGone: (key: string) => boolean } {
  if (event.type === 'list') {
    const found = event.objects.flatMap(object => containersOf(object, images));
    const keys = new Set(found.map(({ key }) => key));
    return { found, isGone: key => !keys.has(key) };
  }
  const { name, namespace = 'default' } = event.object.metadata;
  const found = event.type === 'deleted' ? [] : containersOf(event.object, images);
  const keys = new Set(found.map(({ key }) => key));
  return { found, isGone: key => key.startsWith(`${namespace}/${name}/`) && !keys.has(key) };
}
