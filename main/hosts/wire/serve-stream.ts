import { approximateSize } from './approximate-size.ts';

export interface StreamOutlet {
  /** Items that may be sent before the view grants more. */
  readonly credit: number;
  open(signal: AbortSignal): AsyncIterable<unknown>;
  items(items: readonly unknown[]): void;
  end(): void;
  fail(error: unknown): void;
  /** Bytes that the channel has not got rid of. */
  backlog(): number;
}

export interface ServedStream {
  start(): void;
  grant(credit: number): void;
  /** Stops the source. Nothing is sent any more. */
  close(): void;
}

const flushMs = 16;
const flushBytes = 64 * 1024;
const congestedBytes = 1024 * 1024;
const mostCredit = 20_000;

/**
 * Sends a source's items in batches and asks the source for an item only when the view can take it: a slow view slows
 * its source, not the window. A lone item leaves at once; under load a batch leaves every 16 ms or 64 KB.
 */
export function serveStream(outlet: StreamOutlet): ServedStream {
  const controller = new AbortController();
  const state = { credit: Math.min(outlet.credit, mostCredit), over: false };
  let batch: unknown[] = [];
  let batchBytes = 0;
  let lastFlush = -Infinity;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let wake: (() => void) | null = null;
  let iterator: AsyncIterator<unknown> | null = null;

  function flush() {
    if (timer) clearTimeout(timer);
    timer = null;
    if (batch.length === 0 || state.over) return;
    const items = batch;
    batch = [];
    batchBytes = 0;
    lastFlush = performance.now();
    outlet.items(items);
  }
  function add(item: unknown) {
    batch.push(item);
    batchBytes += approximateSize(item, flushBytes);
    if (batchBytes >= flushBytes || state.credit === 0) return flush();
    // one turn of the loop gathers what is there already
    timer ??= setTimeout(flush, Math.max(0, lastFlush + flushMs - performance.now()));
  }
  async function mayPull() {
    while (!state.over && state.credit === 0) {
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
    while (!state.over && outlet.backlog() > congestedBytes) {
      await new Promise(resolve => setTimeout(resolve, flushMs));
    }
    return !state.over;
  }
  /** Exactly once, also when the source ends while it is being closed. */
  function finish(tell: () => void) {
    if (state.over) return;
    flush();
    state.over = true;
    controller.abort(new DOMException('The stream ended.', 'AbortError'));
    tell();
  }

  /** A source that waits in `next` ends by the signal; `return` reaches one that is between two items. */
  function leave() {
    Promise.resolve(iterator?.return?.()).catch(() => undefined);
  }

  async function pump() {
    try {
      iterator = outlet.open(controller.signal)[Symbol.asyncIterator]();
      while (await mayPull()) {
        const result = await iterator.next();
        if (state.over) break;
        if (result.done) return finish(() => outlet.end());
        state.credit--;
        add(result.value);
      }
    } catch (error) {
      finish(() => outlet.fail(error));
      leave();
    }
  }

  return {
    start: () => void pump(),
    grant(more) {
      state.credit = Math.min(state.credit + more, mostCredit);
      wake?.();
      wake = null;
    },
    close() {
      if (state.over) return;
      state.over = true;
      batch = [];
      if (timer) clearTimeout(timer);
      controller.abort(new DOMException('The view left the stream.', 'AbortError'));
      wake?.();
      leave();
    },
  };
}
