import pLimit from 'p-limit';
import { FIELD_MANAGER, joinApiVersion, splitApiVersion } from '../cluster/index.ts';
import type { ApiResource, Cluster } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import { PART_OF_LABEL, PROJECT_LABEL, applySetId, inventoryName, projectLabel, refKey } from './identity.ts';
import { originAnnotations, readOrigin } from './origin.ts';
import type { Origin } from './origin.ts';
import type { Inventory, InventoryMember } from './plan-types.ts';
import type { KubernetesObject, ObjectRef } from './types.ts';

/** Requests at a time. */
const PARALLEL = 10;
const ID_LABEL = 'applyset.kubernetes.io/id';
const TOOLING = 'applyset.kubernetes.io/tooling';
const GROUP_KINDS = 'applyset.kubernetes.io/contains-group-kinds';
const NAMESPACES = 'applyset.kubernetes.io/additional-namespaces';
/** Finds a project's inventories whatever namespace they were written to. */
const INVENTORY_LABEL = 'ptah-desktop/inventory';

/**
 * What the project has in the cluster. The parent names only kinds and namespaces; the members are the live objects
 * that carry its label, so the list cannot disagree with the world.
 */
export async function readInventory(
  cluster: Cluster,
  project: { readonly projectName: string; readonly namespace: string },
  signal?: AbortSignal,
): Promise<Inventory> {
  const parents = await findParents(cluster, project, signal);
  const members = await Promise.all(parents.map(parent => membersOf(cluster, parent, signal)));
  return {
    parents: parents.map(({ metadata }) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: metadata.namespace ?? null,
      name: metadata.name,
    })),
    origin:
      parents.map(({ metadata }) => readOrigin(metadata.annotations)).find(found => found !== null) ?? null,
    members: eachOnce(members.flat()),
  };
}

/**
 * The project's members where its inventory is gone (somebody deleted the ConfigMap): of all kinds that the cluster knows, what
 * carries the inventory's label and was applied by us (an Endpoints object has the labels of its Service). Slower than an
 * inventory by a request per kind; kinds that may not be listed are left out.
 */
export async function findLostMembers(
  cluster: Cluster,
  project: { readonly projectName: string; readonly namespace: string },
  signal?: AbortSignal,
): Promise<readonly InventoryMember[]> {
  const labelSelector = `${PART_OF_LABEL}=${inventoryId(project)}`;
  const resources = await cluster.resources();
  const kinds = resources.filter(({ verbs }) => verbs.includes('list') && verbs.includes('delete'));
  const limit = pLimit(PARALLEL);
  const lists = await Promise.all(
    kinds.map(resource =>
      limit(async () => {
        const query = { apiVersion: joinApiVersion(resource), kind: resource.kind, labelSelector };
        const namespaces = resource.namespaced ? [project.namespace] : [];
        try {
          return (await listEverywhere(cluster, query, namespaces, signal)).items;
        } catch (error) {
          if (error instanceof PtahError && error.code === 'forbidden') return [];
          throw error;
        }
      }),
    ),
  );
  return eachOnce(lists.flatMap(toMembers).filter(({ managers }) => managers?.includes(FIELD_MANAGER)));
}

/**
 * Writes the parent: every kind and namespace of `refs`, and the folder they came from. Widened before anything is applied,
 * narrowed after pruning.
 */
export async function writeInventory(
  cluster: Cluster,
  project: { readonly projectName: string; readonly namespace: string },
  { refs, origin }: { readonly refs: readonly ObjectRef[]; readonly origin: Origin | null },
  signal?: AbortSignal,
): Promise<void> {
  const name = inventoryName(project.projectName);
  const namespaces = refs
    .map(({ namespace }) => namespace)
    .filter(namespace => namespace !== null)
    .filter(namespace => namespace !== project.namespace);
  const parent: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: project.namespace,
      labels: {
        [ID_LABEL]: applySetId(name, project.namespace),
        [INVENTORY_LABEL]: projectLabel(project.projectName),
        [PROJECT_LABEL]: projectLabel(project.projectName),
      },
      annotations: {
        [TOOLING]: 'ptah-desktop/v1',
        [GROUP_KINDS]: sorted(refs.map(groupKind)).join(','),
        ...(origin !== null && originAnnotations(origin)),
        ...(namespaces.length > 0 && { [NAMESPACES]: sorted(namespaces).join(',') }),
      },
    },
  };
  await cluster.apply(parent, { force: true, ...(signal && { signal }) });
}

/** The ApplySet's id that members carry as label. */
export function inventoryId(project: { readonly projectName: string; readonly namespace: string }): string {
  return applySetId(inventoryName(project.projectName), project.namespace);
}

