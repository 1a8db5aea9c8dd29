import type { Workload } from './kube-types.ts';

/** How far a workload is, told by its own status as `kubectl rollout status` reads it. */
export interface WorkloadStatus {
  readonly settled: boolean;
  /** The controller gave up: it will not get better by waiting. */
  readonly gaveUp: boolean;
  readonly message: string;
  readonly ready: number;
  readonly desired: number;
}

export function workloadStatus(workload: Workload): WorkloadStatus {
  switch (workload.kind) {
    case 'Deployment':
      return deploymentStatus(workload);
    case 'StatefulSet':
      return statefulSetStatus(workload);
    case 'DaemonSet':
      return daemonSetStatus(workload);
    case 'Job':
      return jobStatus(workload);
    default:
      return { settled: true, gaveUp: false, message: 'present', ready: 1, desired: 1 };
  }
}

function deploymentStatus({ metadata, spec, status }: Workload): WorkloadStatus {
  const desired = spec?.replicas ?? 1;
  const updated = status?.updatedReplicas ?? 0;
  const available = status?.availableReplicas ?? 0;
  const old = (status?.replicas ?? 0) - updated;
  const ready = status?.readyReplicas ?? 0;
  const base = { ready, desired, gaveUp: false };
  if (!isObserved(metadata.generation, status?.observedGeneration))
    return { ...base, settled: false, message: 'waiting for its controller' };
  const progressing = status?.conditions?.find(({ type }) => type === 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    return {
      ...base,
      settled: false,
      gaveUp: true,
      message: progressing.message ?? 'its progress deadline is exceeded',
    };
  }
  if (updated < desired)
    return { ...base, settled: false, message: `${updated} of ${desired} new pods made` };
  if (old > 0) return { ...base, settled: false, message: `${old} old ${pods(old)} still to end` };
  if (available < desired)
    return { ...base, settled: false, message: `${available} of ${desired} pods available` };
  return { ...base, settled: true, message: `${ready} of ${desired} ready` };
}

function statefulSetStatus({ metadata, spec, status }: Workload): WorkloadStatus {
  const desired = spec?.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  const updated = status?.updatedReplicas ?? 0;
  const base = { ready, desired, gaveUp: false };
  if (!isObserved(metadata.generation, status?.observedGeneration))
    return { ...base, settled: false, message: 'waiting for its controller' };
  if (ready < desired) return { ...base, settled: false, message: `${ready} of ${desired} pods ready` };
  if (spec?.updateStrategy?.type === 'OnDelete')
    return {
      ...base,
      settled: true,
      message: `${ready} of ${desired} ready; pods are renewed only when they are deleted`,
    };
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  if (partition > 0) {
    if (updated < desired - partition)
      return { ...base, settled: false, message: `${updated} of ${desired - partition} pods renewed` };
  } else if (status?.updateRevision !== status?.currentRevision)
    return { ...base, settled: false, message: `${updated} of ${desired} pods renewed` };
  return { ...base, settled: true, message: `${ready} of ${desired} ready` };
}

function daemonSetStatus({ metadata, spec, status }: Workload): WorkloadStatus {
  const desired = status?.desiredNumberScheduled ?? 0;
  const ready = status?.numberReady ?? 0;
  const updated = status?.updatedNumberScheduled ?? 0;
  const available = status?.numberAvailable ?? 0;
  const base = { ready, desired, gaveUp: false };
  if (!isObserved(metadata.generation, status?.observedGeneration))
    return { ...base, settled: false, message: 'waiting for its controller' };
  if (spec?.updateStrategy?.type === 'OnDelete')
    return {
      ...base,
      settled: true,
      message: `${ready} of ${desired} ready; pods are renewed only when they are deleted`,
    };
  if (updated < desired)
    return { ...base, settled: false, message: `${updated} of ${desired} nodes have the new pod` };
  if (available < desired)
    return { ...base, settled: false, message: `${available} of ${desired} pods available` };
  return { ...base, settled: true, message: `${ready} of ${desired} ready` };
}

function jobStatus({ spec, status }: Workload): WorkloadStatus {
  const desired = spec?.completions ?? 1;
  const ready = status?.succeeded ?? 0;
  const base = { ready, desired, gaveUp: false };
  const condition = (type: string) =>
    status?.conditions?.find(entry => entry.type === type && entry.status === 'True');
  if (condition('Complete') !== undefined) return { ...base, settled: true, message: 'completed' };
  const failed = condition('Failed') ?? condition('FailureTarget');
  if (failed !== undefined)
    return { ...base, settled: false, gaveUp: true, message: failed.message ?? failed.reason ?? 'failed' };
  if (spec?.suspend) return { ...base, settled: true, message: 'suspended' };
  return { ...base, settled: false, message: `${ready} of ${desired} completed` };
}

/** Whether the controller has seen what was applied last; until then every pod is one of before. */
export function isSeen({ kind, metadata, status }: Workload): boolean {
  return !rolled.has(kind) || isObserved(metadata.generation, status?.observedGeneration);
}

/** Kinds whose controllers tell the generation that they have seen. */
const rolled = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

function isObserved(generation: number | undefined, observed: number | undefined): boolean {
  return generation === undefined || (observed ?? 0) >= generation;
}

function pods(count: number): string {
  return count === 1 ? 'pod' : 'pods';
}
