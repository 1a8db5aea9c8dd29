import { createStore, type StoreApi } from 'zustand/vanilla';
import type { WireError } from '../../preload/contract/errors.ts';
import { toFailure, wasAborted } from './failure.ts';

/** Something that is read from the engine. `data` stays while it is read again; `at` says how old it is. */
export interface Loadable<T> {
  readonly data: T | null;
  /** When `data` was read, milliseconds. */
  readonly at: number | null;
  readonly error: WireError | null;
  readonly loadingSince: number | null;
  /** The user stopped waiting. */
  readonly stopped: boolean;
}

export const nothingYet: Loadable<never> = {
  data: null,
  at: null,
  error: null,
  loadingSince: null,
  stopped: false,
};

/** One kind of thing by key (a project's id, or '' where there is only one). */
export interface Resource<T> {
  readonly store: StoreApi<Readonly<Record<string, Loadable<T>>>>;
  get(key: string): Loadable<T>;
  /** Reads it now. A call while one runs makes it read once more afterwards: the second caller saw a newer world. */
  load(key: string): Promise<void>;
  /** It may be different now: read again when somebody looks at it, at once if somebody does. Without a key, all. */
  invalidate(key?: string): void;
  /** Says that a view shows it; reads it when it was never read or is out of date. */
  watch(key: string): () => void;
  stopWaiting(key: string): void;
  patch(key: string, change: (data: T) => T): void;
}

export function createResource<T>(
  read: (key: string, signal: AbortSignal) => Promise<T>,
  now: () => number = Date.now,
): Resource<T> {
  const store = createStore<Readonly<Record<string, Loadable<T>>>>(() => ({}));
  const running = new Map<string, AbortController>();
  const again = new Set<string>();
  const outdated = new Set<string>();
  const watchers = new Map<string, number>();

  const get = (key: string): Loadable<T> => store.getState()[key] ?? nothingYet;
  const put = (key: string, change: Partial<Loadable<T>>) =>
    store.setState(state => ({ ...state, [key]: { ...(state[key] ?? nothingYet), ...change } }));

  async function load(key: string): Promise<void> {
    if (running.has(key)) {
      again.add(key);
      return;
    }
    const controller = new AbortController();
    running.set(key, controller);
    outdated.delete(key);
    put(key, { loadingSince: now(), stopped: false });
    try {
      const data = await read(key, controller.signal);
      if (!controller.signal.aborted) put(key, { data, at: now(), error: null, loadingSince: null });
    } catch (thrown) {
      if (!controller.signal.aborted) {
        put(key, { error: wasAborted(thrown) ? null : toFailure(thrown), loadingSince: null });
      }
    } finally {
      if (running.get(key) === controller) running.delete(key);
    }
    if (again.delete(key)) await load(key);
  }

  function invalidate(key?: string): void {
    const keys = key === undefined ? Object.keys(store.getState()) : [key];
    for (const one of keys) {
      if ((watchers.get(one) ?? 0) > 0) void load(one);
      else outdated.add(one);
    }
  }

  return {
    store,
    get,
    load,
    invalidate,
    watch(key) {
      watchers.set(key, (watchers.get(key) ?? 0) + 1);
      const state = get(key);
      const neverRead = state.data === null && state.error === null;
      if (!running.has(key) && (neverRead || state.error !== null || outdated.has(key))) void load(key);
      let watching = true;
      return () => {
        if (!watching) return;
        watching = false;
        watchers.set(key, (watchers.get(key) ?? 1) - 1);
      };
    },
    stopWaiting(key) {
      again.delete(key);
      running.get(key)?.abort();
      running.delete(key);
      put(key, { loadingSince: null, stopped: true });
    },
    patch(key, change) {
      const { data } = get(key);
      if (data !== null) put(key, { data: change(data) });
    },
  };
}
