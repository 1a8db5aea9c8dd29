import type { Cluster, ListQuery } from '../cluster/index.ts';
import type { KubernetesObject } from '../manifests/index.ts';

/** What is known right now of several lists, kept up by a watch each. */
export interface Board {
  /** Every list has arrived once. */
  readonly complete: boolean;
  /** Why some watch is without connection at this moment; null when all have one. */
  readonly disconnected: string | null;
  of(kind: string): readonly KubernetesObject[];
  /** Resolves at the next change, at the latest after `ms`. */
  changed(ms: number): Promise<void>;
}

interface Shelf {
  readonly kind: string;
  objects: Map<string, KubernetesObject>;
  listed: boolean;
  disconnected: string | null;
}

/** Watches all queries until the signal ends; nothing here ever rejects: a lost connection is a fact on the board. */
export function watchBoard(cluster: Cluster, queries: readonly ListQuery[], signal: AbortSignal): Board {
  const shelves = queries.map(({ kind }): Shelf => ({
    kind,
    objects: new Map(),
    listed: false,
    disconnected: null,
  }));
  let wake: (() => void) | null = null;
  let dirty = false;
  const touch = (): void => {
    dirty = true;
    wake?.();
  };
  queries.forEach((query, index) => {
    const shelf = shelves[index];
    if (shelf !== undefined) void follow(cluster, query, shelf, touch, signal);
  });
  signal.addEventListener('abort', touch, { once: true });
  return {
    get complete() {
      return shelves.every(({ listed }) => listed);
    },
    get disconnected() {
      return shelves.find(({ disconnected }) => disconnected !== null)?.disconnected ?? null;
    },
    of: kind => shelves.filter(shelf => shelf.kind === kind).flatMap(({ objects }) => [...objects.values()]),
    async changed(ms) {
      if (!dirty && !signal.aborted) {
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = null;
      }
      dirty = false;
    },
  };
}

async function follow(
  cluster: Cluster,
  query: ListQuery,
  shelf: Shelf,
  touch: () => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const event of cluster.watch(query, signal)) {
      if (event.type === 'disconnected') shelf.disconnected = event.reason;
      else {
        shelf.disconnected = null;
        if (event.type === 'list') {
          shelf.objects = new Map(event.objects.map(object => [keyOf(object), object]));
          shelf.listed = true;
        } else if (event.type === 'deleted') shelf.objects.delete(keyOf(event.object));
        else shelf.objects.set(keyOf(event.object), event.object);
      }
      touch();
    }
  } catch (error) {
    if (signal.aborted) return;
    shelf.disconnected = error instanceof Error ? error.message : String(error);
    touch();
  }
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
