import type { KubernetesObject } from '../manifests/index.ts';

interface LiveWorkload {
  readonly metadata: { readonly generation?: number };
  readonly spec?: { readonly replicas?: number; readonly suspend?: boolean };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly readyReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly numberAvailable?: number;
    readonly succeeded?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** Whether there is anything to wait for in a live workload; a Job that has failed is over, and tells so in Workloads. */
export function isUnsettled(live: KubernetesObject): boolean {
  const { metadata, spec, status = {} } = live as unknown as LiveWorkload;
  const observed = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const desired = spec?.replicas ?? 1;
  switch (live.kind) {
    case 'Deployment':
      return (
        !observed ||
        (status.updatedReplicas ?? 0) < desired ||
        (status.availableReplicas ?? 0) < desired ||
        (status.replicas ?? 0) > (status.updatedReplicas ?? 0)
      );
    case 'StatefulSet':
      return !observed || (status.readyReplicas ?? 0) < desired;
    case 'DaemonSet':
      return !observed || (status.numberAvailable ?? 0) < (status.desiredNumberScheduled ?? 0);
    case 'Job':
      return (
        !spec?.suspend &&
        !status.conditions?.some(({ type, status }) => /^(Complete|Failed)$/.test(type) && status === 'True')
      );
    default:
      return false;
  }
}
