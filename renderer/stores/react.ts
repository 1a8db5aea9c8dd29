import { createContext, useCallback, useContext, useEffect, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { notLive, type Live, type Lives } from './live.ts';
import type { JobView } from './job-view.ts';
import { nothingYet, type Loadable, type Resource } from './resource.ts';
import type { Stores } from './stores.ts';
import { notWatched, type WatchedWorkloads } from './workloads.ts';

export const StoresContext = createContext<Stores | null>(null);

export function useStores(): Stores {
  const stores = useContext(StoresContext);
  if (stores === null) throw new Error('No stores above this component');
  return stores;
}

/** Shows one thing of a resource and keeps it read while the component stands. */
export function useResource<T>(resource: Resource<T>, key: string | null): Loadable<T> {
  useEffect(() => (key === null ? undefined : resource.watch(key)), [resource, key]);
  return usePeek(resource, key);
}

/** What is known of it, without asking for it. */
export function usePeek<T>(resource: Resource<T>, key: string | null): Loadable<T> {
  return useStore(resource.store, state => (key === null ? nothingYet : (state[key] ?? nothingYet)));
}

/** Follows a job while the component stands; what was read is kept for the next one. */
export function useJobView(jobId: string | null): JobView | null {
  const { jobViews } = useStores();
  useEffect(() => (jobId === null ? undefined : jobViews.follow(jobId)), [jobViews, jobId]);
  return useStore(jobViews.store, state => (jobId === null ? null : (state[jobId] ?? null)));
}

export function useWorkloads(projectId: string | null): WatchedWorkloads {
  const { workloads } = useStores();
  useEffect(() => (projectId === null ? undefined : workloads.watch(projectId)), [workloads, projectId]);
  return useStore(workloads.store, state =>
    projectId === null ? notWatched : (state[projectId] ?? notWatched),
  );
}

/** The latest of a stream, watched while the component stands. */
export function useLive<T>(lives: Lives<T>, key: string | null): Live<T> {
  useEffect(() => (key === null ? undefined : lives.watch(key)), [lives, key]);
  return useStore(lives.store, state => (key === null ? notLive : (state[key] ?? notLive)));
}

/** The time, told every `everyMs` while `running`: for ages and elapsed seconds. */
export function useNow(running: boolean, everyMs = 100): number {
  const subscribe = useCallback(
    (told: () => void) => {
      if (!running) return () => undefined;
      const timer = setInterval(told, everyMs);
      return () => clearInterval(timer);
    },
    [running, everyMs],
  );
  return useSyncExternalStore(subscribe, () => Math.floor(Date.now() / everyMs) * everyMs);
}
