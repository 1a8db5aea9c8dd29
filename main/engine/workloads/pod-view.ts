import type { ContainerSpec, ContainerStatus, Pod } from './kube-types.ts';
import type { ContainerState, ContainerView, PodView } from './types.ts';

/** Which images are the project's, and what the folder gives for them now. */
export type CurrentImages = ReadonlyMap<string, string>;

const FAILURES = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'StartError',
  'ErrImageInspect',
  'RegistryUnavailable',
]);

/** One pod in words: the state of the whole, and of each container. Pure. */
export function podView(pod: Pod, images: CurrentImages = new Map()): PodView {
  const ending = pod.metadata.deletionTimestamp !== undefined;
  const init = views(pod.spec?.initContainers, pod.status?.initContainerStatuses, true, pod, images);
  const main = views(pod.spec?.containers, pod.status?.containerStatuses, false, pod, images);
  const containers = [...init, ...main];
  const { state, status } = podState(pod, init, main, ending);
  return {
    namespace: pod.metadata.namespace ?? 'default',
    name: pod.metadata.name,
    node: pod.spec?.nodeName ?? null,
    state,
    status,
    createdAt: pod.metadata.creationTimestamp ?? '',
    restarts: containers.reduce((sum, { restarts }) => sum + restarts, 0),
    containers,
  };
}

function podState(
  pod: Pod,
  init: readonly ContainerView[],
  main: readonly ContainerView[],
  ending: boolean,
): { state: ContainerState; status: string } {
  const phase = pod.status?.phase;
  if (ending) return { state: 'ending', status: 'Terminating' };
  if (pod.status?.reason === 'Evicted')
    return { state: 'failed', status: withMessage('Evicted', pod.status.message) };
  if (phase === 'Succeeded') return { state: 'completed', status: 'Completed' };
  const failedInit = init.find(({ state }) => state === 'failed');
  if (failedInit !== undefined)
    return { state: 'failed', status: `Init container ${failedInit.name}: ${failedInit.status}` };
  const failed = main.find(({ state }) => state === 'failed');
  if (failed !== undefined)
    return {
      state: 'failed',
      status: main.length === 1 ? failed.status : `${failed.name}: ${failed.status}`,
    };
  if (phase === 'Failed')
    return { state: 'failed', status: withMessage(pod.status?.reason ?? 'Failed', pod.status?.message) };
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False')
    return { state: 'waiting', status: withMessage(scheduled.reason ?? 'Not scheduled', scheduled.message) };
  const sidecars = sidecarNames(pod);
  const steps = init.filter(({ name }) => !sidecars.has(name));
  const doneSteps = steps.filter(({ state }) => state === 'completed').length;
  if (doneSteps < steps.length)
    return { state: 'starting', status: `Initializing ${doneSteps} of ${steps.length}` };
  const waiting = main.find(({ state }) => state === 'starting' || state === 'waiting');
  if (waiting !== undefined) return { state: 'starting', status: waiting.status };
  const notReady = main.find(({ state }) => state === 'not-ready');
  if (notReady !== undefined) return { state: 'not-ready', status: `${notReady.name} is not ready` };
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'False' && main.some(({ state }) => state === 'running'))
    return { state: 'not-ready', status: withMessage('Not ready', ready.message) };
  if (main.some(({ state }) => state === 'running')) return { state: 'running', status: 'Running' };
  return { state: 'waiting', status: phase ?? 'Pending' };
}

function views(
  specs: readonly ContainerSpec[] | undefined,
  statuses: readonly ContainerStatus[] | undefined,
  init: boolean,
  pod: Pod,
  images: CurrentImages,
): ContainerView[] {
  return (specs ?? []).map(spec => {
    const status = statuses?.find(({ name }) => name === spec.name);
    const image = spec.image ?? status?.image ?? '';
    const current = currentReference(image, images);
    const { state, text } = containerState(status, init && spec.restartPolicy !== 'Always', pod);
    return {
      name: spec.name,
      init,
      image,
      ours: current !== null,
      old: current !== null && normalized(current) !== normalized(image),
      state,
      status: text,
      ready: status?.ready ?? false,
      restarts: status?.restartCount ?? 0,
      startedAt: status?.state?.running?.startedAt ?? null,
      containerId: status?.containerID || null,
    };
  });
}

function containerState(
  status: ContainerStatus | undefined,
  step: boolean,
  pod: Pod,
): { state: ContainerState; text: string } {
  const ending = pod.metadata.deletionTimestamp !== undefined;
  const { waiting, running, terminated } = status?.state ?? {};
  if (running !== undefined) {
    if (ending) return { state: 'ending', text: 'Terminating' };
    if (step) return { state: 'starting', text: 'Running' };
    if (status?.ready) return { state: 'running', text: 'Running' };
    return status?.started === false
      ? { state: 'starting', text: 'Started, its startup probe has not passed yet' }
      : { state: 'not-ready', text: 'Running, not ready' };
  }
  if (terminated !== undefined) {
    if (terminated.exitCode === 0 && terminated.reason !== 'OOMKilled')
      return { state: 'completed', text: 'Completed' };
    return { state: ending ? 'ending' : 'failed', text: exitText(terminated) };
  }
  if (waiting?.reason !== undefined && FAILURES.has(waiting.reason)) {
    const last = status?.lastState?.terminated;
    if (waiting.reason === 'CrashLoopBackOff' && last !== undefined)
      return { state: 'failed', text: `CrashLoopBackOff: ${exitText(last)}` };
    return { state: 'failed', text: withMessage(waiting.reason, waiting.message) };
  }
  if (ending) return { state: 'ending', text: 'Terminating' };
  return {
    state: pod.spec?.nodeName === undefined ? 'waiting' : 'starting',
    text: waiting?.reason ?? 'Waiting',
  };
}

/** `exit code 1`, `OOMKilled (exit code 137)`, `killed by signal 9`. */
export function exitText(
  terminated: NonNullable<NonNullable<ContainerStatus['state']>['terminated']>,
): string {
  const { exitCode, signal, reason, message } = terminated;
  const code = signal ? `killed by signal ${signal}` : `exit code ${exitCode}`;
  if (reason === 'OOMKilled') return `OOMKilled (${code})`;
  if (reason !== undefined && reason !== 'Error' && reason !== 'Completed')
    return withMessage(`${reason} (${code})`, message);
  return code;
}

/** The reference that the folder gives for a container's image now; null when the image is none of the project's. */
export function currentReference(image: string, images: CurrentImages): string | null {
  const plain = normalized(image);
  const name = plain.replace(/@.*$/, '').replace(/:[^:/]+$/, '');
  return images.get(name) ?? images.get(image) ?? null;
}

function normalized(reference: string): string {
  return reference
    .replace(/^docker\.io\//, '')
    .replace(/^library\//, '')
    .replace(/^localhost\//, '');
}

function sidecarNames(pod: Pod): ReadonlySet<string> {
  return new Set(
    (pod.spec?.initContainers ?? [])
      .filter(({ restartPolicy }) => restartPolicy === 'Always')
      .map(({ name }) => name),
  );
}

function withMessage(word: string, message: string | undefined): string {
  return message === undefined || message === '' ? word : `${word}: ${message}`;
}
