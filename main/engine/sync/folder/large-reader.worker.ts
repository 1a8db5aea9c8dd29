// A thread that reads large files and hashes what it reads, a piece for each time that it is asked for one.
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { ReadAnswer, ReadRequest } from './large-reader.ts';

interface OpenFile {
  readonly descriptor: number;
  readonly hash: Hash;
}

const files = new Map<number, OpenFile>();

parentPort?.on('message', (request: ReadRequest) => {
  try {
    if (request.ask === 'open') open(request);
    else if (request.ask === 'close') close(request.id);
    else read(request);
  } catch (error) {
    close(request.id);
    answer({ id: request.id, failure: (error as Error).message });
  }
});

function open({ id, path }: Extract<ReadRequest, { ask: 'open' }>): void {
  files.set(id, { descriptor: openSync(path, 'r'), hash: createHash('sha256') });
}

function read({ id, memory }: Extract<ReadRequest, { ask: 'piece' }>): void {
  const file = files.get(id);
  if (file === undefined) return;
  const { descriptor, hash } = file;
  const bytes = new Uint8Array(memory);
  const length = readSync(descriptor, bytes);
  if (length === 0) {
    const found = hash.digest('hex');
    close(id);
    return answer({ id, hash: found });
  }
  hash.update(bytes.subarray(0, length));
  answer({ id, length, memory });
}

function close(id: number): void {
  const file = files.get(id);
  files.delete(id);
  if (file !== undefined) closeSync(file.descriptor);
}

function answer(given: ReadAnswer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin, unlike a window
  parentPort?.postMessage(given);
}
