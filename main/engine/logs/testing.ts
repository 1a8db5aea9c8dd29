import type { Activity } from '../activity/index.ts';
import type { DeployEvent } from '../deploy/index.ts';
import type { Cluster } from '../cluster/index.ts';
import type { RunFeed } from './follow-runs.ts';
import type { LogStore, NewLine } from './log-store.ts';
import { formatMoment } from './timestamp.ts';

/** Numbers that look random and are the same each time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function newLine(text: string, seconds = 1_767_323_045, nanos = 0): NewLine {
  const bytes = Buffer.from(text);
  return { bytes, start: 0, end: bytes.length, seconds, nanos };
}

/** Everything that a store holds, as text. */
export function textsOf(store: LogStore): string[] {
  return store.tables.flatMap(table =>
    Array.from({ length: table.count }, (_, index) =>
      table.text.toString('utf8', table.start(index), table.end(index)),
    ),
  );
}

interface FakeInstance {
  readonly lines: { readonly at: number; readonly text: string }[];
  ended: boolean;
}

/** The log of one container as a kubelet gives it, over connections that break wherever `random` says. */
export interface FakeLog {
  readonly cluster: Pick<Cluster, 'fetch'>;
  readonly requests: readonly string[];
  /** `at` in nanoseconds since `baseSecond`. */
  write(text: string, at: number): void;
  /** Ends the instance; the next `write` is of a new one where `again` says so. */
  end(again: boolean): void;
  readonly restarts: number;
  readonly running: boolean;
}

export const baseSecond = 1_767_323_045;

export function fakeLog(random: () => number, cutEvery: number): FakeLog {
  const instances: FakeInstance[] = [{ lines: [], ended: false }];
  const requests: string[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const tell of waiting) tell();
    waiting.clear();
  };
  const current = (): FakeInstance => instances.at(-1) as FakeInstance;

  async function* bytesOf(instance: FakeInstance, search: URLSearchParams): AsyncGenerator<Buffer> {
    const since = search.has('sinceTime')
      ? Date.parse(search.get('sinceTime') ?? '') / 1000 - baseSecond
      : null;
    const tail = search.get('tailLines');
    let at = tail === null ? 0 : Math.max(0, instance.lines.length - Number(tail));
    for (;;) {
      let text = '';
      for (; at < instance.lines.length && text.length < 20_000; at++) {
        const line = instance.lines[at];
        if (line === undefined || (since !== null && line.at / 1e9 < since)) continue;
        const seconds = Math.floor(line.at / 1e9);
        text += `${formatMoment(baseSecond + seconds, line.at - seconds * 1e9)} ${line.text}\n`;
      }
      if (text !== '') yield Buffer.from(text);
      else if (instance.ended || search.get('follow') !== 'true') return;
      else await new Promise<void>(resolve => waiting.add(resolve));
    }
  }

  return {
    requests,
    get restarts() {
      return instances.length - 1;
    },
    get running() {
      return !current().ended;
    },
    cluster: {
      async fetch(path, init) {
        requests.push(path);
        const search = new URL(path, 'http://fake').searchParams;
        const instance = search.get('previous') === 'true' ? instances.at(-2) : current();
        if (!instance)
          return new Response('{"message":"previous terminated container not found"}', { status: 400 });
        if (random() < 0.1) throw new Error('connection refused');
        const source = bytesOf(instance, search);
        // the last two seconds come again each time: now and then a connection has to live longer than they take
        let left = Math.floor(random() * cutEvery * (random() < 0.3 ? 10 : 1));
        const signal = init?.signal;
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            signal?.addEventListener('abort', () => controller.error(signal.reason), { once: true });
          },
          async pull(controller) {
            const { value, done } = await source.next();
            if (signal?.aborted) return;
            if (done) return controller.close();
            for (let from = 0; from < value.length;) {
              const to = Math.min(value.length, from + 1 + Math.floor(random() * 4_000), from + left);
              if (to > from) controller.enqueue(value.subarray(from, to));
              left -= to - from;
              from = to;
              if (left > 0) continue;
              // now and then an end like any other, in the middle of a line
              if (!instance.ended && random() < 0.3) return controller.close();
              return controller.error(new Error('socket hang up'));
            }
          },
        });
        return new Response(body);
      },
    },
    write(text, at) {
      current().lines.push({ at, text });
      wake();
    },
    end(again) {
      current().ended = true;
      if (again) instances.push({ lines: [], ended: false });
      wake();
    },
  };
}

/** Nothing is run by hand. */
export const noRuns: RunFeed = {
  list: async () => [],
  async *log() {},
  knows: () => false,
  onChange: () => () => {},
};

/** The activity of an engine in which nothing is done. */
export const noJobs: Pick<Activity<DeployEvent>, 'list' | 'follow' | 'onChange'> = {
  list: () => [],
  async *follow() {},
  onChange: () => () => {},
};
