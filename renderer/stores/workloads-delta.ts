import type {
  PodView,
  WorkloadsDelta,
  WorkloadsSnapshot,
  WorkloadView,
} from '../../preload/contract/workloads.ts';
import { refKey } from './job-view.ts';

/** The picture after a difference. What did not change stays the very object that it was, so that its row stands still. */
export function applyDelta(before: WorkloadsSnapshot, delta: WorkloadsDelta): WorkloadsSnapshot {
  const { delta: _, workloads: changed, gone, services, ...rest } = delta;
  return {
    ...rest,
    workloads:
      changed.length === 0 && gone.length === 0
        ? before.workloads
        : mergeWorkloads(before.workloads, changed, new Set(gone.map(refKey))),
    services: services ?? before.services,
  };
}

function mergeWorkloads(
  before: readonly WorkloadView[],
  changed: WorkloadsDelta['workloads'],
  gone: ReadonlySet<string>,
): readonly WorkloadView[] {
  const changes = new Map(changed.map(workload => [refKey(workload.ref), workload]));
  const kept = before.flatMap(workload => {
    const key = refKey(workload.ref);
    const change = changes.get(key);
    changes.delete(key);
    if (gone.has(key)) return [];
    if (change === undefined) return [workload];
    const { gonePods, pods, ...head } = change;
    return [{ ...head, pods: mergePods(workload.pods, pods, gonePods) }];
  });
  if (changes.size === 0) return kept;
  const fresh = [...changes.values()].map(change => {
    const { gonePods: _, ...workload } = change;
    return workload;
  });
  return [...kept, ...fresh].sort((a, b) => order(workloadKey(a), workloadKey(b)));
}

function mergePods(
  before: readonly PodView[],
  changed: readonly PodView[],
  gone: readonly string[],
): readonly PodView[] {
  if (changed.length === 0 && gone.length === 0) return before;
  const changes = new Map(changed.map(pod => [pod.name, pod]));
  const lost = new Set(gone);
  const kept: PodView[] = [];
  for (const pod of before) {
    const change = changes.get(pod.name);
    changes.delete(pod.name);
    if (!lost.has(pod.name)) kept.push(change ?? pod);
  }
  if (changes.size === 0) return kept;
  return [...kept, ...changes.values()].sort(
    (a, b) => order(b.createdAt, a.createdAt) || order(a.name, b.name),
  );
}

const workloadKey = ({ ref }: WorkloadView): string => `${ref.namespace ?? ''}/${ref.name}/${ref.kind}`;

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
