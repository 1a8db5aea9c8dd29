import { PtahError } from '../errors/index.ts';
import type { ObjectRef } from '../manifests/index.ts';
import type { AskJson } from './answers.ts';
import { discover, splitApiVersion } from './discovery.ts';
import type { Attempt } from './status.ts';
import type { ApiResource, ListQuery } from './types.ts';

/** What is asked of the API, and where. */
export interface Target {
  readonly path: string;
  readonly attempt: Attempt;
}

/** The kinds that a cluster knows, asked for once, and the paths of their objects. */
export interface ResourcePaths {
  readonly resources: () => Promise<readonly ApiResource[]>;
  readonly resource: (apiVersion: string, kind: string) => Promise<ApiResource | null>;
  /** One object. */
  object(verb: string, ref: ObjectRef): Promise<Target>;
  /** Where objects of its kind are made. */
  collection(verb: string, ref: ObjectRef): Promise<Target>;
  /** Those that a query names. */
  list(verb: string, query: ListQuery): Promise<Target & { readonly search: URLSearchParams }>;
  /** What is known may have become another. */
  readonly forget: () => void;
}

export function createResourcePaths(json: AskJson, clusterName: string): ResourcePaths {
  let discovered: Promise<readonly ApiResource[]> | null = null;

  async function resources(): Promise<readonly ApiResource[]> {
    discovered ??= discover((path, headers) =>
      json(headers === undefined ? { path } : { path, headers }, {
        verb: 'read',
        resource: `the API's resources at ${path}`,
        namespace: null,
        name: null,
      }),
    ).catch((error: unknown) => {
      discovered = null;
      throw error;
    });
    return discovered;
  }

  async function resource(apiVersion: string, kind: string): Promise<ApiResource | null> {
    const { group, version } = splitApiVersion(apiVersion);
    const known = await resources();
    return (
      known.find(entry => entry.group === group && entry.version === version && entry.kind === kind) ?? null
    );
  }

  async function known(apiVersion: string, kind: string): Promise<ApiResource> {
    const found = await resource(apiVersion, kind);
    if (found !== null) return found;
    throw new PtahError(
      'unknown-kind',
      `The cluster ${clusterName} does not know ${kind} in ${apiVersion}.`,
      {
        hint: 'Check apiVersion and kind, or install the CustomResourceDefinition that brings it.',
      },
    );
  }

  async function collection(verb: string, ref: ObjectRef): Promise<Target> {
    const entry = await known(ref.apiVersion, ref.kind);
    const namespace = entry.namespaced ? (ref.namespace ?? 'default') : null;
    return {
      path: collectionPath(entry, namespace),
      attempt: { verb, resource: entry.resource, namespace, name: ref.name },
    };
  }

  return {
    resources,
    resource,
    collection,
    async object(verb, ref) {
      const { path, attempt } = await collection(verb, ref);
      return { path: `${path}/${encodeURIComponent(ref.name)}`, attempt };
    },
    async list(verb, query) {
      const entry = await known(query.apiVersion, query.kind);
      const namespace = entry.namespaced ? (query.namespace ?? null) : null;
      const search = new URLSearchParams();
      if (query.labelSelector !== undefined) search.set('labelSelector', query.labelSelector);
      if (query.fieldSelector !== undefined) search.set('fieldSelector', query.fieldSelector);
      return {
        path: collectionPath(entry, namespace),
        search,
        attempt: { verb, resource: entry.resource, namespace, name: null },
      };
    },
    forget: () => {
      discovered = null;
    },
  };
}

// The path keeps the case of names: RBAC names may hold capitals, and a client that lower-cases them breaks (the
// library's KubernetesObjectApi does).
function collectionPath({ group, version, resource }: ApiResource, namespace: string | null): string {
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === null
    ? `${base}/${resource}`
    : `${base}/namespaces/${encodeURIComponent(namespace)}/${resource}`;
}

export function withQuery(path: string, search: URLSearchParams): string {
  const query = search.toString();
  return query === '' ? path : `${path}?${query}`;
}
