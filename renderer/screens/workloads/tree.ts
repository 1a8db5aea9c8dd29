import type {
  ContainerState,
  ContainerView,
  PodView,
  WorkloadView,
} from '../../../preload/contract/workloads.ts';
import type { LogScope } from '../../../preload/contract/logs.ts';
import type { ObjectRef } from '../../../preload/contract/deploy.ts';
import type { SyncScope } from '../../../preload/contract/sync.ts';
import type { Tone } from '../../components/icon.tsx';
import type { SquareState } from '../../components/status.tsx';
import { refKey } from '../../stores/job-view.ts';

export type TreeRow =
  | {
      readonly kind: 'workload';
      readonly key: string;
      readonly level: 1;
      readonly open: boolean;
      readonly workload: WorkloadView;
    }
  | {
      readonly kind: 'pod';
      readonly key: string;
      readonly level: 2;
      readonly open: boolean;
      readonly workload: WorkloadView;
      readonly pod: PodView;
    }
  | {
      readonly kind: 'container';
      readonly key: string;
      readonly level: 3;
      readonly workload: WorkloadView;
      readonly pod: PodView;
      readonly container: ContainerView;
    };

export const podKey = (pod: PodView): string => `pod/${pod.namespace}/${pod.name}`;

/** Workload, pods, containers, as far as they are opened. The order is the engine's and changes only with it. */
export function treeRows(
  workloads: readonly WorkloadView[],
  isOpen: (key: string) => boolean,
): readonly TreeRow[] {
  return workloads.flatMap((workload): readonly TreeRow[] => {
    const key = refKey(workload.ref);
    const open = isOpen(key);
    const row: TreeRow = { kind: 'workload', key, level: 1, open, workload };
    if (!open) return [row];
    return [row, ...workload.pods.flatMap(pod => podRows(workload, pod, isOpen))];
  });
}

function podRows(workload: WorkloadView, pod: PodView, isOpen: (key: string) => boolean): readonly TreeRow[] {
  const key = podKey(pod);
  const open = isOpen(key);
  const row: TreeRow = { kind: 'pod', key, level: 2, open, workload, pod };
  if (!open) return [row];
  const containers = pod.containers.map((container): TreeRow => ({
    kind: 'container',
    key: `${key}/${container.name}`,
    level: 3,
    workload,
    pod,
    container,
  }));
  return [row, ...containers];
}

/** The row of a key, whether or not it is opened to. */
export function findRow(workloads: readonly WorkloadView[], key: string): TreeRow | null {
  for (const workload of workloads) {
    const own = refKey(workload.ref);
    if (own === key) return { kind: 'workload', key, level: 1, open: true, workload };
    for (const pod of workload.pods) {
      const ofPod = podKey(pod);
      if (!key.startsWith(ofPod)) continue;
      if (key === ofPod) return { kind: 'pod', key, level: 2, open: true, workload, pod };
      const container = pod.containers.find(({ name }) => `${ofPod}/${name}` === key);
      if (container !== undefined) return { kind: 'container', key, level: 3, workload, pod, container };
    }
  }
  return null;
}

/** The object that a row stands for; a container stands in its pod. */
export const refOfRow = (row: TreeRow): ObjectRef =>
  row.kind === 'workload'
    ? row.workload.ref
    : { apiVersion: 'v1', kind: 'Pod', namespace: row.pod.namespace, name: row.pod.name };

/** A state alone, as a word. */
export const stateWord = (state: ContainerState): string =>
  ({
    running: 'Ready',
    completed: 'Completed',
    starting: 'Starting',
    'not-ready': 'Not ready',
    waiting: 'Waiting',
    ending: 'Ending',
    failed: 'Failed',
  })[state];

/**
 * A workload stands open while something of it is not settled. One that waits as it should, a CronJob for its time, only where a
 * run failed: a pod that comes and goes each minute must not move the rows below it.
 */
export const opensItself = ({ state, pods }: WorkloadView): boolean =>
  isUnsettled(state) && (state !== 'waiting' || pods.some(pod => pod.state === 'failed'));

export const isUnsettled = (state: ContainerState): boolean => state !== 'running' && state !== 'completed';

export const squareOf = (state: ContainerState): SquareState =>
  ({
    running: 'ok',
    completed: 'ok',
    starting: 'working',
    'not-ready': 'working',
    waiting: 'none',
    ending: 'warn',
    failed: 'bad',
  })[state] as SquareState;

export const toneOf = (state: ContainerState): Tone =>
  ({
    running: 'ok',
    completed: 'done',
    starting: 'working',
    'not-ready': 'working',
    waiting: 'wait',
    ending: 'warn',
    failed: 'bad',
  })[state] as Tone;

/** Pod names are cut in the middle: their last five characters tell them apart. */
export function podName(name: string, most = 40): string {
  return name.length <= most ? name : `${name.slice(0, most - 7)}…${name.slice(-6)}`;
}

/** What the switch of a row is for. */
export function scopeOf(row: TreeRow): SyncScope {
  const { kind, name, namespace } = row.workload.ref;
  if (row.kind === 'workload') return { level: 'workload', namespace: namespace ?? '', kind, name };
  const of = { namespace: row.pod.namespace, pod: row.pod.name };
  return row.kind === 'pod'
    ? { level: 'pod', ...of }
    : { level: 'container', ...of, container: row.container.name };
}

/** What stands in place of the switch where sync knows nothing to turn. */
export function withoutSwitch(row: TreeRow): string {
  const containers =
    row.kind === 'workload'
      ? row.workload.pods.flatMap(pod => pod.containers)
      : row.kind === 'pod'
        ? row.pod.containers
        : [row.container];
  const ours = containers.filter(container => container.ours);
  if (ours.length === 0) return containers.length === 0 ? 'No pods' : 'Not built here';
  if (ours.every(container => container.init)) return 'Init only';
  return ours.some(container => container.state === 'running') ? 'Not found yet' : 'Not running';
}

export const nameOfRow = (row: TreeRow): string =>
  row.kind === 'workload'
    ? row.workload.ref.name
    : row.kind === 'pod'
      ? row.pod.name
      : `${row.container.name} in ${row.pod.name}`;

/** The log that is meant by a row. */
export function logScopeOf(row: TreeRow): LogScope {
  if (row.kind === 'workload') {
    const { kind, name, namespace } = row.workload.ref;
    return {
      kind: 'workload',
      namespace: namespace ?? row.workload.pods[0]?.namespace ?? '',
      workload: { kind, name },
    };
  }
  const { namespace, name: pod } = row.pod;
  return row.kind === 'pod'
    ? { kind: 'pod', namespace, pod }
    : { kind: 'container', namespace, pod, container: row.container.name, previous: false };
}
