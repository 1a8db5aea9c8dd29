import type { Pod } from './kube-types.ts';

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
    if (startedAt === undefined || readinessProbe !== undefined) return true;
    const age = now - Date.parse(startedAt);
    // A clock that runs behind the cluster's must not make us wait.
    return age < -5_000 || age >= ((status?.restartCount ?? 0) > 0 ? AGAIN_MS : FIRST_MS);
  });
}
