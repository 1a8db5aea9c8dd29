import type { Pod, Workload } from './kube-types.ts';
import { isSeen } from './workload-status.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

/** The pods that belong to a workload, by owner references: a ReplicaSet's to its Deployment. */
export function ownedPods(workload: Workload, pods: readonly Pod[], replicaSets: readonly Workload[]): Pod[] {
  if (workload.kind === 'Pod') return pods.filter(({ metadata }) => metadata.uid === workload.metadata.uid);
  const owners = new Set([workload.metadata.uid]);
  for (const { metadata } of replicaSets)
    if (isOwned(metadata.ownerReferences, owners)) owners.add(metadata.uid);
  return pods.filter(({ metadata }) => isOwned(metadata.ownerReferences, owners));
}

/** The same for many workloads at once: what each owns, directly or through a ReplicaSet or Job. */
export function ownership(
  pods: readonly Pod[],
  between: readonly Workload[],
): (uid: string | undefined) => readonly Pod[] {
  const podsOf = byOwner(pods);
  const betweenOf = byOwner(between);
  return uid =>
    uid === undefined
      ? []
      : [
          ...(podsOf.get(uid) ?? []),
          ...(betweenOf.get(uid) ?? []).flatMap(({ metadata }) => podsOf.get(metadata.uid ?? '') ?? []),
        ];
}

function byOwner<T extends { readonly metadata: Pod['metadata'] }>(
  objects: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const object of objects)
    for (const { uid, controller } of object.metadata.ownerReferences ?? []) {
      if (controller === false) continue;
      const mine = found.get(uid);
      if (mine === undefined) found.set(uid, [object]);
      else mine.push(object);
    }
  return found;
}

/** Only those of the newest revision: an old pod that still runs or crashes says nothing about this rollout. */
export function currentPods(
  workload: Workload,
  pods: readonly Pod[],
  replicaSets: readonly Workload[],
): Pod[] {
  const owned = ownedPods(workload, pods, replicaSets).filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  );
  if (!isSeen(workload)) return [];
  switch (workload.kind) {
    case 'Deployment': {
      const newest = newestReplicaSet(workload, replicaSets);
      return newest === null
        ? []
        : owned.filter(({ metadata }) =>
            metadata.ownerReferences?.some(({ uid }) => uid === newest.metadata.uid),
          );
    }
    case 'StatefulSet': {
      const revision = workload.status?.updateRevision;
      return revision === undefined
        ? owned
        : owned.filter(({ metadata }) => metadata.labels?.['controller-revision-hash'] === revision);
    }
    case 'DaemonSet': {
      const generations = owned.map(({ metadata }) =>
        Number(metadata.labels?.['pod-template-generation'] ?? 0),
      );
      // until the first new pod is there, the newest is one of before
      const wanted = Number(workload.metadata.annotations?.[TEMPLATE_GENERATION] ?? 0);
      const newest = Math.max(wanted, ...generations);
      return owned.filter((_, index) => generations[index] === newest);
    }
    default:
      return owned;
  }
}

export function newestReplicaSet(deployment: Workload, replicaSets: readonly Workload[]): Workload | null {
  const owned = replicaSets.filter(({ metadata }) =>
    isOwned(metadata.ownerReferences, new Set([deployment.metadata.uid])),
  );
  const revision = deployment.metadata.annotations?.[REVISION];
  return owned.find(({ metadata }) => metadata.annotations?.[REVISION] === revision) ?? null;
}

function isOwned(
  references: Pod['metadata']['ownerReferences'],
  owners: ReadonlySet<string | undefined>,
): boolean {
  return references?.some(({ uid, controller }) => controller !== false && owners.has(uid)) ?? false;
}
