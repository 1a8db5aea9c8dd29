import type { ProjectSummary } from '../../../preload/contract/projects.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Entry } from '../palette.tsx';

/** The palette is searched, not read: a project with hundreds of pods has its tree. */
const most = 100;

/** The log of the project, of its builds, of each workload and each pod. */
export function logEntries({ logs, workloads }: Stores, project: ProjectSummary): readonly Entry[] {
  const group = 'Logs';
  const icon = 'scroll-text';
  const found = workloads.store.getState()[project.id]?.snapshot?.workloads ?? [];
  return [
    {
      title: `Log of ${project.name}`,
      group,
      icon,
      run: () => logs.open(project.id, { kind: 'project' }),
    },
    {
      title: `Log of the builds of ${project.name}`,
      group,
      icon,
      run: () => logs.open(project.id, { kind: 'build', jobId: null, image: null }),
    },
    ...found
      .flatMap(({ ref, pods }): readonly Entry[] => {
        const namespace = ref.namespace ?? pods[0]?.namespace ?? '';
        const { kind, name } = ref;
        return [
          {
            title: `Log of ${kind} ${name}`,
            group,
            icon,
            run: () => logs.open(project.id, { kind: 'workload', namespace, workload: { kind, name } }),
          },
          ...pods.map((pod): Entry => ({
            title: `Log of pod ${pod.name}`,
            group,
            icon,
            run: () => logs.open(project.id, { kind: 'pod', namespace: pod.namespace, pod: pod.name }),
          })),
        ];
      })
      .slice(0, most),
  ];
}
