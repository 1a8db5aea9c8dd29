import { createStore, type StoreApi } from 'zustand/vanilla';
import type { PtahClient } from '../../preload/contract/client.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import type { SyncEvent } from '../../preload/contract/sync.ts';
import { toFailure } from './failure.ts';

export interface SyncFeed {
  readonly events: readonly SyncEvent[];
  /** How many older ones are not kept here. */
  readonly dropped: number;
  readonly error: WireError | null;
  readonly waitingSince: number | null;
  /** Something was answered: an empty list is one. */
  readonly ready: boolean;
}
export const noFeed: SyncFeed = { events: [], dropped: 0, error: null, waitingSince: null, ready: false };

export interface SyncFeeds {
  readonly store: StoreApi<Readonly<Record<string, SyncFeed>>>;
  /** The container that the feed of a project is narrowed to. */
  readonly filter: StoreApi<Readonly<Record<string, string | null>>>;
  follow(projectId: string): () => void;
  retry(projectId: string): void;
  resume(): void;
}

export const mostEvents = 5000;
const everyMs = 100;
const retryMs = 2000;
/** The engine keeps a feed open without an event: after this long without one, nothing happened yet. */
const quietMs = 400;

/** Read from where it was left; a feed that nobody looks at is not read. */
export function createSyncFeeds(client: PtahClient): SyncFeeds {
  const store = createStore<Readonly<Record<string, SyncFeed>>>(() => ({}));
  const watchers = new Map<string, number>();
  const running = new Map<string, AbortController>();
  const put = (id: string, change: Partial<SyncFeed>) =>
    store.setState(state => ({ ...state, [id]: { ...(state[id] ?? noFeed), ...change } }));

  async function read(projectId: string, fromStart: boolean, signal: AbortSignal): Promise<void> {
    let coming: SyncEvent[] = [];
    // What is shown stays until the new engine's first event: its numbers begin again.
    let replaces = fromStart;
    const flush = () => {
      late = undefined;
      if (signal.aborted) return;
      const before = store.getState()[projectId] ?? noFeed;
      const kept = replaces ? [] : before.events;
      const last = kept.at(-1)?.seq ?? -1;
      const all = [...kept, ...coming.filter(event => event.seq > last)];
      const events = all.slice(-mostEvents);
      const dropped = (replaces ? 0 : before.dropped) + all.length - events.length;
      if (coming.length > 0) replaces = false;
      coming = [];
      put(projectId, { events, dropped, error: null, waitingSince: null, ready: true });
    };
    let late: ReturnType<typeof setTimeout> | undefined = setTimeout(() => {
      late = undefined;
      if (!signal.aborted) put(projectId, { waitingSince: null, ready: true, error: null });
    }, quietMs);
    signal.addEventListener('abort', () => clearTimeout(late));
    const after = fromStart ? 0 : (store.getState()[projectId]?.events.at(-1)?.seq ?? 0);
    let error: WireError | null = null;
    try {
      let first = true;
      for await (const event of client.stream('sync.feed', { projectId, after }, { signal })) {
        coming.push(event);
        if (first) clearTimeout(late);
        if (first || late === undefined) late = setTimeout(flush, first ? 0 : everyMs);
        first = false;
      }
    } catch (thrown) {
      error = toFailure(thrown);
    }
    clearTimeout(late);
    if (signal.aborted) return;
    if (coming.length > 0) flush();
    put(projectId, { error, waitingSince: null });
    const timer = setTimeout(() => start(projectId, false), retryMs);
    signal.addEventListener('abort', () => clearTimeout(timer));
  }

  function start(projectId: string, fromStart: boolean): void {
    running.get(projectId)?.abort();
    const controller = new AbortController();
    running.set(projectId, controller);
    put(projectId, { waitingSince: Date.now() });
    void read(projectId, fromStart, controller.signal);
  }

  return {
    store,
    filter: createStore<Readonly<Record<string, string | null>>>(() => ({})),
    follow(projectId) {
      const before = watchers.get(projectId) ?? 0;
      watchers.set(projectId, before + 1);
      if (before === 0) start(projectId, false);
      let following = true;
      return () => {
        if (!following) return;
        following = false;
        const left = (watchers.get(projectId) ?? 1) - 1;
        watchers.set(projectId, left);
        if (left > 0) return;
        running.get(projectId)?.abort();
        running.delete(projectId);
      };
    },
    retry: projectId => start(projectId, false),
    resume() {
      for (const projectId of Object.keys(store.getState())) {
        if ((watchers.get(projectId) ?? 0) > 0) start(projectId, true);
        // Another engine counts anew.
        else put(projectId, noFeed);
      }
    },
  };
}
