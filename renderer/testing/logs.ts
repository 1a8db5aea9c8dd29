import type { LogLevel, LogRow, LogSource, LogStatus, LogView } from '../../preload/contract/logs.ts';
import { FakeFailure, never, openFeed, type Answers, type Feeds } from './fake-client.ts';

const source = (workload: string, pod: string, change: Partial<LogSource> = {}): LogSource => ({
  key: `pod/shop/${workload}-${pod}/${workload}`,
  group: `workload/shop/Deployment/${workload}`,
  groupLabel: workload,
  kind: 'container',
  label: `${workload} ${pod.slice(-5)}`,
  namespace: 'shop',
  workload: { kind: 'Deployment', name: workload },
  pod: `${workload}-${pod}`,
  container: workload,
  init: false,
  image: `${workload}:b3c3fbc`,
  jobId: null,
  state: 'following',
  message: null,
  restarts: 0,
  lines: 0,
  bytes: 0,
  dropped: 0,
  ...change,
});

export const logSources: readonly LogSource[] = [
  source('api', '7c9f6d5b8-2xk4q'),
  source('api', '7c9f6d5b8-m8vtz'),
  source('worker', '6b7d8f9c5-tz9kd', { restarts: 3, dropped: 1_204 }),
  source('web', '6f5d7c8b9-d7xrw'),
  source('mariadb', '0', {
    label: 'mariadb',
    state: 'retrying',
    message: 'Not allowed: get pods/log in shop',
  }),
  {
    ...source('api', 'build'),
    key: 'build/job-1/api',
    group: 'build/api',
    groupLabel: 'build api',
    kind: 'build',
    label: 'build api',
    pod: null,
    container: null,
    state: 'ended',
    jobId: 'job-1',
  },
];

const texts: readonly (readonly [number, LogLevel, string])[] = [
  [0, 'info', 'GET /cart/8841 200 11ms'],
  [3, 'info', '10.244.1.7 "POST /api/cart/8841/items" 201 38'],
  [1, 'info', 'POST /cart/8841/items 201 24ms sku=MUG-11 qty=2'],
  [
    2,
    'info',
    '{"level":"info","msg":"order queued","order":5190,"items":3,"total":41.7,"customer":{"id":17,"city":"Köln"},"tags":["gift","日本"]}',
  ],
  [
    0,
    'none',
    '\u001b[32mINFO\u001b[0m:     10.244.0.9:52114 - "\u001b[1mGET /healthz HTTP/1.1\u001b[0m" \u001b[38;5;208m200 OK\u001b[0m',
  ],
  [2, 'warn', 'order 5190: payment gateway slow, 1204 ms, retry 1 of 3'],
  [1, 'error', 'POST /cart/8841/checkout 500 sqlalchemy.exc.OperationalError: (2006) Server has gone away'],
  [1, 'info', 'pool: reconnected to mariadb:3306 after 1 attempt'],
  [0, 'debug', `cache: ${'miss key=cart:8841:items '.repeat(30)}`],
  [5, 'none', '#9 [4/6] RUN pip install --no-cache-dir -r requirements.txt'],
];

/** Line number `at` of the sample log, the same each time. */
function lineAt(at: number): Omit<LogRow, 'row' | 'match'> {
  const [of, level, text] = texts[at % texts.length] ?? [0, 'info', ''];
  return {
    seq: at,
    source: logSources[of]?.key ?? '',
    at: new Date(Date.UTC(2026, 0, 2, 3, 4, 5) + at * 37).toISOString().replace('Z', '000000Z'),
    level,
    text,
    length: text.length,
    cut: false,
    json: text.startsWith('{'),
  };
}

