import type { ProjectSummary } from '../../../preload/contract/projects.ts';
import type { SyncScope } from '../../../preload/contract/sync.ts';
import type { Stores } from '../../stores/stores.ts';
import { viewIn } from '../../stores/use-sync.ts';
import type { Entry } from '../palette.tsx';

/** Commands of live sync for the project at hand and for what is selected in it. */
export function syncEntries({ sync, dock }: Stores, project: ProjectSummary): readonly Entry[] {
  const snapshot = sync.snapshots.get(project.id).value;
  if (snapshot === null) return [];
  const group = 'Live sync';
  const turn = (name: string, scope: SyncScope): readonly Entry[] => {
    const view = viewIn(snapshot, scope);
    if (view === null || view.checked === null) return [];
    const both = view.checked === 'mixed' ? [true, false] : [view.checked === 'off'];
    return both.map((on): Entry => ({
      title: `Turn sync ${on ? 'on' : 'off'} for ${name}`,
      group,
      icon: 'refresh-cw',
      ...(scope.level === 'project' ? {} : { shortcut: 'sync' as const }),
      run: () => sync.turn(project.id, scope, on),
    }));
  };
  const { selection } = sync.selected.getState();
  const selected = selection?.projectId === project.id ? selection : null;
  const container = selected?.container ?? null;
  const synced = snapshot.containers.find(one => one.key === container) ?? null;
  // Over files that were changed inside, *Send all* asks first: the inspector does.
  const mayVerify = synced !== null && synced.containerId !== null;
  const maySend = mayVerify && synced.on && synced.drift.length === 0;
  return [
    ...(selected === null ? [] : turn(selected.label, selected.scope)),
    ...(mayVerify && selected !== null
      ? [
          {
            title: `Verify ${selected.label}`,
            group,
            icon: 'check' as const,
            run: () => sync.verify(project.id, synced.key),
          },
        ]
      : []),
    ...(maySend && selected !== null
      ? [
          {
            title: `Send all files to ${selected.label}`,
            group,
            icon: 'refresh-cw' as const,
            run: () => sync.sendAll(project.id, synced.key),
          },
        ]
      : []),
    ...turn(project.name, { level: 'project' }),
    {
      title: snapshot.automatic
        ? `Stop keeping ${project.name} up to date`
        : `Keep ${project.name} up to date`,
      group,
      icon: 'zap',
      run: () => sync.automatic(project.id, !snapshot.automatic),
    },
    {
      title: snapshot.paused ? `Resume sync of ${project.name}` : `Pause sync of ${project.name}`,
      group,
      icon: 'clock',
      run: () => sync.pause(project.id, !snapshot.paused),
    },
    {
      title: 'Show what was synced',
      group,
      icon: 'scroll-text',
      run: () => dock.activate('sync'),
    },
  ];
}
