import { at, containerFindings } from './container-findings.ts';
import type { Finding } from './container-findings.ts';
import { eventsOf } from './events.ts';
import type { KubeEvent, Pod, Workload } from './kube-types.ts';

/** What is wrong with the newest pods of a workload, the worst first. Pure. */
export function findProblems(
  workload: Workload,
  pods: readonly Pod[],
  events: readonly KubeEvent[],
): Finding[] {
  const found = [
    ...creationFindings(workload, events),
    ...pods.flatMap(pod => podFindings(pod, eventsOf(events, pod.metadata.uid), workload.kind)),
  ];
  return found.sort((a, b) => a.graceMs - b.graceMs);
}

function creationFindings(workload: Workload, events: readonly KubeEvent[]): Finding[] {
  const condition = workload.status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  const event = eventsOf(events, workload.metadata.uid).findLast(({ reason }) => reason === 'FailedCreate');
  const message = condition?.message ?? (workload.kind === 'Deployment' ? undefined : event?.message);
  if (message === undefined) return [];
  // A quota or account that is made in the same moment needs a little while.
  const base = {
    pod: null,
    container: null,
    message: `Its pods cannot be made: ${message}`,
    graceMs: 10_000,
    mayDepend: false,
    log: null,
  } as const;
  if (
    /exceeded quota|must specify (limits|requests)|maximum (cpu|memory)|minimum (cpu|memory)/i.test(message)
  ) {
    return [
      {
        ...base,
        code: 'quota',
        hint: 'Raise the quota or limit range of the namespace, or change the requests and limits of the containers.',
      },
    ];
  }
  if (/serviceaccount .* not found/i.test(message)) {
    return [
      {
        ...base,
        code: 'config-missing',
        hint: 'Add the ServiceAccount to the manifests, or correct its name.',
      },
    ];
  }
  if (/forbidden|violates PodSecurity|denied/i.test(message)) {
    return [
      {
        ...base,
        code: 'forbidden',
        hint: 'An admission rule of the namespace refuses these pods: change what it names.',
      },
    ];
  }
  return [{ ...base, code: 'other', hint: 'Mend what the message names in the pod template.' }];
}

function podFindings(pod: Pod, events: readonly KubeEvent[], kind: string): Finding[] {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason !== 'SchedulingGated')
    return [schedulingFinding(pod, scheduled.message ?? scheduled.reason ?? 'no reason given')];
  const init = pod.status?.initContainerStatuses ?? [];
  const main = pod.status?.containerStatuses ?? [];
  const found = [
    ...init.flatMap(status => containerFindings(pod, status, true, events, kind)),
    ...main.flatMap(status => containerFindings(pod, status, false, events, kind)),
  ];
  if (found.length === 0) {
    const mount = events.findLast(
      ({ reason }) => reason === 'FailedMount' || reason === 'FailedAttachVolume',
    );
    const started = main.some(({ state }) => state?.running !== undefined);
    if (mount !== undefined && !started) found.push(mountFinding(pod, mount.message ?? ''));
    const sandbox = events.findLast(({ reason }) => reason === 'FailedCreatePodSandBox');
    if (mount === undefined && sandbox !== undefined && !started) {
      found.push({
        ...at(pod, null),
        code: 'other',
        message: `The pod's network or sandbox cannot be made: ${sandbox.message ?? ''}`,
        hint: 'Often the node lacks resources, or the pod network is not up yet.',
        graceMs: 60_000,
        mayDepend: false,
        log: null,
      });
    }
  }
  return found;
}

function schedulingFinding(pod: Pod, message: string): Finding {
  const claim = /persistentvolumeclaim|unbound immediate/i.test(message);
  const hint = claim
    ? 'Check the claim: its storage class has to exist and be able to provide the volume.'
    : /insufficient|too many pods/i.test(message)
      ? 'Lower the requests of the containers, free resources, or use a larger cluster.'
      : 'Check nodeSelector, affinity, taints and tolerations against the nodes of the cluster.';
  return {
    ...at(pod, null),
    code: claim ? 'volume' : 'scheduling',
    message: `No node takes the pod: ${message}`,
    hint,
    graceMs: 20_000,
    mayDepend: false,
    log: null,
  };
}

function mountFinding(pod: Pod, message: string): Finding {
  const missing = /(configmap|secret) "[^"]+" not found|references non-existent (config|secret) key/i.test(
    message,
  );
  return {
    ...at(pod, null),
    code: missing ? 'config-missing' : 'volume',
    message: `A volume cannot be mounted: ${message}`,
    hint: missing
      ? 'Add the ConfigMap or Secret to the manifests, or correct its name.'
      : 'Check the volume and what it refers to.',
    graceMs: missing ? 8_000 : 30_000,
    mayDepend: false,
    log: null,
  };
}