const runText: Readonly<Record<string, readonly (readonly [LogLevel, string])[]>> = {
  'c-1': [
    ['info', '[2026-01-02 03:04:05 +0000] [1] [INFO] Starting gunicorn 23.0.0'],
    ['info', '[2026-01-02 03:04:05 +0000] [1] [INFO] Listening at: http://0.0.0.0:8000 (1)'],
    ['none', 'GET /items 200 3.1 ms'],
    ['warn', '{"level":"warn","msg":"slow query","ms":412,"table":"items"}'],
  ],
  'c-2': [['error', 'celery: error: no module named worker']],
};

/** What the two containers wrote that were started by hand, as their own log shows it. */
function runRows({ scope, levels }: LogView): readonly LogRow[] {
  const id = scope.kind === 'run' ? scope.id : '';
  return (runText[id] ?? [])
    .map(([level, text], seq) => ({
      seq,
      source: `run/${id}`,
      at: `2026-01-02T03:04:0${seq}.000000000Z`,
      level,
      text,
      length: text.length,
      cut: false,
      json: text.startsWith('{'),
    }))
    .filter(({ level }) => levels === null || levels.includes(level))
    .map((line, row) => ({ ...line, row, match: true }));
}
function runStatus(view: LogView): Partial<LogStatus> {
  const id = view.scope.kind === 'run' ? view.scope.id : '';
  const lines = runText[id] ?? [];
  const of = (level: LogLevel): number => lines.filter(([one]) => one === level).length;
  return {
    end: runRows(view).length,
    matches: runRows(view).length,
    lines: lines.length,
    dropped: 0,
    levels: { error: of('error'), warn: of('warn'), info: of('info'), debug: 0, none: of('none') },
    sources: [
      source('api', '2xk4q', {
        key: `run/${id}`,
        group: 'run/api',
        groupLabel: 'run api',
        kind: 'run',
        label: 'run api 2xk4q',
        workload: null,
        pod: null,
        state: id === 'c-1' ? 'following' : 'ended',
        lines: lines.length,
      }),
    ],
  };
}

export interface FakeLog {
  readonly answers: Answers;
  readonly feeds: Feeds;
  /** More lines come, told to whoever watches. */
  grow(lines: number): void;
  readonly saved: { readonly path: string; readonly view: LogView; readonly overwrite: boolean }[];
}

