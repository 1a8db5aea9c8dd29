import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { finished } from 'node:stream/promises';
import type { Cluster } from '../../../main/engine/cluster/index.ts';
import type { LogPattern, LogView } from '../../../main/engine/logs/index.ts';
import type { WorkloadsSnapshot } from '../../../main/engine/workloads/index.ts';
import { timingOf } from '../measure.ts';
import { output } from '../processes.ts';
import type { Measured } from '../report.ts';
import { everything, openReading, whileWatchingTheLoop } from './reading.ts';

const LINES = 1_000_000;
const words = ['cart', 'order', 'payment', 'stock', 'mail'];

function lineOf(index: number): string {
  const word = words[index % words.length];
  const level = index % 1_000 === 0 ? 'ERROR' : index % 97 === 0 ? 'WARN' : 'INFO';
  return `${level} ${word}: GET /api/${word}/${index % 9973} 200 ${index % 83}ms request=${String(index).padStart(8, '0')} user=u-${index % 641}`;
}

/** An API server whose one pod has said a million lines. */
function million(): { readonly cluster: Cluster; readonly snapshot: WorkloadsSnapshot } {
  const fetch: Cluster['fetch'] = async (path, init) => {
    if (path.includes('follow=true')) {
      const silent = new ReadableStream<Uint8Array>({
        start(controller) {
          init?.signal?.addEventListener('abort', () => controller.close(), { once: true });
        },
      });
      return new Response(silent);
    }
    if (path.includes('previous=true')) return new Response('{}', { status: 400 });
    let index = 0;
    return new Response(
      new ReadableStream<Uint8Array>({
        pull(controller) {
          let text = '';
          for (const end = Math.min(LINES, index + 500); index < end; index++)
            text += `${new Date(1_767_323_045_000 + index).toISOString().slice(0, 23)}000000Z ${lineOf(index)}\n`;
          controller.enqueue(Buffer.from(text));
          if (index >= LINES) controller.close();
        },
      }),
    );
  };
  const container = {
    name: 'api',
    init: false,
    image: 'api:1',
    old: false,
    ours: true,
    state: 'running',
    status: 'Running',
    ready: true,
    restarts: 0,
    startedAt: '2026-01-02T03:04:05Z',
    containerId: 'c',
  } as const;
  const createdAt = '2026-01-02T03:04:05Z';
  const pod = {
    namespace: 'default',
    name: 'api-0',
    node: 'n',
    state: 'running',
    status: '',
    createdAt,
    restarts: 0,
    containers: [container],
  } as const;
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'api' };
  const snapshot: WorkloadsSnapshot = {
    at: createdAt,
    connected: true,
    disconnectedReason: null,
    services: [],
    workloads: [{ ref, state: 'running', status: '', ready: 1, desired: 1, createdAt, pods: [pod] }],
  };
  // only the log is ever asked of it
  return { cluster: { fetch } as Partial<Cluster> as Cluster, snapshot };
}

