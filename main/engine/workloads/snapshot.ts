import type { ObjectRef } from '../manifests/index.ts';
import { PROJECT_LABEL, projectLabel } from '../manifests/index.ts';
import type { Board } from './board.ts';
import { asPod, asService, asWorkload } from './kube-types.ts';
import type { Pod, ServiceObject, Workload } from './kube-types.ts';
import { ownership } from './owned-pods.ts';
import { podView } from './pod-view.ts';
import { shareSnapshot } from './share-snapshot.ts';
import type {
  ContainerState,
  PodView,
  ServiceView,
  WorkloadView,
  WorkloadsQuery,
  WorkloadsSnapshot,
} from './types.ts';
import { workloadStatus } from './workload-status.ts';

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'] as const;

/**
 * What runs of a project, again and again, from everything on the board. What did not change is the same object as in the
 * snapshot before, so that whoever compares, compares references.
 */
export function createSnapshots(query: WorkloadsQuery): (board: Board, at: string) => WorkloadsSnapshot {
  let before: WorkloadsSnapshot | null = null;
  let images = new Map<string, string>();
  let views = new WeakMap<Pod, PodView>();
  return (board, at) => {
    const now = query.images();
    if (!sameEntries(now, images)) {
      images = new Map(now);
      views = new WeakMap();
    }
    const viewOf = (pod: Pod): PodView => {
      const known = views.get(pod) ?? podView(pod, images);
      views.set(pod, known);
      return known;
    };
    before = shareSnapshot(before, takeSnapshot(board, query, at, viewOf));
    return before;
  };
}

function takeSnapshot(
  board: Board,
  query: WorkloadsQuery,
  at: string,
  viewOf: (pod: Pod) => PodView,
): WorkloadsSnapshot {
  const label = projectLabel(query.projectName);
  const isShown = ({
    metadata,
  }: {
    readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  }): boolean => query.unlabelled === true || metadata.labels?.[PROJECT_LABEL] === label;
  const pods = board.of('Pod').map(asPod);
  const jobs = board.of('Job').map(asWorkload);
  const owned = ownership(pods, [...board.of('ReplicaSet').map(asWorkload), ...jobs]);
  const workloads = KINDS.flatMap(kind => board.of(kind).map(asWorkload))
    .filter(isShown)
    // A Job of a CronJob stands under it.
    .filter(
      ({ kind, metadata }) =>
        kind !== 'Job' || !metadata.ownerReferences?.some(owner => owner.kind === 'CronJob'),
    )
    .map(workload => workloadView(workload, owned(workload.metadata.uid).map(viewOf)));
  const bare = pods
    .filter(({ metadata }) => metadata.ownerReferences === undefined)
    .filter(isShown)
    .map(pod => barePodView(pod, viewOf(pod)));
  const { denied, limitedTo } = board;
  return {
    at,
    connected: board.disconnected === null,
    disconnectedReason: board.disconnected,
    workloads: [...workloads, ...bare].sort((a, b) => order(sortKey(a.ref), sortKey(b.ref))),
    services: board
      .of('Service')
      .map(asService)
      .filter(isShown)
      .map(serviceView)
      .sort((a, b) => order(sortKey(a.ref), sortKey(b.ref))),
    ...(denied.length > 0 && { denied }),
    ...(limitedTo !== null && { limitedTo }),
  };
}

function sameEntries(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([name, reference]) => b.get(name) === reference);
}

function workloadView(workload: Workload, pods: readonly PodView[]): WorkloadView {
  const sorted = [...pods].sort((a, b) => order(b.createdAt, a.createdAt) || order(a.name, b.name));
  const base = { ref: refOf(workload), pods: sorted, createdAt: workload.metadata.creationTimestamp ?? '' };
  if (workload.kind === 'CronJob') {
    const running = sorted.filter(({ state }) => state === 'running' || state === 'starting').length;
    const suspended = workload.spec?.suspend === true;
    return {
      ...base,
      state: running > 0 ? 'running' : 'waiting',
      status: suspended ? 'Suspended' : running > 0 ? 'Running' : 'Waiting for its time',
      ready: running,
      desired: running,
    };
  }
  const { settled, gaveUp, message, ready, desired } = workloadStatus(workload);
  const state = workloadState(workload, { settled, gaveUp, desired }, sorted);
  const failed = sorted.find(pod => pod.state === 'failed');
  return {
    ...base,
    state,
    status: state === 'failed' && failed !== undefined ? failed.status : asSentence(message),
    ready,
    desired,
  };
}

/** What continues a line of progress begins one in a table. */
const asSentence = (message: string): string => message.slice(0, 1).toUpperCase() + message.slice(1);

function workloadState(
  workload: Workload,
  { settled, gaveUp, desired }: { settled: boolean; gaveUp: boolean; desired: number },
  pods: readonly PodView[],
): ContainerState {
  if (workload.metadata.deletionTimestamp !== undefined) return 'ending';
  const finished = workload.kind === 'Job' && settled;
  if (finished) return workload.spec?.suspend ? 'waiting' : 'completed';
  if (gaveUp || pods.some(({ state }) => state === 'failed')) return 'failed';
  if (settled) return desired === 0 ? 'waiting' : 'running';
  return pods.some(({ state }) => state === 'not-ready') ? 'not-ready' : 'starting';
}

function barePodView(pod: Pod, view: PodView): WorkloadView {
  const ready = view.state === 'running' || view.state === 'completed' ? 1 : 0;
  const ref: ObjectRef = { apiVersion: 'v1', kind: 'Pod', namespace: view.namespace, name: view.name };
  return {
    ref,
    state: view.state,
    status: view.status,
    ready,
    desired: 1,
    pods: [view],
    createdAt: pod.metadata.creationTimestamp ?? '',
  };
}

function serviceView(service: ServiceObject): ServiceView {
  return {
    ref: {
      apiVersion: 'v1',
      kind: 'Service',
      namespace: service.metadata.namespace ?? null,
      name: service.metadata.name,
    },
    type: service.spec?.clusterIP === 'None' ? 'Headless' : (service.spec?.type ?? 'ClusterIP'),
    ports: (service.spec?.ports ?? []).map(({ name, port, protocol }) => ({
      name: name ?? null,
      port,
      protocol: protocol ?? 'TCP',
    })),
  };
}

function refOf({ apiVersion, kind, metadata }: Workload): ObjectRef {
  return { apiVersion, kind, namespace: metadata.namespace ?? null, name: metadata.name };
}

function sortKey({ kind, namespace, name }: ObjectRef): string {
  return `${namespace ?? ''}/${name}/${kind}`;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
