import type { ObjectRef } from '../manifests/index.ts';
import type { PodView, WorkloadView, WorkloadsDelta, WorkloadsSnapshot } from './types.ts';

/** The later snapshot, holding the very objects of the earlier one wherever they say the same. Pure. */
export function shareSnapshot(before: WorkloadsSnapshot | null, after: WorkloadsSnapshot): WorkloadsSnapshot {
  if (before === null) return after;
  const known = new Map(before.workloads.map(workload => [keyOf(workload.ref), workload]));
  const workloads = after.workloads.map(workload => shareWorkload(known.get(keyOf(workload.ref)), workload));
  return {
    ...after,
    workloads: sameItems(before.workloads, workloads) ? before.workloads : workloads,
    services: sameJson(before.services, after.services) ? before.services : after.services,
  };
}

function shareWorkload(before: WorkloadView | undefined, after: WorkloadView): WorkloadView {
  if (before === undefined) return after;
  const known = new Map(before.pods.map(pod => [pod.name, pod]));
  const pods = after.pods.map(pod => {
    const old = known.get(pod.name);
    return old !== undefined && (old === pod || sameJson(old, pod)) ? old : pod;
  });
  const shared = { ...after, pods: sameItems(before.pods, pods) ? before.pods : pods };
  return shared.pods === before.pods && sameHead(before, shared) ? before : shared;
}

/** Whether two snapshots of one run of `createSnapshots` say the same but for their time. */
export function isSameSnapshot(before: WorkloadsSnapshot, after: WorkloadsSnapshot): boolean {
  return (
    before.workloads === after.workloads &&
    before.services === after.services &&
    before.connected === after.connected &&
    before.disconnectedReason === after.disconnectedReason &&
    sameJson(before.denied, after.denied) &&
    sameJson(before.limitedTo, after.limitedTo)
  );
}

/** What to send to somebody who has `before`. Compares references: both are of one run of `createSnapshots`. Pure. */
export function deltaOf(before: WorkloadsSnapshot, after: WorkloadsSnapshot): WorkloadsDelta {
  const known = new Map(before.workloads.map(workload => [keyOf(workload.ref), workload]));
  const workloads = after.workloads.flatMap(workload => {
    const old = known.get(keyOf(workload.ref));
    known.delete(keyOf(workload.ref));
    if (old === workload) return [];
    const pods = new Map<string, PodView>((old?.pods ?? []).map(pod => [pod.name, pod]));
    const changed = workload.pods.filter(pod => {
      const same = pods.get(pod.name) === pod;
      pods.delete(pod.name);
      return !same;
    });
    return [{ ...workload, pods: changed, gonePods: [...pods.keys()] }];
  });
  return {
    delta: true,
    at: after.at,
    connected: after.connected,
    disconnectedReason: after.disconnectedReason,
    workloads,
    gone: [...known.values()].map(({ ref }) => ref),
    services: before.services === after.services ? null : after.services,
    ...(after.denied && { denied: after.denied }),
    ...(after.limitedTo && { limitedTo: after.limitedTo }),
  };
}

function sameHead(a: WorkloadView, b: WorkloadView): boolean {
  return (
    a.state === b.state &&
    a.status === b.status &&
    a.ready === b.ready &&
    a.desired === b.desired &&
    a.createdAt === b.createdAt
  );
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

// Both come from the same code: their keys stand in the same order.
function sameJson(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function keyOf({ apiVersion, kind, namespace, name }: ObjectRef): string {
  return `${apiVersion}/${kind}/${namespace ?? ''}/${name}`;
}
