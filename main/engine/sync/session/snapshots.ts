import { setTimeout as sleep } from 'node:timers/promises';
import type { SyncSnapshot } from '../types.ts';

/** A snapshot is given at most so often. */
const snapshotMs = 100;

/** Gives whoever watches a snapshot at once, and one after every change. */
export function createSnapshots(take: () => SyncSnapshot) {
  const viewers = new Set<() => void>();
  return {
    /** Whether somebody watches. */
    isWatched: () => viewers.size > 0,
    /** Something that a snapshot shows is different now. */
    notify() {
      for (const wake of viewers) wake();
    },
    /** `begun` is called as soon as it counts as watched. */
    async *watch(signal: AbortSignal, begun: () => void): AsyncGenerator<SyncSnapshot> {
      let wake: (() => void) | null = null;
      let dirty = true;
      const onChange = () => {
        dirty = true;
        wake?.();
      };
      viewers.add(onChange);
      signal.addEventListener('abort', onChange, { once: true });
      begun();
      try {
        while (!signal.aborted) {
          if (!dirty) await new Promise<void>(done => (wake = done));
          wake = null;
          if (signal.aborted) return;
          dirty = false;
          yield take();
          await sleep(snapshotMs, undefined, { signal }).catch(() => {});
        }
      } finally {
        viewers.delete(onChange);
      }
    },
  };
}
