import { setImmediate } from 'node:timers/promises';

/**
 * Work that can pause: it yields after each small piece. The file system is read synchronously (three times faster than through promises
 * for many small files), so pausing is what keeps a host's event loop answering.
 */
export type Pausable<T> = Generator<undefined, T, undefined>;

/** Runs the work to its end at once. */
export function runToEnd<T>(work: Pausable<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Runs the work in slices of a few milliseconds, letting everything else have its turn between them. */
export async function runInSlices<T>(
  work: Pausable<T>,
  signal?: AbortSignal,
  sliceMilliseconds = 8,
): Promise<T> {
  try {
    for (;;) {
      signal?.throwIfAborted();
      const end = performance.now() + sliceMilliseconds;
      do {
        const step = work.next();
        if (step.done) return step.value;
      } while (performance.now() < end);
      await setImmediate();
    }
  } finally {
    // A cancelled walk closes what it has open.
    work.return(undefined as never);
  }
}
