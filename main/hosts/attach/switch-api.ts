import type { EventName } from '../../../preload/contract/index.ts';
import type { Api } from '../../api/index.ts';

export interface SwitchApi {
  readonly api: Api;
  /** Calls go to `backend` from now on; those that waited, too. Connections are told to start anew. */
  use(backend: Api): void;
  /** Calls wait for the next backend. */
  lose(): void;
}

/** An `Api` whose engine may change while windows are open. */
export function createSwitchApi(): SwitchApi {
  const listeners = new Map<(event: EventName, payload: unknown) => void, (() => void) | null>();
  const resets = new Set<() => void>();
  let current: Api | null = null;
  let next = Promise.withResolvers<Api>();

  return {
    api: {
      handle: async (method, input, context) =>
        (current ?? (await untilAborted(next.promise, context.signal))).handle(method, input, context),
      open(stream, input, context) {
        if (current) return current.open(stream, input, context);
        const backend = untilAborted(next.promise, context.signal);
        return {
          async *[Symbol.asyncIterator]() {
            yield* (await backend).open(stream, input, context);
          },
        };
      },
      onEvent(listener) {
        listeners.set(listener, current?.onEvent(listener) ?? null);
        return () => {
          listeners.get(listener)?.();
          listeners.delete(listener);
        };
      },
      onReset(listener) {
        resets.add(listener);
        return () => void resets.delete(listener);
      },
    },
    use(backend) {
      const isFirst = current === null && listeners.size === 0;
      current = backend;
      for (const [listener, stop] of listeners) {
        stop?.();
        listeners.set(listener, backend.onEvent(listener));
      }
      next.resolve(backend);
      if (!isFirst) Array.from(resets).forEach(reset => reset());
    },
    lose() {
      for (const [listener, stop] of listeners) {
        stop?.();
        listeners.set(listener, null);
      }
      if (current === null) return;
      current = null;
      next = Promise.withResolvers();
    },
  };
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
