import type { Cluster, ListQuery } from '../cluster/index.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import type { Denied } from './types.ts';

/** What is known right now of several lists, kept up by a watch each. */
export interface Board {
  /** Every list has arrived once, or is known to be denied. */
  readonly complete: boolean;
  /** Why some watch is without connection at this moment; null when all have one. */
  readonly disconnected: string | null;
  /** Lists that these credentials may not read. */
  readonly denied: readonly Denied[];
  /** The namespaces that are looked into because looking into all is not allowed; null where it is. */
  readonly limitedTo: readonly string[] | null;
  of(kind: string): readonly KubernetesObject[];
  /** Lists that were not asked for from the start. One that is watched already stays as it is. */
  add(queries: readonly ListQuery[]): void;
  /** Resolves at the next change, at the latest after `ms`. */
  changed(ms: number): Promise<void>;
}

export interface BoardOptions {
  /** A list that may not be read is told as `denied` and counts as known, instead of as a connection that is missing. */
  readonly denials?: boolean;
  /** Where to look instead when all namespaces may not be listed at once. */
  readonly fallback?: readonly string[];
  /** What to keep of each object; the rest is forgotten at once (5,000 pods are large). */
  readonly keep?: (object: KubernetesObject) => KubernetesObject;
}

interface Shelf {
  readonly query: ListQuery;
  objects: Map<string, KubernetesObject>;
  listed: boolean;
  disconnected: string | null;
  denied: Denied | null;
}

/** Watches all queries until the signal ends; nothing here ever rejects: a lost connection is a fact on the board. */
export function watchBoard(
  cluster: Cluster,
  queries: readonly ListQuery[],
  signal: AbortSignal,
  { denials = false, fallback = [], keep = object => object }: BoardOptions = {},
): Board {
  const shelves: Shelf[] = [];
  const known = new Set<string>();
  let limited = false;
  let wake: (() => void) | null = null;
  let dirty = false;
  const touch = (): void => {
    dirty = true;
    wake?.();
  };
  const add = (query: ListQuery): void => {
    const key = JSON.stringify(query);
    if (known.has(key)) return;
    known.add(key);
    const shelf: Shelf = { query, objects: new Map(), listed: false, disconnected: null, denied: null };
    shelves.push(shelf);
    void narrowIfRefused(shelf);
  };
  const narrowIfRefused = async (shelf: Shelf): Promise<void> => {
    const narrow = fallback.length > 0;
    const refused = await follow(cluster, shelf, { keep, touch, signal, denials, narrow });
    if (!refused || signal.aborted) return;
    limited = true;
    shelves.splice(shelves.indexOf(shelf), 1);
    for (const namespace of fallback) add({ ...shelf.query, namespace });
    touch();
  };
  for (const query of queries) add(query);
  signal.addEventListener('abort', touch, { once: true });
  return {
    get complete() {
      return shelves.every(({ listed, denied }) => listed || denied !== null);
    },
    get disconnected() {
      return shelves.find(({ disconnected }) => disconnected !== null)?.disconnected ?? null;
    },
    get denied() {
      return shelves.flatMap(({ denied }) => denied ?? []);
    },
    get limitedTo() {
      return limited ? fallback : null;
    },
    of: kind =>
      shelves.filter(({ query }) => query.kind === kind).flatMap(({ objects }) => [...objects.values()]),
    add(more) {
      for (const query of more) add(query);
    },
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

/** Keeps a shelf up. True when it ended because all namespaces may not be listed, and there are some to look into instead. */
async function follow(
  cluster: Cluster,
  shelf: Shelf,
  {
    keep,
    touch,
    signal,
    denials,
    narrow,
  }: {
    readonly keep: (object: KubernetesObject) => KubernetesObject;
    readonly touch: () => void;
    readonly signal: AbortSignal;
    readonly denials: boolean;
    readonly narrow: boolean;
  },
): Promise<boolean> {
  const { query } = shelf;
  try {
    for await (const event of cluster.watch(query, signal)) {
      if (event.type === 'disconnected') {
        const resource =
          denials && event.code === 'forbidden' ? await cluster.resource(query.apiVersion, query.kind) : null;
        if (resource !== null) {
          const everywhere = (query.namespace ?? null) === null;
          if (narrow && everywhere && resource.namespaced) return true;
          shelf.denied = {
            verb: 'list',
            resource: resource.resource,
            namespace: query.namespace ?? null,
            message: event.reason,
          };
          shelf.disconnected = null;
          shelf.objects = new Map();
        } else shelf.disconnected = event.reason;
      } else {
        shelf.disconnected = null;
        shelf.denied = null;
        if (event.type === 'list') {
          shelf.objects = new Map(event.objects.map(object => [keyOf(object), keep(object)]));
          shelf.listed = true;
        } else if (event.type === 'deleted') shelf.objects.delete(keyOf(event.object));
        else shelf.objects.set(keyOf(event.object), keep(event.object));
      }
      touch();
    }
  } catch (error) {
    if (signal.aborted) return false;
    shelf.disconnected = error instanceof Error ? error.message : String(error);
    touch();
  }
  return false;
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
