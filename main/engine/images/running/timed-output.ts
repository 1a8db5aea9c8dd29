import { createDemultiplexer } from '../../docker/index.ts';

type Output = (stream: 'stdout' | 'stderr', bytes: Buffer, at: number) => void;

const space = 0x20;
/** `2026-01-02T03:04:05.123456789Z` and what follows it. */
const mostPrefix = 40;

/**
 * The log of a container as Docker gives it with `timestamps=1`: each frame begins with its moment, also the second part of a line
 * that Docker cut into several.
 */
export function createTimedDemultiplexer(onOutput: Output): (chunk: Buffer) => void {
  let prefix: Buffer | null = null;
  let at = Date.now();
  return createDemultiplexer((stream, bytes, isStart) => {
    if (isStart) prefix = Buffer.alloc(0);
    if (prefix === null) return onOutput(stream, bytes, at);
    prefix = Buffer.concat([prefix, bytes]);
    const end = prefix.indexOf(space);
    // a chunk may end in the middle of it
    if (end < 0 && prefix.length < mostPrefix) return;
    const moment = end < 0 || end > mostPrefix ? Number.NaN : Date.parse(prefix.toString('latin1', 0, end));
    const rest = Number.isNaN(moment) ? prefix : prefix.subarray(end + 1);
    if (!Number.isNaN(moment)) at = moment;
    prefix = null;
    if (rest.length > 0) onOutput(stream, rest, at);
  });
}
