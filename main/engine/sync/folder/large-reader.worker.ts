// A thread that reads large files and hashes what it reads, a piece for each time that it is asked for one.
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { milliseconds } from './monotonic.ts';
import type { ReadAnswer, ReadRequest } from './large-reader.ts';

interface OpenFile {
  readonly descriptor: number;
  readonly hash: Hash;
  readonly sureFrom: number;
  /** The beginning, as far as it was read before it was sure. */
  unsure: { readonly hash: Hash; readonly length: number } | null;
  length: number;
}

const files = new Map<number, OpenFile>();

parentPort?.on('message', (request: ReadRequest) => {
  try {
    if (request.ask === 'open') open(request);
    else if (request.ask === 'close') close(request.id);
    else if (request.ask === 'finish') finish(request.id);
    else read(request);
  } catch (error) {
    close(request.id);
    answer({ id: request.id, failure: (error as Error).message });
  }
});

function open({ id, path, sureFrom }: Extract<ReadRequest, { ask: 'open' }>): void {
  const hash = createHash('sha256');
  files.set(id, { descriptor: openSync(path, 'r'), hash, sureFrom, unsure: null, length: 0 });
}

function read({ id, memory }: Extract<ReadRequest, { ask: 'piece' }>): void {
  const file = files.get(id);
  if (file === undefined) return;
  const bytes = new Uint8Array(memory);
  const isSure = milliseconds() >= file.sureFrom;
  const length = readSync(file.descriptor, bytes, 0, bytes.length, file.length);
  if (length === 0) return answer({ id, length });
  file.hash.update(bytes.subarray(0, length));
  file.length += length;
  if (!isSure) file.unsure = { hash: file.hash.copy(), length: file.length };
  answer({ id, length, memory });
}

/** What was read before it was sure is read once more: somebody may have written it without another time of the file. */
function finish(id: number): void {
  const file = files.get(id);
  if (file === undefined) return;
  const { descriptor, hash, unsure } = file;
  const again = createHash('sha256');
  const bytes = Buffer.allocUnsafe(1 << 20);
  const most = unsure?.length ?? 0;
  for (let at = 0; at < most;) {
    const length = readSync(descriptor, bytes, 0, Math.min(bytes.length, most - at), at);
    if (length === 0) break;
    again.update(bytes.subarray(0, length));
    at += length;
  }
  const isSame = unsure === null || again.digest('hex') === unsure.hash.digest('hex');
  const found = hash.digest('hex');
  close(id);
  answer(isSame ? { id, hash: found } : { id, failure: 'It was written while it was read.' });
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
