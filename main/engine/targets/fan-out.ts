import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import { PtahError } from '../errors/index.ts';

/** One of several readers of a stream. */
export interface Branch {
  readonly stream: PassThrough;
  /** Takes this reader out; the others go on. */
  drop(error: Error): void;
}

export interface FanOutOptions {
  readonly branches: number;
  /** What a reader may lag behind before it holds the others back. */
  readonly bufferBytes?: number;
  /** A reader that takes nothing for so long is dropped, lest one node stops all (k3d's multi-writer has no such exit). */
  readonly stallMs?: number;
  readonly onBytes?: (branch: number, sent: number) => void;
}

/** Gives every byte of `source` to each branch, at the pace of the slowest that still reads. */
export function fanOut(
  source: Readable,
  options: FanOutOptions,
): { readonly branches: readonly Branch[]; readonly done: Promise<void> } {
  const { bufferBytes = 8 * 1024 * 1024, stallMs = 60_000, onBytes } = options;
  const streams = Array.from(
    { length: options.branches },
    () => new PassThrough({ highWaterMark: bufferBytes }),
  );
  const sent = streams.map(() => 0);
  // A dropped branch is destroyed; its reader sees the error, we need no crash for it.
  for (const stream of streams) stream.on('error', () => undefined);

  async function give(stream: PassThrough, index: number, chunk: Uint8Array): Promise<void> {
    if (stream.destroyed) return;
    const taken = stream.write(chunk);
    sent[index] = (sent[index] ?? 0) + chunk.length;
    onBytes?.(index, sent[index]);
    if (taken) return;
    const timeout = AbortSignal.timeout(stallMs);
    const closed = new AbortController();
    const close = (): void => closed.abort();
    stream.once('close', close);
    await once(stream, 'drain', { signal: AbortSignal.any([timeout, closed.signal]) }).catch(() => undefined);
    stream.off('close', close);
    if (timeout.aborted && stream.writableNeedDrain)
      stream.destroy(new PtahError('node-stalled', `The node took no data for ${stallMs} ms.`));
  }

  async function pump(): Promise<void> {
    try {
      for await (const chunk of source) {
        if (streams.every(stream => stream.destroyed)) break;
        await Promise.all(streams.map((stream, index) => give(stream, index, chunk as Uint8Array)));
      }
      for (const stream of streams) if (!stream.destroyed) stream.end();
    } catch (error) {
      // Half an archive must not look like a whole one.
      for (const stream of streams) stream.destroy(error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      source.destroy();
    }
  }

  return {
    branches: streams.map(stream => ({ stream, drop: (error: Error) => void stream.destroy(error) })),
    done: pump(),
  };
}
