import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ProbeAnswer, ProbeRequest } from './file-probe.ts';

/** One thread that answers probes in the order of asking. */
export interface ProbeThread {
  ask(request: Omit<ProbeRequest, 'id'>): Promise<ProbeAnswer>;
}

const MOST_THREADS = 3;
const IDLE_MILLISECONDS = 30_000;

let threads: ProbeThread[] | null = null;
let users = 0;
let idle: NodeJS.Timeout | undefined;
let workers: Worker[] = [];
/** A machine where threads do not start does without them. */
let failed = false;
// Asking the system each time shows where a walk asks for every directory.
let spare: number | undefined;

/** How many threads a look may have beside the one that it runs on. */
export function spareThreads(): number {
  spare ??= Math.min(availableParallelism() - 1, MOST_THREADS);
  return failed ? 0 : spare;
}

/** Whether threads from a look before are still there: starting one takes as long as reading some 5,000 files. */
export function areThreadsWarm(): boolean {
  return threads !== null;
}

/** Lends threads to `work`. They stay for half a minute after the last look, and never keep the process alive. */
export async function withThreads<T>(work: (threads: readonly ProbeThread[]) => Promise<T>): Promise<T> {
  clearTimeout(idle);
  users++;
  threads ??= Array.from({ length: spareThreads() }, startThread);
  try {
    return await work(threads);
  } finally {
    if (--users === 0) idle = setTimeout(stopThreads, IDLE_MILLISECONDS).unref();
  }
}

/** Ends the threads now. */
export function stopThreads(): void {
  clearTimeout(idle);
  for (const worker of workers) void worker.terminate();
  workers = [];
  threads = null;
}

function startThread(): ProbeThread {
  const worker = new Worker(new URL('./file-probe.worker.ts', import.meta.url));
  const waiting = new Map<number, { resolve(answer: ProbeAnswer): void; reject(error: unknown): void }>();
  let last = 0;
  let over: Error | null = null;
  worker.unref();
  workers.push(worker);
  const end = (error: Error): void => {
    over = error;
    for (const asked of waiting.values()) asked.reject(error);
    waiting.clear();
  };
  worker.on('error', error => {
    failed = true;
    threads = null;
    end(error instanceof Error ? error : new Error(String(error)));
  });
  worker.once('exit', () => end(new Error('the thread has ended')));
  worker.on('message', (answer: ProbeAnswer) => {
    waiting.get(answer.id)?.resolve(answer);
    waiting.delete(answer.id);
    if (waiting.size === 0) worker.unref();
  });
  return {
    ask: request =>
      new Promise((resolve, reject) => {
        if (over !== null) return reject(over);
        const id = ++last;
        waiting.set(id, { resolve, reject });
        worker.ref();
        const message: ProbeRequest = { ...request, id };
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin, unlike a window
        worker.postMessage(message);
      }),
  };
}
