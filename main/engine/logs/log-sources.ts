import type { ContainerView, PodView, WorkloadView } from '../workloads/index.ts';
import type { ContainerFacts } from './follow-container.ts';
import type { LogScope, LogSourceInfo } from './types.ts';

export const containerKey = (namespace: string, pod: string, container: string): string =>
  `pod/${namespace}/${pod}/${container}`;
export const previousKey = (key: string): string => `${key}@previous`;

const runKey = (id: string): string => `run/${id}`;

/** A container of a pod as a source of lines. */
export function containerSource(
  workload: WorkloadView,
  pod: PodView,
  container: ContainerView,
): LogSourceInfo {
  const { kind, name } = workload.ref;
  return {
    key: containerKey(pod.namespace, pod.name, container.name),
    group: `workload/${pod.namespace}/${kind}/${name}`,
    groupLabel: name,
    kind: 'container',
    label: labelOf(name, pod, container),
    namespace: pod.namespace,
    workload: { kind, name },
    pod: pod.name,
    container: container.name,
    init: container.init,
    image: container.image,
    jobId: null,
  };
}

/** `api x7k2p`, with the container's name where the pod has others. */
function labelOf(workload: string, pod: PodView, { name }: ContainerView): string {
  const own = pod.containers.length > 1 && name !== workload ? `${workload}/${name}` : workload;
  const suffix = pod.name.startsWith(`${workload}-`) ? pod.name.slice(pod.name.lastIndexOf('-') + 1) : '';
  return suffix === '' ? own : `${own} ${suffix}`;
}

export function previousSource(source: LogSourceInfo): LogSourceInfo {
  return { ...source, key: previousKey(source.key), kind: 'previous', label: `${source.label} (previous)` };
}

/** The output of a job: of the build of one image, or of a step of it. */
export function buildSource(jobId: string, image: string | null, step: string): LogSourceInfo {
  const name = image ?? step;
  return {
    key: `build/${jobId}/${image === null ? `@${step}` : image}`,
    group: image === null ? `job/${step}` : `build/${image}`,
    groupLabel: image === null ? step : `build ${name}`,
    kind: 'build',
    label: image === null ? step : `build ${name}`,
    namespace: null,
    workload: null,
    pod: null,
    container: null,
    init: false,
    image,
    jobId,
  };
}

/** A container that was started by hand: `run api k2x9p`. */
export function runSource(id: string, image: string, name: string): LogSourceInfo {
  return {
    key: runKey(id),
    group: `run/${image}`,
    groupLabel: `run ${image}`,
    kind: 'run',
    label: `run ${image}${name.includes('-') ? ` ${name.slice(name.lastIndexOf('-') + 1)}` : ''}`,
    namespace: null,
    workload: null,
    pod: null,
    container: name,
    init: false,
    image,
    jobId: null,
  };
}

export function factsOf(container: ContainerView): ContainerFacts {
  return {
    containerId: container.containerId,
    restarts: container.restarts,
    running: container.startedAt !== null,
    status: container.status,
    gone: false,
  };
}

/** Whether a source belongs to a scope. Previous instances only where they are asked for by name. */
export function inScope(source: LogSourceInfo, scope: LogScope): boolean {
  if (scope.kind === 'project') return source.kind !== 'previous';
  if (scope.kind === 'sources')
    return scope.sources.includes(source.key) || scope.sources.includes(source.group);
  if (scope.kind === 'run') return source.key === runKey(scope.id);
  if (scope.kind === 'build')
    return (
      source.kind === 'build' &&
      (scope.jobId === null || source.jobId === scope.jobId) &&
      (scope.image === null || source.image === scope.image)
    );
  if (source.namespace !== scope.namespace) return false;
  if (scope.kind === 'container')
    return (
      source.kind === (scope.previous ? 'previous' : 'container') &&
      source.pod === scope.pod &&
      source.container === scope.container
    );
  if (source.kind !== 'container') return false;
  return scope.kind === 'pod'
    ? source.pod === scope.pod
    : source.workload?.kind === scope.workload.kind && source.workload.name === scope.workload.name;
}

export const isHidden = (source: LogSourceInfo, hidden: readonly string[]): boolean =>
  hidden.includes(source.key) || hidden.includes(source.group);
