import { createReadStream, type WriteStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { JobEvent } from './types.ts';

/** Bytes of events kept in memory per running job; what is older is read back from its file. */
const defaultBudget = 8 * 1024 * 1024;

/**
 * The events of one job: all of them in a file, the newest also in memory. Without a disk to write to, the memory's share
 * is all there is, and a reader that comes late starts with the oldest that is left.
 */
export interface EventLog<Event> {
  append(event: Event, at: string): void;
  /** Ends the writing and gives the memory back: from then on readers use the file. */
  finish(): Promise<void>;
  follow(after: number, signal?: AbortSignal): AsyncGenerator<JobEvent<Event>>;
  readonly last: number;
}

export function createEventLog<Event>(file: string, budget = defaultBudget): EventLog<Event> {
  let recent: { item: JobEvent<Event>; bytes: number }[] = [];
  let bytes = 0;
  let last = 0;
  let ended = false;
  let diskFailed = false;
  let wake: (() => void)[] = [];
  const output: WriteStream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  output.on('error', () => (diskFailed = true));

  const first = () => last - recent.length + 1;
  const wakeAll = () => {
    const waiting = wake;
    wake = [];
    for (const resolve of waiting) resolve();
  };
  const flushed = () =>
    new Promise<void>(resolve => {
      if (diskFailed || output.closed) resolve();
      else output.write('', () => resolve());
    });

  return {
    get last() {
      return last;
    },
    append(event, at) {
      if (ended) return;
      const item = { seq: ++last, at, event };
      const line = JSON.stringify(item);
      recent.push({ item, bytes: line.length });
      bytes += line.length;
      if (!diskFailed) output.write(`${line}\n`);
      // by halves, so that a full memory does not shift an array at every event
      if (bytes > budget) {
        let drop = 0;
        while (bytes > budget / 2 && drop < recent.length - 1) bytes -= recent[drop++]!.bytes;
        recent = recent.slice(drop);
      }
      wakeAll();
    },
    async finish() {
      ended = true;
      wakeAll();
      if (!diskFailed) {
        output.end();
        await once(output, 'close').catch(() => {});
      }
      if (!diskFailed) recent = [];
    },
    async *follow(after, signal) {
      let next = after + 1;
      signal?.addEventListener('abort', wakeAll, { once: true });
      const stopped = () => signal?.aborted === true;
      while (!stopped()) {
        if (next < first()) {
          await flushed();
          const began = next;
          for await (const item of readEvents<Event>(file, next, signal)) {
            yield item;
            next = item.seq + 1;
            if (next >= first() && recent.length > 0) break;
          }
          // the file can't give it: go on with the oldest that is left
          if (next === began) next = Math.max(next, first());
          continue;
        }
        const held = recent[next - first()];
        if (held) {
          yield held.item;
          next++;
          continue;
        }
        if (ended) return;
        await new Promise<void>(resolve => wake.push(resolve));
      }
    },
  };
}

/** The events of a finished job's file from `from` on. A line that was cut off by a crash ends it. */
export async function* readEvents<Event>(
  file: string,
  from: number,
  signal?: AbortSignal,
): AsyncGenerator<JobEvent<Event>> {
  const input = createReadStream(file);
  const failed = new Promise<void>(resolve => input.once('error', () => resolve()));
  const lines = createInterface({ input, crlfDelay: Infinity });
  void failed.then(() => lines.close());
  try {
    for await (const line of lines) {
      if (signal?.aborted) return;
      const item = parse<Event>(line);
      if (!item) return;
      if (item.seq >= from) yield item;
    }
  } finally {
    lines.close();
    input.destroy();
  }
}

function parse<Event>(line: string): JobEvent<Event> | null {
  try {
    const item = JSON.parse(line) as JobEvent<Event>;
    return typeof item.seq === 'number' ? item : null;
  } catch {
    return null;
  }
}
