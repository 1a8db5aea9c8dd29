import type { Pod, Workload } from './kube-types.ts';

/** How long a container without a readiness probe has to run before "ready" is believed. */
const FIRST_MS = 3_000;
/** The same for one that has crashed before. */
const AGAIN_MS = 10_000;

/**
 * Whether what the pod calls ready is more than a moment between two crashes. Without a readiness probe Kubernetes
 * calls a container ready as soon as its process starts, and `kubectl rollout status` believes it. Pure.
 */
export function hasStayedUp(pod: Pod, now: number): boolean {
  return (pod.spec?.containers ?? []).every(({ name, readinessProbe }) => {
    const status = pod.status?.containerStatuses?.find(entry => entry.name === name);
    const startedAt = status?.state?.running?.startedAt;
    // The status of the workload lags behind its pods: one that has just ended may still count as available there.
    if (startedAt === undefined || !status?.ready) return false;
    if (readinessProbe !== undefined) return true;
    const age = now - Date.parse(startedAt);
    // A clock that runs behind the cluster's must not make us wait.
    return age < -5_000 || age >= ((status.restartCount ?? 0) > 0 ? AGAIN_MS : FIRST_MS);
  });
}

/** Whether every pod that the workload counts as renewed is known, and has stayed up. Pure. */
export function isStable(workload: Workload, pods: readonly Pod[], now: number): boolean {
  if (workload.kind === 'Job') return true;
  if (workload.kind === 'Pod')
    return pods.every(pod => pod.status?.phase === 'Succeeded' || hasStayedUp(pod, now));
  const { updatedNumberScheduled, updatedReplicas } = workload.status ?? {};
  const counted = (workload.kind === 'DaemonSet' ? updatedNumberScheduled : updatedReplicas) ?? 0;
  // An evicted pod stays on as a failed object beside the one that took its place.
  const alive = pods.filter(({ status }) => status?.phase !== 'Failed' && status?.phase !== 'Succeeded');
  return alive.length >= counted && alive.every(pod => hasStayedUp(pod, now));
}
