import { PtahError } from '../errors/index.ts';
import type { ApiResource } from './types.ts';

const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

type GetJson = (path: string, headers?: Record<string, string>) => Promise<unknown>;

interface AggregatedList {
  readonly kind?: string;
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind?: { readonly kind?: string };
        readonly scope?: string;
        readonly verbs?: readonly string[];
      }[];
    }[];
  }[];
}

interface GroupList {
  readonly versions?: readonly string[];
  readonly groups?: readonly {
    readonly name: string;
    readonly preferredVersion?: { readonly groupVersion: string };
    readonly versions: readonly { readonly groupVersion: string }[];
  }[];
}

interface ResourceList {
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs?: readonly string[];
  }[];
}

/**
 * Every resource that the server knows, versions in its order of preference. Two requests where the server aggregates
 * (1.27 and later), else one per group and version; a group whose own server is down is left out, as kubectl does.
 */
export async function discover(get: GetJson): Promise<ApiResource[]> {
  const parts = await Promise.all(
    ['/api', '/apis'].map(async path => {
      const answer = await get(path, { accept: AGGREGATED });
      const list = answer as AggregatedList;
      return list.kind === 'APIGroupDiscoveryList'
        ? fromAggregated(list)
        : byGroup(path, answer as GroupList, get);
    }),
  );
  return parts.flat();
}

function fromAggregated(list: AggregatedList): ApiResource[] {
  return (list.items ?? []).flatMap(group =>
    (group.versions ?? []).flatMap(({ version, resources }) =>
      (resources ?? []).map(({ resource, responseKind, scope, verbs }) => ({
        group: group.metadata?.name ?? '',
        version,
        kind: responseKind?.kind ?? '',
        resource,
        namespaced: scope === 'Namespaced',
        verbs: verbs ?? [],
      })),
    ),
  );
}

async function byGroup(path: string, list: GroupList, get: GetJson): Promise<ApiResource[]> {
  const versions =
    path === '/api'
      ? (list.versions ?? []).map(version => ({ group: '', version, path: `/api/${version}` }))
      : (list.groups ?? []).flatMap(group => {
          const names = group.versions.map(({ groupVersion }) => groupVersion);
          const preferred = group.preferredVersion?.groupVersion;
          const ordered =
            preferred === undefined ? names : [preferred, ...names.filter(name => name !== preferred)];
          return ordered.map(name => ({
            group: group.name,
            version: name.slice(name.indexOf('/') + 1),
            path: `/apis/${name}`,
          }));
        });
  const lists = await Promise.all(
    versions.map(async ({ group, version, path: versionPath }) => {
      try {
        const { resources } = (await get(versionPath)) as ResourceList;
        return (resources ?? [])
          .filter(({ name }) => !name.includes('/'))
          .map(({ name, kind, namespaced, verbs }) => ({
            group,
            version,
            kind,
            resource: name,
            namespaced,
            verbs: verbs ?? [],
          }));
      } catch (error) {
        if (error instanceof PtahError && error.code !== 'unreachable') return [];
        throw error;
      }
    }),
  );
  return lists.flat();
}

/** `apps/v1` → group and version. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash === -1
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

export function joinApiVersion({
  group,
  version,
}: {
  readonly group: string;
  readonly version: string;
}): string {
  return group === '' ? version : `${group}/${version}`;
}