export async function filterOf(
  folder: string,
  rounds: number,
  say: (text: string) => void,
): Promise<Measured[]> {
  const reading = openReading(folder, async function* (signal) {
    yield million();
    await new Promise(resolve => signal.addEventListener('abort', resolve));
  });
  try {
    const began = performance.now();
    const taken = await whileWatchingTheLoop(async () => {
      while ((reading.status()?.end ?? 0) - (reading.status()?.first ?? 0) < LINES) await sleep(20);
    });
    const seconds = (performance.now() - began) / 1000;
    const kept = reading.status();
    say(`${LINES} lines taken in ${seconds.toFixed(1)} s`);
    const measured: Measured[] = [];
    const file = await fileOf(folder);
    const cases = [
      ['text, any case', { text: 'Payment', regex: false, matchCase: false }],
      ['text, same case, rare', { text: 'request=00777777', regex: false, matchCase: true }],
      ['regular expression', { text: 'cart/\\d+7 200 \\d{2}ms', regex: true, matchCase: false }],
    ] as const;
    for (const [name, pattern] of cases) {
      const first: number[] = [];
      const all: number[] = [];
      const grep: number[] = [];
      let worst = 0;
      let matches = 0;
      for (let round = 0; round <= rounds; round++) {
        // a view that was never asked for: two of one wording would be the same one
        const view: LogView = {
          ...everything,
          hidden: [`round ${round}`],
          filter: { ...pattern, invert: false, context: 0 },
        };
        const at = performance.now();
        let firstAt: number | null = null;
        const controller = new AbortController();
        const watched = await whileWatchingTheLoop(async () => {
          for (;;) {
            const rows = await reading.logs.lines({ view, from: -LINES, count: 1 });
            if (rows.end > rows.first && firstAt === null) firstAt = performance.now() - at;
            const done = await isComplete(reading.logs, view, controller.signal);
            if (done !== null) {
              matches = done;
              return performance.now() - at;
            }
            await sleep(2);
          }
        });
        controller.abort();
        if (round === 0) continue;
        first.push(firstAt ?? Number.NaN);
        all.push(watched.result);
        grep.push(await grepOf(file, pattern));
        worst = Math.max(worst, watched.worst);
      }
      const expected = Array.from({ length: LINES }, (_, index) => index).filter(index =>
        pattern.regex
          ? new RegExp(pattern.text, 'i').test(lineOf(index))
          : pattern.matchCase
            ? lineOf(index).includes(pattern.text)
            : lineOf(index).toLowerCase().includes(pattern.text.toLowerCase()),
      ).length;
      if (matches !== expected) throw new Error(`${name}: ${matches} matches instead of ${expected}`);
      say(name);
      measured.push({
        what: `Filter ${LINES} lines: ${name}; first results`,
        timings: [timingOf('ours', first)],
        reach: { ours: 'ours', milliseconds: 100 },
      });
      measured.push({
        what: `Filter ${LINES} lines: ${name}; all of them`,
        timings: [timingOf('ours', all), timingOf('grep -c on a file', grep)],
        reach: { ours: 'ours', milliseconds: 1_000 },
        notes: [
          `${matches} matches, as a plain loop finds; the event loop was held up ${worst.toFixed(1)} ms at the most`,
        ],
      });
    }
    const rate = Math.round(LINES / seconds).toLocaleString('en');
    measured.push({
      what: 'A million lines taken in at the API’s border',
      timings: [timingOf('ours', [seconds * 1000])],
      notes: [
        `${rate} lines/s, ${Math.round((kept?.bytes ?? 0) / 1e6)} MB kept, ${kept?.dropped} dropped; the event loop was held up ${taken.worst.toFixed(1)} ms at the most, ${taken.p99.toFixed(1)} ms in 99 of 100 samples (the lines were made in this process, too)`,
      ],
    });
    return measured;
  } finally {
    await reading.close();
  }
}

/** Matches when the view has looked at everything, else null. */
async function isComplete(
  logs: ReturnType<typeof openReading>['logs'],
  view: LogView,
  signal: AbortSignal,
): Promise<number | null> {
  for await (const status of logs.watch(view, signal)) return status.progress === 1 ? status.matches : null;
  return null;
}

/** The same lines as a file, as `kubectl logs > file` would leave them. */
async function fileOf(folder: string): Promise<string> {
  const path = join(folder, 'million.log');
  const stream = createWriteStream(path);
  for (let index = 0; index < LINES; index += 5_000) {
    const lines = Array.from({ length: 5_000 }, (_, at) => `${lineOf(index + at)}\n`);
    if (!stream.write(lines.join(''))) await once(stream, 'drain');
  }
  stream.end();
  await finished(stream);
  return path;
}

async function grepOf(file: string, { text, regex, matchCase }: LogPattern): Promise<number> {
  const began = performance.now();
  await output('grep', ['-c', regex ? '-P' : '-F', ...(matchCase ? [] : ['-i']), '--', text, file]);
  return performance.now() - began;
}
