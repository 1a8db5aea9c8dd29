import type { ContainerView, PodView, WorkloadView } from '../../../preload/contract/workloads.ts';
import type { TerminalPlace } from '../../stores/terminals.ts';

/** A container that a terminal can be opened in, as the palette and a row mean it. */
export interface TerminalTarget {
  readonly label: string;
  readonly place: TerminalPlace;
}

const runs = ({ state }: ContainerView): boolean => state === 'running' || state === 'not-ready';

export const targetOf = (projectId: string, pod: PodView, container: ContainerView): TerminalTarget => ({
  label: `${container.name} in ${pod.name}`,
  place: { projectId, namespace: pod.namespace, pod: pod.name, container: container.name },
});

/** The container that a person means by a pod: its first that runs, an own one before a foreign one. */
export function targetOfPod(projectId: string, pod: PodView): TerminalTarget | null {
  const running = pod.containers.filter(one => !one.init && runs(one));
  const found = running.find(({ ours }) => ours) ?? running[0] ?? pod.containers.find(runs);
  return found === undefined ? null : targetOf(projectId, pod, found);
}

export function targetOfWorkload(projectId: string, workload: WorkloadView): TerminalTarget | null {
  const found = workload.pods.find(({ state }) => state === 'running') ?? workload.pods[0];
  return found === undefined ? null : targetOfPod(projectId, found);
}

/** Every container of a project that runs, in the order of the tree. */
export const allTargets = (
  projectId: string,
  workloads: readonly WorkloadView[],
): readonly TerminalTarget[] =>
  workloads.flatMap(({ pods }) =>
    pods.flatMap(pod => pod.containers.filter(runs).map(container => targetOf(projectId, pod, container))),
  );
