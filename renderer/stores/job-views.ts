import { createStore, type StoreApi } from 'zustand/vanilla';
import type { JobEvent } from '../../preload/contract/activity.ts';
import type { PtahClient } from '../../preload/contract/client.ts';
import { toFailure } from './failure.ts';
import { addEvents, emptyJobView, type JobView } from './job-view.ts';

/** Events that arrive together are shown together: a log of 20,000 lines a second is 20 updates, not 20,000. */
export const batchMs = 50;

export interface JobViews {
  readonly store: StoreApi<Readonly<Record<string, JobView>>>;
  /** Replays the job and follows it while somebody holds on. What was read is kept. */
  follow(jobId: string): () => void;
  /** The connection was lost and is back: goes on after what was read. */
  resume(): void;
  forget(jobId: string): void;
}

export function createJobViews(client: PtahClient): JobViews {
  const store = createStore<Readonly<Record<string, JobView>>>(() => ({}));
  const followers = new Map<string, number>();
  const running = new Map<string, AbortController>();

  const change = (jobId: string, by: (view: JobView) => JobView) =>
    store.setState(state => ({ ...state, [jobId]: by(state[jobId] ?? emptyJobView(jobId)) }));

  async function read(jobId: string, signal: AbortSignal): Promise<void> {
    let batch: JobEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | null = null;
    const flush = () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      const events = batch;
      batch = [];
      if (events.length > 0) change(jobId, view => addEvents(view, events));
    };
    try {
      const after = store.getState()[jobId]?.seq ?? 0;
      for await (const item of client.stream('activity.follow', { jobId, after }, { signal })) {
        batch.push(item);
        timer ??= setTimeout(flush, batchMs);
      }
      flush();
      if (!signal.aborted) change(jobId, view => ({ ...view, ended: true, error: null }));
    } catch (thrown) {
      flush();
      if (!signal.aborted) change(jobId, view => ({ ...view, error: toFailure(thrown) }));
    }
  }

  function start(jobId: string): void {
    if (running.has(jobId) || store.getState()[jobId]?.ended === true) return;
    const controller = new AbortController();
    running.set(jobId, controller);
    void read(jobId, controller.signal).finally(() => {
      if (running.get(jobId) === controller) running.delete(jobId);
    });
  }

  return {
    store,
    follow(jobId) {
      followers.set(jobId, (followers.get(jobId) ?? 0) + 1);
      if (store.getState()[jobId] === undefined) change(jobId, view => view);
      start(jobId);
      let holding = true;
      return () => {
        if (!holding) return;
        holding = false;
        const left = (followers.get(jobId) ?? 1) - 1;
        followers.set(jobId, left);
        if (left > 0) return;
        running.get(jobId)?.abort();
        running.delete(jobId);
      };
    },
    resume() {
      for (const [jobId, count] of followers) {
        if (count === 0) continue;
        running.get(jobId)?.abort();
        running.delete(jobId);
        start(jobId);
      }
    },
    forget: jobId =>
      store.setState(state => Object.fromEntries(Object.entries(state).filter(([id]) => id !== jobId)), true),
  };
}
