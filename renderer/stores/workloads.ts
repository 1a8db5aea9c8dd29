import { createStore, type StoreApi } from 'zustand/vanilla';
import type { PtahClient } from '../../preload/contract/client.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import type { WorkloadsSnapshot } from '../../preload/contract/workloads.ts';
import { toFailure } from './failure.ts';
import { applyDelta } from './workloads-delta.ts';

export interface WatchedWorkloads {
  readonly snapshot: WorkloadsSnapshot | null;
  readonly at: number | null;
  readonly error: WireError | null;
  readonly waitingSince: number | null;
  /** When the next try starts; null while it is watched. */
  readonly retryAt: number | null;
  /** The namespaces that a person typed; null for all that may be seen. */
  readonly namespaces: readonly string[] | null;
}
export const notWatched: WatchedWorkloads = {
  snapshot: null,
  at: null,
  error: null,
  waitingSince: null,
  retryAt: null,
  namespaces: null,
};

export interface Workloads {
  readonly store: StoreApi<Readonly<Record<string, WatchedWorkloads>>>;
  watch(projectId: string): () => void;
  /** Try again now. */
  retry(projectId: string): void;
  resume(): void;
  /** Looks into these namespaces only; null for all that may be seen. */
  lookInto(projectId: string, namespaces: readonly string[] | null): void;
}

const delays = [1000, 2000, 4000, 8000, 15_000];

export function createWorkloads(client: PtahClient): Workloads {
  const store = createStore<Readonly<Record<string, WatchedWorkloads>>>(() => ({}));
  const watchers = new Map<string, number>();
  const running = new Map<string, AbortController>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const failures = new Map<string, number>();
  const put = (id: string, change: Partial<WatchedWorkloads>) =>
    store.setState(state => ({ ...state, [id]: { ...(state[id] ?? notWatched), ...change } }));

  function again(projectId: string, error: WireError | null): void {
    const count = failures.get(projectId) ?? 0;
    failures.set(projectId, count + 1);
    const delay = delays[Math.min(count, delays.length - 1)] ?? 1000;
    put(projectId, { error, retryAt: Date.now() + delay, waitingSince: null });
    timers.set(
      projectId,
      setTimeout(() => start(projectId), delay),
    );
  }

  async function read(projectId: string, signal: AbortSignal): Promise<void> {
    try {
      const { namespaces } = store.getState()[projectId] ?? notWatched;
      const input = { projectId, ...(namespaces !== null && { namespaces }) };
      let snapshot: WorkloadsSnapshot | null = null;
      for await (const item of client.stream('workloads.watch', input, { signal })) {
        failures.delete(projectId);
        if (!('delta' in item)) snapshot = item;
        else if (snapshot === null) continue;
        else snapshot = applyDelta(snapshot, item);
        put(projectId, { snapshot, at: Date.now(), error: null, waitingSince: null, retryAt: null });
      }
      if (!signal.aborted) again(projectId, null);
    } catch (thrown) {
      if (!signal.aborted) again(projectId, toFailure(thrown));
    }
  }

  function stop(projectId: string): void {
    clearTimeout(timers.get(projectId));
    timers.delete(projectId);
    running.get(projectId)?.abort();
    running.delete(projectId);
  }

  function start(projectId: string): void {
    stop(projectId);
    const controller = new AbortController();
    running.set(projectId, controller);
    put(projectId, { waitingSince: Date.now(), retryAt: null });
    void read(projectId, controller.signal);
  }

  return {
    store,
    watch(projectId) {
      const before = watchers.get(projectId) ?? 0;
      watchers.set(projectId, before + 1);
      if (before === 0) start(projectId);
      let watching = true;
      return () => {
        if (!watching) return;
        watching = false;
        const left = (watchers.get(projectId) ?? 1) - 1;
        watchers.set(projectId, left);
        if (left === 0) stop(projectId);
      };
    },
    retry: start,
    lookInto(projectId, namespaces) {
      put(projectId, { namespaces, snapshot: null });
      start(projectId);
    },
    resume() {
      for (const [projectId, count] of watchers) if (count > 0) start(projectId);
    },
  };
}
