/** Items of one stream between the channel and the loop that takes them. */
export interface StreamBuffer<T> {
  push(items: readonly T[]): void;
  end(): void;
  fail(error: unknown): void;
  /** Like `fail`, but what was not taken yet is dropped. */
  abort(error: unknown): void;
  /** Taken once. Gives credit back as items are taken, half of it at a time. */
  items(): AsyncGenerator<T>;
}

/** Never holds more than the `credit` that was given: the other side stops there. */
export function createStreamBuffer<T>(credit: number, grant: (credit: number) => void): StreamBuffer<T> {
  let queue: T[] = [];
  let head = 0;
  let taken = 0;
  let finished: { readonly error?: unknown; readonly failed: boolean } | null = null;
  let wake: (() => void) | null = null;
  const half = Math.max(1, Math.floor(credit / 2));

  const woken = () => {
    wake?.();
    wake = null;
  };
  return {
    push(items) {
      if (finished) return;
      for (const item of items) queue.push(item);
      woken();
    },
    end() {
      finished ??= { failed: false };
      woken();
    },
    fail(error) {
      finished ??= { failed: true, error };
      woken();
    },
    abort(error) {
      queue = [];
      head = 0;
      finished = { failed: true, error };
      woken();
    },
    async *items() {
      for (;;) {
        while (head < queue.length) {
          const item = queue[head++] as T;
          if (head === queue.length || head > 1024) {
            queue = queue.slice(head);
            head = 0;
          }
          yield item;
          taken++;
          if (taken >= half && !finished) {
            grant(taken);
            taken = 0;
          }
        }
        if (finished) {
          if (finished.failed) throw finished.error;
          return;
        }
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      }
    },
  };
}
