import { joinApiVersion, readKindRecord, type Cluster } from '../cluster/index.ts';
import { syncedReleases } from '../deploy/index.ts';
import type { Docker } from '../docker/index.ts';
import {
  findLostMembers,
  listInventories,
  otherFolder,
  projectLabel,
  readInventory,
  refKey,
  releaseOf,
  type Inventory,
  type KubernetesObject,
  type ObjectRef,
} from '../manifests/index.ts';
import type { Project } from '../project/index.ts';
import { gatherNodeImages, imageUsersOf } from './gather-node-images.ts';
import { otherOwner } from './other-owner.ts';
import { claimsOfStatefulSets, storageOf } from './gather-storage.ts';
import type { InsideCluster } from './world.ts';

/** What each cluster brings along. */
const systemNamespaces = new Set(['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']);

/** What the cluster tells of the project and of others. */
export async function gatherInside(
  project: Project,
  cluster: Cluster,
  docker: Docker,
  signal: AbortSignal,
): Promise<InsideCluster> {
  const namespace = project.config.namespace ?? 'default';
  const listed = await readInventory(cluster, { projectName: project.name, namespace }, signal);
  // Somebody deleted the list, not what stands in it: the label of each object still says whose it is.
  const inventory =
    listed.parents.length > 0
      ? listed
      : {
          ...listed,
          members: await findLostMembers(cluster, { projectName: project.name, namespace }, signal),
        };
  const members = inventory.members.filter(member => otherOwner(member) === null);
  const [claims, nodes, releases, inventories, record] = await Promise.all([
    claimsOfStatefulSets(cluster, project, inventory, signal),
    gatherNodeImages(docker, project.clusterName, signal),
    syncedReleases(cluster, project, signal),
    listInventories(cluster, signal),
    readKindRecord(cluster, signal),
  ]);
  const own = new Set([...members, ...claims].map(({ ref }) => refKey(ref)));
  const [storage, imageUsers, contents, strangers] = await Promise.all([
    storageOf(cluster, [...inventory.members, ...claims], signal),
    imageUsersOf(cluster, inventory, signal),
    contentsOf(cluster, inventory, own, signal),
    strangersIn(cluster, own, releases, signal),
  ]);
  return {
    otherFolder: otherFolder(inventory.origin, project.root),
    inventory,
    claims,
    storage,
    nodeImages: nodes.images,
    unreadNodes: nodes.unread,
    imageUsers,
    releases,
    contents,
    strangers,
    otherProjects: [
      ...new Set(inventories.map(({ project: of }) => of).filter(of => of !== projectLabel(project.name))),
    ],
    record,
  };
}

/** What others have in namespaces and of kinds that the project made. */
async function contentsOf(
  cluster: Cluster,
  inventory: Inventory,
  own: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const { ref } of inventory.members) {
    if (ref.kind === 'Namespace')
      found.set(refKey(ref), await strangersInNamespace(cluster, ref.name, own, signal));
    if (ref.kind === 'CustomResourceDefinition')
      found.set(refKey(ref), await strangersOfKind(cluster, ref, own, signal));
  }
  return found;
}

async function strangersInNamespace(
  cluster: Cluster,
  namespace: string,
  own: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const resources = (await cluster.resources()).filter(
    ({ namespaced, verbs, group }) =>
      namespaced && verbs.includes('list') && !group.endsWith('metrics.k8s.io'),
  );
  const byKind = new Map(resources.map(resource => [`${resource.group}/${resource.kind}`, resource]));
  const lists = await Promise.all(
    [...byKind.values()].map(async resource => {
      const query = { apiVersion: joinApiVersion(resource), kind: resource.kind, namespace };
      return (await cluster.list(query, signal)).items;
    }),
  );
  return lists
    .flat()
    .filter(object => !isOwn(object, own) && !isAutomatic(object))
    .map(nameOf);
}

async function strangersOfKind(
  cluster: Cluster,
  ref: ObjectRef,
  own: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const definition = await cluster.get(ref, signal);
  const spec = definition?.spec as { group?: string; names?: { kind?: string } } | undefined;
  const resource = (await cluster.resources()).find(
    ({ group, kind, verbs }) => group === spec?.group && kind === spec?.names?.kind && verbs.includes('list'),
  );
  if (!resource) return [];
  const query = { apiVersion: joinApiVersion(resource), kind: resource.kind };
  const { items } = await cluster.list(query, signal);
  return items.filter(object => !isOwn(object, own)).map(nameOf);
}

/** What runs or is kept in the cluster and is neither the project's nor the system's. */
async function strangersIn(
  cluster: Cluster,
  own: ReadonlySet<string>,
  releases: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const kinds = [
    ...['Deployment', 'StatefulSet', 'DaemonSet'].map(kind => ({ apiVersion: 'apps/v1', kind })),
    ...['Job', 'CronJob'].map(kind => ({ apiVersion: 'batch/v1', kind })),
    ...['Pod', 'PersistentVolumeClaim'].map(kind => ({ apiVersion: 'v1', kind })),
  ];
  const lists = await Promise.all(kinds.map(async query => (await cluster.list(query, signal)).items));
  return lists
    .flat()
    .filter(
      object =>
        !systemNamespaces.has(object.metadata.namespace ?? '') &&
        !isOwn(object, own) &&
        object.metadata.ownerReferences === undefined &&
        !releases.includes(releaseOf(object) ?? ''),
    )
    .map(nameOf);
}

/** What belongs to something of ours goes and stays with that. */
const isOwn = (object: KubernetesObject, own: ReadonlySet<string>): boolean =>
  own.has(refKey(refOf(object))) || object.metadata.ownerReferences !== undefined;

/** What the cluster itself puts into each namespace, and our own notes in it. */
function isAutomatic({ kind, metadata, type }: KubernetesObject): boolean {
  if (kind === 'Event' || kind === 'Endpoints' || kind === 'PodMetrics') return true;
  if (kind === 'ServiceAccount' && metadata.name === 'default') return true;
  if (kind === 'ConfigMap' && metadata.name === 'kube-root-ca.crt') return true;
  if (kind === 'Secret' && type === 'kubernetes.io/service-account-token') return true;
  return metadata.name.startsWith('ptah-desktop-') && (kind === 'ConfigMap' || kind === 'Lease');
}

const refOf = ({ apiVersion, kind, metadata }: KubernetesObject): ObjectRef => ({
  apiVersion,
  kind,
  namespace: metadata.namespace ?? null,
  name: metadata.name,
});
const nameOf = ({ kind, metadata }: KubernetesObject) =>
  `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