/** Every project that has an inventory in the cluster, as its label says. */
export async function listInventories(
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<readonly { readonly project: string; readonly namespace: string }[]> {
  const query = { apiVersion: 'v1', kind: 'ConfigMap', labelSelector: INVENTORY_LABEL };
  const { items } = await listEverywhere(cluster, query, [], signal);
  return items.map(({ metadata }) => ({
    project: metadata.labels?.[INVENTORY_LABEL] ?? '',
    namespace: metadata.namespace ?? '',
  }));
}

async function findParents(
  cluster: Cluster,
  project: { readonly projectName: string; readonly namespace: string },
  signal?: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const labelSelector = `${INVENTORY_LABEL}=${projectLabel(project.projectName)}`;
  const { items } = await listEverywhere(
    cluster,
    { apiVersion: 'v1', kind: 'ConfigMap', labelSelector },
    [project.namespace],
    signal,
  );
  return items.filter(
    ({ metadata }) => metadata.labels?.[ID_LABEL] === applySetId(metadata.name, metadata.namespace ?? ''),
  );
}

async function membersOf(
  cluster: Cluster,
  parent: KubernetesObject,
  signal?: AbortSignal,
): Promise<InventoryMember[]> {
  const id = parent.metadata.labels?.[ID_LABEL] ?? '';
  const annotations = parent.metadata.annotations ?? {};
  const namespaces = [parent.metadata.namespace ?? '', ...split(annotations[NAMESPACES])];
  const resources = await cluster.resources();
  const kinds = split(annotations[GROUP_KINDS]).map(name => preferred(resources, name));
  const lists = await Promise.all(
    kinds
      .filter(resource => resource !== null)
      .map(async resource => {
        const apiVersion = joinApiVersion(resource);
        const query = { apiVersion, kind: resource.kind, labelSelector: `${PART_OF_LABEL}=${id}` };
        const { items } = await listEverywhere(cluster, query, resource.namespaced ? namespaces : [], signal);
        return toMembers(items);
      }),
  );
  return lists.flat();
}

/** Lists in all namespaces at once; where that is not allowed, in the named ones. */
export async function listEverywhere(
  cluster: Cluster,
  query: { readonly apiVersion: string; readonly kind: string; readonly labelSelector: string },
  namespaces: readonly string[],
  signal?: AbortSignal,
): Promise<{ readonly items: readonly KubernetesObject[] }> {
  try {
    return await cluster.list(query, signal);
  } catch (error) {
    if (!(error instanceof PtahError) || error.code !== 'forbidden' || namespaces.length === 0) throw error;
    const lists = await Promise.all(
      [...new Set(namespaces)].map(namespace => cluster.list({ ...query, namespace }, signal)),
    );
    return { items: lists.flatMap(({ items }) => items) };
  }
}

/** In a settled order; an object is served in several versions, and may be found by more than one. */
function eachOnce(members: readonly InventoryMember[]): InventoryMember[] {
  const byUid = new Map(members.map(member => [member.uid, member]));
  return [...byUid.values()].sort((a, b) => (refKey(a.ref) < refKey(b.ref) ? -1 : 1));
}

/** What a controller made carries the labels of what it was made for, and goes with that. */
const toMembers = (objects: readonly KubernetesObject[]): InventoryMember[] =>
  objects.filter(({ metadata }) => metadata.ownerReferences === undefined).map(toMember);

function toMember({ apiVersion, kind, metadata }: KubernetesObject): InventoryMember {
  const fields = (metadata.managedFields ?? []) as readonly { readonly manager?: string }[];
  const release = metadata.annotations?.['meta.helm.sh/release-name'];
  return {
    ref: { apiVersion, kind, namespace: metadata.namespace ?? null, name: metadata.name },
    uid: typeof metadata.uid === 'string' ? metadata.uid : '',
    managers: [...new Set(fields.flatMap(({ manager }) => manager ?? []))],
    ...(release !== undefined && { helmRelease: release }),
  };
}

/** `Deployment.apps`, and `ConfigMap` for the core group. */
function groupKind(ref: ObjectRef): string {
  const { group } = splitApiVersion(ref.apiVersion);
  return group === '' ? ref.kind : `${ref.kind}.${group}`;
}

function preferred(resources: readonly ApiResource[], name: string): ApiResource | null {
  const dot = name.indexOf('.');
  const kind = dot === -1 ? name : name.slice(0, dot);
  const group = dot === -1 ? '' : name.slice(dot + 1);
  return (
    resources.find(
      resource => resource.kind === kind && resource.group === group && resource.verbs.includes('list'),
    ) ?? null
  );
}

function split(list: string | undefined): string[] {
  return (list ?? '').split(',').filter(entry => entry !== '');
}

function sorted(list: readonly string[]): string[] {
  return [...new Set(list)].sort();
}
