import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { milliseconds } from './monotonic.ts';

export type ReadRequest =
  | { readonly ask: 'open'; readonly id: number; readonly path: string; readonly sureFrom: number }
  | { readonly ask: 'piece'; readonly id: number; readonly memory: SharedArrayBuffer }
  | { readonly ask: 'finish'; readonly id: number }
  | { readonly ask: 'close'; readonly id: number };

export type ReadAnswer =
  | { readonly id: number; readonly length: number; readonly memory: SharedArrayBuffer }
  /** Nothing follows. */
  | { readonly id: number; readonly length: 0 }
  | { readonly id: number; readonly hash: string }
  | { readonly id: number; readonly failure: string };

/** A piece of a file. */
export interface Piece {
  readonly bytes: Buffer;
  /** For whoever does not need the bytes any more: their memory is used again. */
  release(): void;
}

/** Pieces of a file, then the SHA-256 of all of them. */
export type HashedPieces = AsyncGenerator<Piece, string>;

/** Small enough that an edit elsewhere finds its place between two of them. */
const PIECE = 256 << 10;
/** So many are read ahead of whoever takes them. */
const AHEAD = 8;
const IDLE_MILLISECONDS = 30_000;

/** Memory of pieces that nobody needs: new memory for each would cost as much as hashing a third of it. */
const spare: SharedArrayBuffer[] = [];

interface Thread {
  readonly worker: Worker;
  readonly answers: Map<number, (answer: ReadAnswer) => void>;
}

let thread: Thread | null = null;
let idle: NodeJS.Timeout | undefined;
let users = 0;
let count = 0;
/** A machine where threads do not start does without them. */
let failed = false;

/** Starts the thread that reads: it takes as long as a small file would, so best while one still waits for the end of a large one. */
export function warmLargeReader(): void {
  if (failed) return;
  clearTimeout(idle);
  thread ??= start();
  if (users === 0) idle = setTimeout(stop, IDLE_MILLISECONDS).unref();
}

/**
 * Reads and hashes a file on a thread of its own: hashing a large one takes a quarter of the time of sending it, and would keep the
 * bytes from going on their way meanwhile.
 *
 * What is written before `sureFrom` (of the shared clock) may leave the times of the file as they are. What is read before is read once
 * more after it, and fails where it is something else.
 */
export async function* readHashed(path: string, signal: AbortSignal, sureFrom = 0): HashedPieces {
  if (failed) return yield* readHashedHere(path, signal, sureFrom);
  clearTimeout(idle);
  thread ??= start();
  const { worker, answers } = thread;
  const id = ++count;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin, unlike a window
  const ask = (request: ReadRequest): void => worker.postMessage(request);
  const given: ReadAnswer[] = [];
  let wake = (): void => {};
  answers.set(id, answer => {
    given.push(answer);
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  users += 1;
  worker.ref();
  let over = false;
  let isRead = false;
  try {
    ask({ ask: 'open', id, path, sureFrom });
    for (let pieces = 0; pieces < AHEAD; pieces++) ask({ ask: 'piece', id, memory: memoryOfPiece() });
    for (;;) {
      signal.throwIfAborted();
      const answer = given.shift();
      if (answer === undefined) {
        await new Promise<void>(resolve => (wake = resolve));
        continue;
      }
      over = !('length' in answer);
      if ('failure' in answer) throw new Error(answer.failure);
      if ('hash' in answer) return answer.hash;
      if (!('memory' in answer)) {
        if (!isRead) {
          await until(sureFrom, signal);
          ask({ ask: 'finish', id });
        }
        isRead = true;
        continue;
      }
      const { length, memory } = answer;
      yield { bytes: Buffer.from(memory, 0, length), release: () => keep(memory) };
      ask({ ask: 'piece', id, memory: memoryOfPiece() });
    }
  } finally {
    if (!over) ask({ ask: 'close', id });
    answers.delete(id);
    signal.removeEventListener('abort', onAbort);
    users -= 1;
    if (answers.size === 0) worker.unref();
    if (users === 0) idle = setTimeout(stop, IDLE_MILLISECONDS).unref();
  }
}

async function* readHashedHere(path: string, signal: AbortSignal, sureFrom: number): HashedPieces {
  await until(sureFrom, signal);
  const hash = createHash('sha256');
  const pieces: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: PIECE, signal });
  for await (const bytes of pieces) {
    hash.update(bytes);
    yield { bytes, release: () => {} };
  }
  return hash.digest('hex');
}

const until = (time: number, signal: AbortSignal): Promise<void> =>
  sleep(Math.max(0, time - milliseconds()), undefined, { signal });

const memoryOfPiece = (): SharedArrayBuffer => spare.pop() ?? new SharedArrayBuffer(PIECE);

function keep(memory: SharedArrayBuffer): void {
  if (spare.length < 4 * AHEAD) spare.push(memory);
}

function start(): Thread {
  const worker = new Worker(new URL('./large-reader.worker.ts', import.meta.url));
  const started: Thread = { worker, answers: new Map() };
  worker.unref();
  worker.on('message', (answer: ReadAnswer) => started.answers.get(answer.id)?.(answer));
  const end = (why: string): void => {
    if (thread === started) thread = null;
    for (const [id, tell] of started.answers) tell({ id, failure: why });
  };
  worker.on('error', error => {
    failed = true;
    end(error instanceof Error ? error.message : String(error));
  });
  worker.once('exit', () => end('The thread that reads large files has ended.'));
  return started;
}

function stop(): void {
  const old = thread;
  thread = null;
  spare.length = 0;
  void old?.worker.terminate();
}
