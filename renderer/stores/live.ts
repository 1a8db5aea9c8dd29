import { createStore, type StoreApi } from 'zustand/vanilla';
import type { WireError } from '../../preload/contract/errors.ts';
import { toFailure } from './failure.ts';

/** The latest of a stream of snapshots. What was told last stays while the stream is opened again. */
export interface Live<T> {
  readonly value: T | null;
  /** When `value` came, milliseconds. */
  readonly at: number | null;
  readonly error: WireError | null;
  readonly waitingSince: number | null;
  /** When the next try starts; null while it is watched. */
  readonly retryAt: number | null;
}

export const notLive: Live<never> = {
  value: null,
  at: null,
  error: null,
  waitingSince: null,
  retryAt: null,
};

/** One stream per key for as long as somebody looks, opened again when it ends. */
export interface Lives<T> {
  readonly store: StoreApi<Readonly<Record<string, Live<T>>>>;
  get(key: string): Live<T>;
  watch(key: string): () => void;
  /** Try again now. */
  retry(key: string): void;
  /** The engine is back: what is looked at is opened again. */
  resume(): void;
}

const delays = [1000, 2000, 4000, 8000, 15_000];

export function createLives<T>(
  open: (key: string, signal: AbortSignal) => AsyncIterable<T>,
  options: {
    /** No view is told more often than this; the last snapshot always arrives. */
    readonly everyMs: number;
    /** Keeps what did not change as the object that it was, so that what shows it stands still. */
    readonly merge: (before: T | null, next: T) => T;
  },
): Lives<T> {
  const store = createStore<Readonly<Record<string, Live<T>>>>(() => ({}));
  const watchers = new Map<string, number>();
  const running = new Map<string, AbortController>();
  const retries = new Map<string, ReturnType<typeof setTimeout>>();
  const failures = new Map<string, number>();
  const get = (key: string): Live<T> => store.getState()[key] ?? notLive;
  const put = (key: string, change: Partial<Live<T>>) =>
    store.setState(state => ({ ...state, [key]: { ...(state[key] ?? notLive), ...change } }));

  function again(key: string, error: WireError | null): void {
    const count = failures.get(key) ?? 0;
    failures.set(key, count + 1);
    const delay = delays[Math.min(count, delays.length - 1)] ?? 1000;
    put(key, { error, retryAt: Date.now() + delay, waitingSince: null });
    retries.set(
      key,
      setTimeout(() => start(key), delay),
    );
  }

  async function read(key: string, signal: AbortSignal): Promise<void> {
    let told = 0;
    let late: ReturnType<typeof setTimeout> | undefined;
    let newest: T | null = null;
    const tell = () => {
      late = undefined;
      if (newest === null || signal.aborted) return;
      told = Date.now();
      put(key, {
        value: options.merge(get(key).value, newest),
        at: told,
        error: null,
        waitingSince: null,
        retryAt: null,
      });
      newest = null;
    };
    signal.addEventListener('abort', () => clearTimeout(late));
    try {
      for await (const item of open(key, signal)) {
        failures.delete(key);
        newest = item;
        const left = told + options.everyMs - Date.now();
        if (left <= 0) tell();
        else late ??= setTimeout(tell, left);
      }
      clearTimeout(late);
      tell();
      if (!signal.aborted) again(key, null);
    } catch (thrown) {
      clearTimeout(late);
      if (!signal.aborted) again(key, toFailure(thrown));
    }
  }

  function stop(key: string): void {
    clearTimeout(retries.get(key));
    retries.delete(key);
    running.get(key)?.abort();
    running.delete(key);
  }

  function start(key: string): void {
    stop(key);
    const controller = new AbortController();
    running.set(key, controller);
    put(key, { waitingSince: Date.now(), retryAt: null });
    void read(key, controller.signal);
  }

  return {
    store,
    get,
    watch(key) {
      const before = watchers.get(key) ?? 0;
      watchers.set(key, before + 1);
      if (before === 0) start(key);
      let watching = true;
      return () => {
        if (!watching) return;
        watching = false;
        const left = (watchers.get(key) ?? 1) - 1;
        watchers.set(key, left);
        if (left === 0) stop(key);
      };
    },
    retry: start,
    resume() {
      for (const [key, count] of watchers) if (count > 0) start(key);
    },
  };
}
