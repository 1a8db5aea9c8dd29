import { useEffect } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { SyncContainer, SyncScope, SyncSnapshot } from '../../preload/contract/sync.ts';
import { viewOfContainer, viewOfMany, viewOfPending, type SwitchView } from '../text/sync.ts';
import { notLive, type Live } from './live.ts';
import { useStores } from './react.ts';
import {
  containersOf,
  keyOf,
  nothingAsked,
  pendingKey,
  workKey,
  type ContainerWork,
  type Sync,
} from './sync.ts';

/** What sync says of a project, kept told while the component stands. */
export function useSync(projectId: string | null): Live<SyncSnapshot> {
  const { sync } = useStores();
  useEffect(
    () => (projectId === null ? undefined : sync.snapshots.watch(projectId)),
    [sync.snapshots, projectId],
  );
  return useStore(sync.snapshots.store, state =>
    projectId === null ? notLive : (state[projectId] ?? notLive),
  );
}

/** One container of it: the same object until something about this one changed. */
export function useSyncContainer(projectId: string, key: string): SyncContainer | null {
  const { sync } = useStores();
  return useStore(
    sync.snapshots.store,
    state => state[projectId]?.value?.containers.find(one => one.key === key) ?? null,
  );
}

export function useContainerWork(projectId: string, key: string): ContainerWork {
  const { sync } = useStores();
  return useStore(sync.work, state => state[workKey(projectId, key)] ?? nothingAsked);
}

/** How a switch looks in a snapshot; null where sync knows nothing to turn there. */
export function viewIn(snapshot: SyncSnapshot, scope: SyncScope): SwitchView | null {
  if (scope.level === 'container') {
    const found = snapshot.containers.find(one => one.key === keyOf(scope));
    return found === undefined ? null : viewOfContainer(found);
  }
  const containers = containersOf(snapshot, scope);
  if (containers.length > 0) return viewOfMany(containers);
  if (scope.level === 'project') return viewOfMany([], snapshot.switch);
  if (scope.level !== 'image') return null;
  const image = snapshot.images.find(one => one.name === scope.image);
  return image === undefined ? null : viewOfMany([], image.switch);
}

export interface ScopeView {
  /** Null before the first snapshot. */
  readonly known: boolean;
  readonly view: SwitchView | null;
}

/** Draws again only when its own shape or word changes, not with every snapshot. */
export function useScopeView(projectId: string, scope: SyncScope): ScopeView {
  const { sync } = useStores();
  const known = useStore(sync.snapshots.store, state => (state[projectId]?.value ?? null) !== null);
  const view = useStore(
    sync.snapshots.store,
    useShallow(state => {
      const snapshot = state[projectId]?.value ?? null;
      return snapshot === null ? null : viewIn(snapshot, scope);
    }),
  );
  const to = useStore(sync.pending, state => state[pendingKey(projectId, scope)]?.to ?? null);
  return { known, view: view === null || to === null ? view : viewOfPending(view, to) };
}

/** Presses a switch: mixed and off turn on; one that is on its way turns back. */
export function toggleScope(sync: Sync, projectId: string, scope: SyncScope): void {
  const snapshot = sync.snapshots.get(projectId).value;
  const view = snapshot === null ? null : viewIn(snapshot, scope);
  if (view === null || view.checked === null) return;
  const going = sync.pending.getState()[pendingKey(projectId, scope)];
  sync.turn(projectId, scope, going === undefined ? view.checked !== 'on' : !going.to);
}
