import { Worker } from 'node:worker_threads';
import { PtahError } from '../errors/index.ts';
import type { ScanRequest } from './scan.ts';

/** Looks through lines on a thread of its own. */
export interface Scanner {
  /** Rejects with `pattern-too-slow` when it takes longer than the limit. */
  scan(request: ScanRequest): Promise<Uint32Array>;
  /** Starts the thread before it is needed: the first filter shall not wait for it. */
  warm(): void;
  close(): void;
}

interface Asked {
  readonly request: ScanRequest;
  resolve(seqs: Uint32Array): void;
  reject(error: unknown): void;
}

/** A table holds a megabyte: a pattern that needs so long for one would need minutes for all. */
const LIMIT_MS = 2_000;

/** One question at a time, so that the limit is that of the question and not of those before it. */
export function createScanner(limitMs = LIMIT_MS): Scanner {
  const waiting: Asked[] = [];
  let worker: Worker | null = null;
  let current: Asked | null = null;
  let timer: NodeJS.Timeout | undefined;
  let last = 0;
  let closed = false;

  const finish = (tell: (asked: Asked) => void): void => {
    clearTimeout(timer);
    const asked = current;
    current = null;
    if (asked) tell(asked);
    next();
  };
  const drop = (error: unknown): void => {
    const gone = worker;
    worker = null;
    gone?.removeAllListeners();
    void gone?.terminate();
    finish(asked => asked.reject(error));
  };
  const start = (): Worker => {
    const started = new Worker(new URL('./scan.worker.ts', import.meta.url));
    started.unref();
    started.on('message', ({ id, seqs, error }: { id: number; seqs?: Uint32Array; error?: string }) => {
      if (id !== last) return;
      if (seqs) finish(asked => asked.resolve(seqs));
      else finish(asked => asked.reject(new PtahError('pattern-invalid', error ?? 'The pattern failed.')));
    });
    started.once('error', drop);
    started.once('exit', () =>
      drop(new PtahError('unexpected', 'The thread that looks through logs ended.')),
    );
    return started;
  };
  function next(): void {
    if (current !== null || closed) return;
    current = waiting.shift() ?? null;
    if (current === null) return worker?.unref();
    worker ??= start();
    worker.ref();
    timer = setTimeout(
      () =>
        drop(
          new PtahError('pattern-too-slow', 'The pattern takes too long: it was given up.', {
            hint: 'Repetitions inside repetitions, such as (a+)+, try every way to divide a line. Say it more plainly.',
          }),
        ),
      limitMs,
    );
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin, unlike a window
    worker.postMessage({ id: ++last, request: current.request });
  }

  return {
    scan: request =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new PtahError('cancelled', 'The engine is closing.'));
        waiting.push({ request, resolve, reject });
        next();
      }),
    warm() {
      if (!closed) worker ??= start();
    },
    close() {
      closed = true;
      const error = new PtahError('cancelled', 'The engine is closing.');
      for (const asked of waiting.splice(0)) asked.reject(error);
      drop(error);
    },
  };
}
