import type { ContainerStatus, KubeEvent, Pod } from './kube-types.ts';
import { exitText } from './pod-view.ts';
import type { RolloutProblem } from './types.ts';

/** Something that keeps a workload from settling. It counts as lasting when it has been there for `graceMs`. */
export interface Finding {
  readonly code: RolloutProblem['code'];
  readonly pod: string | null;
  readonly container: string | null;
  readonly message: string;
  readonly hint: string;
  /** Infinity: waiting may still help, until the time is over. */
  readonly graceMs: number;
  /** Another workload that is still on its way may be what it waits for. */
  readonly mayDepend: boolean;
  readonly log: 'previous' | 'current' | null;
}

/** A crash is believed after this many restarts: a first crash often only means that a database is not up yet. */
const CRASHES = 2;
/** Even beside workloads that are still on their way. */
const CRASHES_AT_MOST = 5;

/** What is wrong with one container of a pod. */
export function containerFindings(
  pod: Pod,
  status: ContainerStatus,
  init: boolean,
  events: readonly KubeEvent[],
  kind: string,
): Finding[] {
  const where = at(pod, status.name);
  const reason = status.state?.waiting?.reason ?? '';
  const said = status.state?.waiting?.message ?? '';
  const image =
    status.image ||
    [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find(
      ({ name }) => name === status.name,
    )?.image ||
    'its image';
  switch (reason) {
    case 'ErrImageNeverPull':
      return [
        {
          ...where,
          code: 'image-pull',
          message: `The image ${image} is not on the node, and imagePullPolicy is Never.`,
          hint: 'Load the image into the node (Deploy does this for images of the project), or correct its name.',
          graceMs: 2_000,
          mayDepend: false,
          log: null,
        },
      ];
    case 'InvalidImageName':
      return [
        {
          ...where,
          code: 'image-pull',
          message: `${image} is no valid image reference.`,
          hint: 'Correct the image in the manifest.',
          graceMs: 0,
          mayDepend: false,
          log: null,
        },
      ];
    case 'ImagePullBackOff':
    case 'ErrImagePull': {
      const failed = events.findLast(
        // “Error: ImagePullBackOff” comes under the same reason and says nothing
        event => event.reason === 'Failed' && /failed to pull/i.test(event.message ?? ''),
      );
      const detail = failed?.message ?? said;
      return [
        {
          ...where,
          code: 'image-pull',
          message: `The image ${image} cannot be pulled: ${detail}`,
          hint: 'Check the name and tag and whether the node reaches the registry. An image of the project is named ptah://NAME in the manifest and needs imagePullPolicy IfNotPresent or Never.',
          graceMs: reason === 'ErrImagePull' ? 10_000 : 0,
          mayDepend: false,
          log: null,
        },
      ];
    }
    case 'CreateContainerConfigError':
      return [
        {
          ...where,
          code: 'config-missing',
          message: `The configuration of the container ${status.name} is incomplete: ${said}`,
          hint: 'Add the ConfigMap, Secret or key that it names to the manifests.',
          graceMs: 8_000,
          mayDepend: false,
          log: null,
        },
      ];
    case 'CreateContainerError':
      return [
        {
          ...where,
          code: 'other',
          message: `The container ${status.name} cannot be made: ${said}`,
          hint: 'Check command, security context and mounts of the container.',
          graceMs: 15_000,
          mayDepend: false,
          log: null,
        },
      ];
    default:
      return [...crashFindings(pod, status, init, events, kind), ...probeFindings(pod, status, events)];
  }
}

function crashFindings(
  pod: Pod,
  status: ContainerStatus,
  init: boolean,
  events: readonly KubeEvent[],
  kind: string,
): Finding[] {
  const restarts = status.restartCount ?? 0;
  const current = status.state?.terminated;
  const last = current ?? status.lastState?.terminated;
  // A running container that crashed before may have recovered: its readiness decides.
  if (last === undefined || status.ready || (status.state?.running !== undefined && restarts < CRASHES))
    return [];
  if (
    last.exitCode === 0 &&
    last.reason !== 'OOMKilled' &&
    (pod.spec?.restartPolicy !== 'Always' || (init && current !== undefined))
  )
    return [];
  const final = pod.spec?.restartPolicy === 'Never' || kind === 'Job';
  const waiting = status.state?.waiting?.reason === 'CrashLoopBackOff' || current !== undefined;
  const lasting = waiting && restarts >= CRASHES_AT_MOST ? 0 : waiting && restarts >= CRASHES ? 1 : Infinity;
  const killed = events.findLast(
    ({ reason, message }) => reason === 'Unhealthy' && /liveness|startup/i.test(message ?? ''),
  );
  const times = restarts === 0 ? '' : `, ${restarts} ${restarts === 1 ? 'restart' : 'restarts'} so far`;
  const base = {
    ...at(pod, status.name),
    // A pod of a Job is not judged here: the Job's own back-off limit decides.
    graceMs: final ? Infinity : lasting,
    mayDepend: lasting !== 0,
    log: current === undefined ? ('previous' as const) : ('current' as const),
  };
  const text = exitText(last);
  if (last.reason === 'OOMKilled') {
    return [
      {
        ...base,
        code: init ? 'init-failed' : 'out-of-memory',
        message: `The container ${status.name} used more memory than its limit and was killed${times}.`,
        hint: 'Raise resources.limits.memory, or find what uses the memory.',
      },
    ];
  }
  if (killed !== undefined && last.exitCode !== 0 && !init) {
    return [
      {
        ...base,
        code: 'probe',
        message: `The container ${status.name} is killed because a probe fails${times}: ${killed.message ?? ''}`,
        hint: 'Check the probe’s path and port, and give it a longer initialDelaySeconds or a startupProbe.',
      },
    ];
  }
  if (init)
    return [
      {
        ...base,
        code: 'init-failed',
        message: `The init container ${status.name} ends with ${text}${times}.`,
        hint: 'Its last log lines say why; the containers after it wait for it.',
      },
    ];
  if (last.exitCode === 0) {
    return [
      {
        ...base,
        code: 'exited',
        message: `The container ${status.name} ends by itself with exit code 0${times}; in a ${kind} it has to keep running.`,
        hint: 'Check its command: a server has to stay in the foreground. Something that ends belongs in a Job.',
      },
    ];
  }
  const hint = /not found|no such file/i.test(last.message ?? '')
    ? 'The command is not in the image: check command, args and the Dockerfile’s CMD.'
    : 'Its last log lines say why.';
  return [
    {
      ...base,
      code: final ? 'exited' : 'crash-loop',
      message: `The container ${status.name} crashes: ${text}${times}.`,
      hint,
    },
  ];
}

function probeFindings(pod: Pod, status: ContainerStatus, events: readonly KubeEvent[]): Finding[] {
  if (status.ready || status.state?.running === undefined) return [];
  const failing = events.findLast(
    ({ reason, involvedObject }) =>
      reason === 'Unhealthy' && (involvedObject?.fieldPath ?? '').includes(`{${status.name}}`),
  );
  if (failing === undefined) return [];
  return [
    {
      ...at(pod, status.name),
      code: 'probe',
      message: `The container ${status.name} runs but is not ready: ${failing.message ?? ''}`,
      hint: 'Check path and port of the probe, and that the program listens on all interfaces (0.0.0.0), not only on localhost.',
      graceMs: Infinity,
      mayDepend: true,
      log: 'current',
    },
  ];
}

/** Where a finding was made. */
export function at(pod: Pod, container: string | null): { pod: string; container: string | null } {
  return { pod: pod.metadata.name, container };
}
