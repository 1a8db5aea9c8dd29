import { joinApiVersion, refOf } from '../cluster/index.ts';
import type { ApiResource, Cluster } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import type { Candidate } from './candidates.ts';
import { PROJECT_LABEL, refKey } from './identity.ts';
import { listEverywhere } from './inventory.ts';
import type { KubernetesObject, ObjectRef } from './types.ts';

/** Name → whether it is active. Null where listing namespaces is not allowed. */
export async function namespaceStates(
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, boolean> | null> {
  try {
    const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Namespace' }, signal);
    return new Map(items.map(({ metadata }) => [metadata.name, metadata.deletionTimestamp === undefined]));
  } catch (error) {
    if (error instanceof PtahError && error.code === 'forbidden') return null;
    throw error;
  }
}

/** All live objects of the project, one list per kind instead of one request per object. */
export async function listLabelled(
  cluster: Cluster,
  candidates: readonly Candidate[],
  home: string,
  label: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, KubernetesObject>> {
  const resources = new Map(
    candidates
      .filter(({ resource }) => resource !== null)
      .map(({ object, resource }) => [`${object.apiVersion} ${object.kind}`, resource as ApiResource]),
  );
  const namespaces = [
    home,
    ...candidates.map(({ ref }) => ref.namespace).filter(namespace => namespace !== null),
  ];
  const lists = await Promise.all(
    [...resources.values()].map(async resource => {
      const query = {
        apiVersion: joinApiVersion(resource),
        kind: resource.kind,
        labelSelector: `${PROJECT_LABEL}=${label}`,
      };
      try {
        return (await listEverywhere(cluster, query, resource.namespaced ? namespaces : [], signal)).items;
      } catch (error) {
        // Not allowed to list: each object is asked for by name, and says so itself if that is forbidden too.
        if (error instanceof PtahError && error.code === 'forbidden') return [];
        throw error;
      }
    }),
  );
  return new Map(lists.flat().map(item => [refKey(refOf(item)), item]));
}

/** One live object; the error itself where reading it is not allowed. */
export async function getLive(
  cluster: Cluster,
  ref: ObjectRef,
  signal?: AbortSignal,
): Promise<KubernetesObject | null | PtahError> {
  try {
    return await cluster.get(ref, signal);
  } catch (error) {
    if (error instanceof PtahError && error.code === 'forbidden') return error;
    throw error;
  }
}
