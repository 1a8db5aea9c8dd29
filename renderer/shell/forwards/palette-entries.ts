import type { ProjectSummary } from '../../../preload/contract/projects.ts';
import type { Stores } from '../../stores/stores.ts';
import { forwardTitle } from '../../text/forwards.ts';
import { openDashboard } from './open-dashboard.ts';
import type { Entry } from '../palette.tsx';

/** Forwards of the project: on, off, opened in the browser. */
export function forwardEntries(stores: Stores, project: ProjectSummary): readonly Entry[] {
  const { forwards } = stores;
  const group = 'Forwards';
  const icon = 'external-link';
  const known = forwards.snapshots.get(project.id).value?.forwards ?? [];
  return [
    { title: 'Forward all ports', group, icon, run: () => forwards.startAll(project.id) },
    {
      title: 'Open the Kubernetes dashboard',
      group,
      icon,
      run: () => void openDashboard(stores, project.id),
    },
    ...known.map((forward): Entry => ({
      title: `${forward.on ? 'Stop forwarding' : 'Forward'} ${forwardTitle(forward)}`,
      group,
      icon,
      run: () => forwards.turn(project.id, forward, !forward.on),
    })),
    ...known
      .filter(({ on, web }) => on && web)
      .map((forward): Entry => ({
        title: `Open ${forward.address} (${forwardTitle(forward)})`,
        group,
        icon,
        run: () => forwards.open(forward.address),
      })),
  ];
}
