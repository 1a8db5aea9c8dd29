import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, ListQuery } from '../cluster/index.ts';
import { toPtahError } from '../errors/index.ts';
import type { KubernetesObject } from '../manifests/index.ts';

export interface WatchedObjects {
  /** Null until the first list. */
  objects(): readonly KubernetesObject[] | null;
  /** Why what is known may be old. */
  trouble(): string | null;
  release(): void;
}

/** Lists kept true by a watch, one for all that ask the same. */
export interface ObjectWatches {
  use(query: ListQuery, onChange: () => void): WatchedObjects;
}

interface Watched {
  readonly listeners: Set<() => void>;
  readonly stop: AbortController;
  objects: Map<string, KubernetesObject> | null;
  trouble: string | null;
}

const retryMs = 2_000;

export function createObjectWatches(cluster: Cluster, closing: AbortSignal): ObjectWatches {
  const open = new Map<string, Watched>();
  return {
    use(query, onChange) {
      const key = JSON.stringify(query);
      const watched = open.get(key) ?? start(query);
      open.set(key, watched);
      // one per user, also of the same function
      const listener = () => onChange();
      watched.listeners.add(listener);
      return {
        objects: () => (watched.objects === null ? null : [...watched.objects.values()]),
        trouble: () => watched.trouble,
        release() {
          watched.listeners.delete(listener);
          if (watched.listeners.size > 0) return;
          watched.stop.abort();
          open.delete(key);
        },
      };
    },
  };

  function start(query: ListQuery): Watched {
    const watched: Watched = {
      listeners: new Set(),
      stop: new AbortController(),
      objects: null,
      trouble: null,
    };
    void keep(query, watched, AbortSignal.any([watched.stop.signal, closing]));
    return watched;
  }

  async function keep(query: ListQuery, watched: Watched, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const event of cluster.watch(query, signal)) {
          if (event.type === 'list')
            watched.objects = new Map(event.objects.map(object => [keyOf(object), object]));
          else if (event.type === 'disconnected') watched.trouble = event.reason;
          else if (event.type === 'deleted') watched.objects?.delete(keyOf(event.object));
          else watched.objects?.set(keyOf(event.object), event.object);
          if (event.type !== 'disconnected') watched.trouble = null;
          tell(watched);
        }
      } catch (error) {
        if (signal.aborted) return;
        watched.trouble = toPtahError(error).message;
        tell(watched);
      }
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

const keyOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

function tell({ listeners }: Watched): void {
  for (const listener of listeners) listener();
}
