import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { ForwardsSnapshot } from '../../preload/contract/forwards.ts';
import { useStores } from './react.ts';

/** The forwards of a project, kept told while the component stands; null until the first word. */
export function useForwards(projectId: string | null): ForwardsSnapshot | null {
  const { forwards } = useStores();
  useEffect(
    () => (projectId === null ? undefined : forwards.snapshots.watch(projectId)),
    [forwards.snapshots, projectId],
  );
  return useStore(forwards.snapshots.store, state =>
    projectId === null ? null : (state[projectId]?.value ?? null),
  );
}
