import type { ProjectSummary } from '../../../preload/contract/projects.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Entry } from '../palette.tsx';
import { allTargets } from './targets.ts';

/** The palette is searched, not read: a project with hundreds of pods has its tree. */
const most = 100;

/** A terminal in each container that is known to run, and those that are open. */
export function terminalEntries({ terminals, workloads }: Stores, project: ProjectSummary): readonly Entry[] {
  const group = 'Terminals';
  const { snapshot } = workloads.store.getState()[project.id] ?? { snapshot: null };
  const targets = snapshot === null ? [] : allTargets(project.id, snapshot.workloads).slice(0, most);
  const open = Object.values(terminals.store.getState()).filter(({ projectId }) => projectId === project.id);
  return [
    ...targets.map(({ label, place }): Entry => ({
      title: `Terminal: ${label}`,
      group,
      icon: 'terminal',
      run: () => void terminals.open(place),
    })),
    ...open.map(({ id, container, pod }, at): Entry => ({
      title: `Show terminal ${at + 1}: ${container} in ${pod}`,
      group,
      icon: 'terminal',
      run: () => terminals.show(id),
    })),
  ];
}
