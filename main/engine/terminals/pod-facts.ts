import type { Cluster } from '../cluster/index.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import { PtahError } from '../errors/index.ts';

interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly controller?: boolean;
}
interface ContainerStatus {
  readonly name: string;
  readonly containerID?: string;
  readonly restartCount?: number;
  readonly state?: {
    readonly running?: object;
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: { readonly reason?: string; readonly exitCode?: number };
  };
  readonly lastState?: {
    readonly terminated?: {
      readonly reason?: string;
      readonly exitCode?: number;
      readonly containerID?: string;
    };
  };
}

/** What a terminal needs to know of a pod. */
export interface PodFacts {
  readonly name: string;
  readonly uid: string;
  readonly node: string | null;
  readonly deleting: boolean;
  readonly createdAt: string;
  readonly owner: Owner | null;
  status(container: string): ContainerStatus | null;
}

export interface Owner {
  readonly kind: string;
  readonly name: string;
}

export async function podFacts(
  cluster: Cluster,
  namespace: string,
  name: string,
  signal?: AbortSignal,
): Promise<PodFacts | null> {
  const pod = await cluster.get({ apiVersion: 'v1', kind: 'Pod', namespace, name }, signal);
  return pod === null ? null : factsOf(pod);
}

function factsOf(pod: KubernetesObject): PodFacts {
  const meta = pod.metadata as {
    readonly name?: string;
    readonly uid?: string;
    readonly deletionTimestamp?: string;
    readonly creationTimestamp?: string;
    readonly ownerReferences?: readonly OwnerReference[];
  };
  const status = (pod.status ?? {}) as Record<string, readonly ContainerStatus[] | undefined> & object;
  const spec = (pod.spec ?? {}) as { readonly nodeName?: string };
  const owner = (meta.ownerReferences ?? []).find(({ controller }) => controller);
  const statuses = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'].flatMap(
    key => status[key] ?? [],
  );
  return {
    name: meta.name ?? '',
    uid: meta.uid ?? '',
    node: spec.nodeName ?? null,
    deleting: meta.deletionTimestamp !== undefined,
    createdAt: meta.creationTimestamp ?? '',
    owner: owner === undefined ? null : { kind: owner.kind, name: owner.name },
    status: container => statuses.find(({ name }) => name === container) ?? null,
  };
}

/** Rejects where no command can be run, with the state in words. */
export function mustRun(pod: PodFacts, container: string): ContainerStatus {
  const status = pod.status(container);
  if (status?.state?.running !== undefined) return status;
  throw new PtahError(
    'container-not-running',
    `Container ${container} of pod ${pod.name} does not run: ${stateWords(status)}.`,
    { hint: 'Its log says more. A terminal needs a running container.' },
  );
}

function stateWords(status: ContainerStatus | null): string {
  const { waiting, terminated } = status?.state ?? {};
  if (terminated) return `it ended${endWords(terminated)}`;
  if (waiting) return [waiting.reason ?? 'it waits', waiting.message].filter(Boolean).join(', ');
  return status === null ? 'the pod has none of that name yet' : 'it has not started';
}

export function endWords(ended: { readonly reason?: string; readonly exitCode?: number }): string {
  const code = ended.exitCode === undefined ? '' : ` with exit code ${ended.exitCode}`;
  return ended.reason === undefined || ended.reason === 'Error' || ended.reason === 'Completed'
    ? code
    : `${code} (${ended.reason})`;
}

/** The workload behind a pod: a ReplicaSet comes and goes with each deploy, its Deployment stays. */
export async function workloadOf(
  cluster: Cluster,
  namespace: string,
  owner: Owner | null,
  signal?: AbortSignal,
): Promise<Owner | null> {
  if (owner?.kind !== 'ReplicaSet') return owner;
  const set = await cluster.get(
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace, name: owner.name },
    signal,
  );
  return ownerOf(set) ?? owner;
}

function ownerOf(object: KubernetesObject | null): Owner | null {
  const references = (object?.metadata as { ownerReferences?: readonly OwnerReference[] } | undefined)
    ?.ownerReferences;
  const owner = (references ?? []).find(({ controller }) => controller);
  return owner === undefined ? null : { kind: owner.kind, name: owner.name };
}

/** The newest pod of a workload in which the container runs. */
export async function runningPod(
  cluster: Cluster,
  namespace: string,
  workload: Owner,
  container: string,
  signal?: AbortSignal,
): Promise<PodFacts | null> {
  const [pods, sets] = await Promise.all([
    cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, signal),
    workload.kind === 'Deployment'
      ? cluster.list({ apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace }, signal)
      : null,
  ]);
  const own = new Set(
    (sets?.items ?? [])
      .filter(set => same(ownerOf(set), workload))
      .map(set => (set.metadata as { name?: string }).name),
  );
  const running = pods.items
    .map(factsOf)
    .filter(
      pod =>
        !pod.deleting &&
        pod.status(container)?.state?.running !== undefined &&
        (same(pod.owner, workload) || (pod.owner?.kind === 'ReplicaSet' && own.has(pod.owner.name))),
    );
  return running.sort((a, b) => b.createdAt.localeCompare(a.createdAt))[0] ?? null;
}

const same = (owner: Owner | null, other: Owner): boolean =>
  owner?.kind === other.kind && owner.name === other.name;
