import type { SyncEvent } from '../types.ts';

/** So many lines are kept for a window that opens later. */
const kept = 2_000;

/** What sync did, newest last. */
export interface Feed {
  add(event: Omit<SyncEvent, 'seq' | 'at'> & { readonly at?: string }): void;
  follow(after: number, signal: AbortSignal): AsyncGenerator<SyncEvent>;
}

export function createFeed(): Feed {
  const ring: SyncEvent[] = [];
  const waiting = new Set<() => void>();
  let seq = 0;
  return {
    add(event) {
      seq += 1;
      ring.push({ at: new Date().toISOString(), ...event, seq });
      if (ring.length > kept) ring.shift();
      for (const wake of waiting) wake();
      waiting.clear();
    },
    async *follow(after, signal) {
      // a reader of an engine that is gone begins anew
      let seen = after > seq ? 0 : after;
      while (!signal.aborted) {
        const first = ring[0]?.seq ?? 0;
        const from = Math.max(0, seen + 1 - first);
        for (const event of ring.slice(from)) {
          if (event.seq <= seen) continue;
          seen = event.seq;
          yield event;
          if (signal.aborted) return;
        }
        if (seq > seen && ring.length > 0) continue;
        await new Promise<void>(resolve => {
          const wake = () => {
            signal.removeEventListener('abort', wake);
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
          signal.addEventListener('abort', wake, { once: true });
          if (signal.aborted) wake();
        });
      }
    },
  };
}
