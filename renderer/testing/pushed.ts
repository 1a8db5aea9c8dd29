/** A stream whose items a test pushes while it is read. */
export interface Pushed<T> {
  open(signal: AbortSignal): AsyncIterable<T>;
  /** To whoever reads; to the next reader when nobody does. */
  push(item: T): void;
  fail(error: Error): void;
  opened(): number;
  readers(): number;
}

export function createPushed<T>(): Pushed<T> {
  let waiting: (T | Error)[] = [];
  let wake: () => void = () => undefined;
  let opened = 0;
  let readers = 0;
  async function* read(signal: AbortSignal): AsyncGenerator<T> {
    opened += 1;
    readers += 1;
    try {
      while (!signal.aborted) {
        const [item, ...rest] = waiting;
        if (item === undefined) {
          await new Promise<void>(resolve => {
            wake = resolve;
            signal.addEventListener('abort', () => resolve());
          });
          continue;
        }
        waiting = rest;
        if (item instanceof Error) throw item;
        yield item;
      }
    } finally {
      readers -= 1;
    }
  }
  const put = (item: T | Error) => {
    waiting.push(item);
    wake();
  };
  return { open: read, push: put, fail: put, opened: () => opened, readers: () => readers };
}
