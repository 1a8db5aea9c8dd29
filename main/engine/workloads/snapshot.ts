import type { ObjectRef } from '../manifests/index.ts';
import { PROJECT_LABEL, projectLabel } from '../manifests/index.ts';
import type { Board } from './board.ts';
import { asPod, asService, asWorkload } from './kube-types.ts';
import type { Pod, ServiceObject, Workload } from './kube-types.ts';
import { ownedPods } from './owned-pods.ts';
import { podView } from './pod-view.ts';
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

/** What runs of a project, from everything on the board. Pure but for the clock. */
export function takeSnapshot(board: Board, query: WorkloadsQuery, at: string): WorkloadsSnapshot {
  const label = projectLabel(query.projectName);
  const isShown = ({
    metadata,
  }: {
    readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  }): boolean => query.unlabelled === true || metadata.labels?.[PROJECT_LABEL] === label;
  const pods = board.of('Pod').map(asPod);
  const replicaSets = board.of('ReplicaSet').map(asWorkload);
  const jobs = board.of('Job').map(asWorkload);
  const images = query.images();
  const workloads = KINDS.flatMap(kind => board.of(kind).map(asWorkload))
    .filter(isShown)
    // A Job of a CronJob stands under it.
    .filter(
      ({ kind, metadata }) =>
        kind !== 'Job' || !metadata.ownerReferences?.some(owner => owner.kind === 'CronJob'),
    )
    .map(workload =>
      workloadView(
        workload,
        ownedPods(workload, pods, workload.kind === 'CronJob' ? jobs : replicaSets).map(pod =>
          podView(pod, images),
        ),
      ),
    );
  const bare = pods
    .filter(({ metadata }) => metadata.ownerReferences === undefined)
    .filter(isShown)
    .map(pod => barePodView(pod, podView(pod, images)));
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
  };
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
    status: state === 'failed' && failed !== undefined ? failed.status : message,
    ready,
    desired,
  };
}

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
    type: service.spec?.type ?? 'ClusterIP',
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