/** A log of so many lines that filters, searches and grows. */
export function fakeLog(count: number, change: Partial<LogStatus> = {}): FakeLog {
  let lines = count;
  const saved: { path: string; view: LogView; overwrite: boolean }[] = [];
  const listeners = new Set<() => void>();
  const matching = (view: LogView): readonly number[] | null => {
    const { filter, levels, hidden } = view;
    if (filter === null && levels === null && hidden.length === 0) return null;
    const found: number[] = [];
    for (let at = 0; at < lines; at += 1) {
      const line = lineAt(at);
      const of = logSources.find(one => one.key === line.source);
      if (levels !== null && !levels.includes(line.level)) continue;
      if (hidden.includes(line.source) || hidden.includes(of?.group ?? '')) continue;
      if (filter !== null && line.text.toLowerCase().includes(filter.text.toLowerCase()) === filter.invert)
        continue;
      found.push(at);
    }
    return found;
  };
  const status = (view: LogView): LogStatus => {
    const found = matching(view)?.length ?? lines;
    const share = Math.floor(lines / logSources.length);
    return {
      at: '2026-01-02T03:04:05.000Z',
      generation: 1,
      first: 0,
      end: found,
      complete: true,
      progress: 1,
      problem: null,
      matches: found,
      lines,
      bytes: lines * 80,
      dropped: 1_204,
      oldest: '2026-01-02T03:04:05.000000000Z',
      levels: {
        error: Math.floor(lines / 10),
        warn: Math.floor(lines / 10),
        info: Math.floor(lines / 2),
        debug: Math.floor(lines / 10),
        none: Math.floor(lines / 5),
      },
      sources: logSources.map(one => ({ ...one, lines: share, bytes: share * 80 })),
      disconnected: null,
      ready: true,
      ...change,
      ...(view.scope.kind === 'run' && runStatus(view)),
    };
  };
  const rowsOf = (view: LogView, from: number, size: number): LogRow[] => {
    if (view.scope.kind === 'run') return runRows(view).slice(Math.max(0, from), from + size);
    const found = matching(view);
    const end = found?.length ?? lines;
    const rows: LogRow[] = [];
    for (let row = Math.max(0, from); row < Math.min(end, from + size); row += 1)
      rows.push({ ...lineAt(found === null ? row : (found[row] ?? 0)), row, match: true });
    return rows;
  };
  return {
    saved,
    grow(more) {
      lines += more;
      for (const tell of listeners) tell();
    },
    answers: {
      'logs.options': () => ({ tail: 2000, sinceSeconds: null, muted: [] }),
      'logs.setOptions': ({ options }) => options,
      'logs.clear': () => {
        lines = 0;
        for (const tell of listeners) tell();
        return { ok: true };
      },
      'logs.line': ({ seq }) => ({ text: lineAt(seq).text, length: lineAt(seq).length, next: null }),
      'logs.lines': ({ view, from, count: size }) => {
        const { generation, first, end } = status(view);
        const at = typeof from === 'number' ? from : Math.max(0, from.seq - size / 2);
        return { generation, first, end, rows: rowsOf(view, at, size) };
      },
      'logs.search': ({ view, pattern, levels, from, direction }) => {
        const all = rowsOf(view, 0, lines).filter(
          row =>
            (pattern === null || row.text.toLowerCase().includes(pattern.text.toLowerCase())) &&
            (levels === null || levels.includes(row.level)),
        );
        const after = all.findIndex(row => row.seq > (from ?? -1));
        const before = all.findLastIndex(row => row.seq < (from ?? Number.POSITIVE_INFINITY));
        const index = direction === 'next' ? Math.max(0, after) : before < 0 ? all.length - 1 : before;
        const hit = all[index];
        return {
          hit: hit === undefined ? null : { row: hit.row, seq: hit.seq, index: index + 1 },
          total: all.length,
          generation: 1,
          problem: null,
        };
      },
    },
    feeds: {
      'logs.watch': async function* ({ view }, signal) {
        while (!signal.aborted) {
          yield status(view);
          await new Promise<void>(resolve => {
            listeners.add(resolve);
            signal.addEventListener('abort', () => resolve());
          });
          listeners.clear();
        }
      },
      'logs.save': async function* ({ path, view, overwrite }) {
        saved.push({ path, view, overwrite });
        if (path.includes('there') && !overwrite)
          throw new FakeFailure(
            'already-there',
            `${path} is there already.`,
            'Choose another name, or replace it.',
          );
        yield { path, lines: status(view).end, bytes: lines * 80, done: true };
      },
    },
  };
}

const quiet = (sources: readonly LogSource[], change: Partial<LogStatus> = {}) =>
  fakeLog(0, { sources: [...sources], oldest: null, dropped: 0, ...change });
const [api] = logSources;
const states = {
  full: fakeLog(48_120),
  quiet: quiet(api === undefined ? [] : [api]),
  connecting: quiet(
    logSources.slice(0, 3).map(one => ({ ...one, state: 'connecting' })),
    { ready: false },
  ),
  forbidden: quiet([], { disconnected: 'Not allowed: list pods in namespace shop as dev-reader' }),
  none: quiet([]),
} as const;
export const logStates = Object.keys(states) as (keyof typeof states)[];
export const logWorld = (state: keyof typeof states): { answers: Answers; feeds: Feeds } => states[state];

/** A million lines, and 20,000 more every second: for measuring the window by itself. */
export function floodedLog(): FakeLog {
  const log = fakeLog(1_000_000);
  setInterval(() => log.grow(2_000), 100);
  return log;
}

/** An engine that does not answer about logs. */
export const silentLog: { answers: Answers; feeds: Feeds } = {
  answers: { 'logs.lines': never, 'logs.options': never },
  feeds: { 'logs.watch': (_, signal) => openFeed([], signal) },
};
