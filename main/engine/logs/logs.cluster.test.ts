import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectTestCluster, shellImage, testNamespace } from '../cluster/testing.ts';
import type { Cluster } from '../cluster/index.ts';
import { watchWorkloads } from '../workloads/index.ts';
import {
  createProjectLogs,
  createScanner,
  type LogRow,
  type LogScope,
  type LogStatus,
  type LogView,
} from './index.ts';
import { noJobs, noRuns } from './testing.ts';

const PROJECT = 'logs-test';
let cluster: Cluster;
let image: string;
let space: Awaited<ReturnType<typeof testNamespace>>;
let folder: string;
const scanner = createScanner();

beforeAll(async () => {
  cluster = await connectTestCluster();
  image = await shellImage(cluster);
  space = await testNamespace(cluster, 'logs-test');
  folder = await mkdtemp(join(tmpdir(), 'ptah-logs-'));
});
afterAll(async () => {
  scanner.close();
  await space?.remove();
  await rm(folder, { recursive: true, force: true });
});

async function deploy(
  name: string,
  script: string,
  options: { replicas?: number; init?: string } = {},
): Promise<void> {
  const container = (one: string, text: string) => ({
    name: one,
    image,
    imagePullPolicy: 'Never',
    command: ['/bin/sh', '-c', text],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  });
  await cluster.apply(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: space.name, labels: { 'ptah-desktop/project': PROJECT } },
      spec: {
        replicas: options.replicas ?? 1,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            terminationGracePeriodSeconds: 0,
            volumes: [{ name: 'data', emptyDir: {} }],
            ...(options.init && { initContainers: [container('prepare', options.init)] }),
            containers: [container('main', script)],
          },
        },
      },
    },
    { force: true },
  );
}

const viewOf = (scope: LogScope, more: Partial<LogView> = {}): LogView => ({
  scope,
  hidden: [],
  levels: null,
  filter: null,
  ...more,
});
const workload = (name: string): LogScope => ({
  kind: 'workload',
  namespace: space.name,
  workload: { kind: 'Deployment', name },
});

function open(more: { tail?: number | null } = {}) {
  const logs = createProjectLogs({
    projectId: 'p-1',
    scanner,
    activity: noJobs,
    runs: noRuns,
    spillFolder: folder,
    options: { tail: more.tail === undefined ? null : more.tail, sinceSeconds: null, muted: [] },
    async *workloads(signal) {
      const query = {
        projectName: PROJECT,
        namespaces: [space.name],
        images: () => new Map<string, string>(),
      };
      for await (const snapshot of watchWorkloads(cluster, query, signal)) yield { cluster, snapshot };
    },
  });
  const controller = new AbortController();
  let status: LogStatus | null = null;
  const watch = (view: LogView) =>
    void (async () => {
      for await (const item of logs.watch(view, controller.signal)) status = item;
    })();
  return {
    logs,
    watch,
    status: () => status,
    async rows(view: LogView): Promise<LogRow[]> {
      const all: LogRow[] = [];
      let { first: from, end } = await logs.lines({ view, from: 0, count: 0 });
      while (from < end) {
        const answer = await logs.lines({ view, from, count: 5_000 });
        all.push(...answer.rows);
        from += 5_000;
        ({ end } = answer);
      }
      return all;
    },
    async close() {
      controller.abort();
      await logs.close();
    },
  };
}

const run = (number: number, lines: number) =>
  Array.from({ length: lines }, (_, index) => `run ${number} line ${index}`);
/** Counts its runs in a volume, so that each line exists once in the life of its pod. */
const counting = (after: string) =>
  `n=$(cat /data/n 2>/dev/null || echo 0); n=$((n+1)); echo $n > /data/n; i=0; while [ $i -lt 3000 ]; do echo "run $n line $i"; i=$((i+1)); done; ${after}`;

describe('logs', () => {
  test('of a container that is started again: every line once, in order, and its previous instance on demand', async () => {
    const view = viewOf(workload('counter'));
    const reading = open();
    reading.watch(view);
    await deploy('counter', counting('[ $n -lt 3 ] && exit 1; sleep 3600'), { init: 'echo prepared' });
    const expected = [...run(1, 3000), ...run(2, 3000), ...run(3, 3000)];
    await expect
      .poll(async () => (await reading.rows(view)).length, { timeout: 120_000, interval: 500 })
      .toBeGreaterThanOrEqual(9_001);
    const rows = await reading.rows(view);
    expect(rows.filter(({ source }) => source.endsWith('/prepare')).map(({ text }) => text)).toEqual([
      'prepared',
    ]);
    expect(rows.filter(({ source }) => source.endsWith('/main')).map(({ text }) => text)).toEqual(expected);
    expect(rows[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    const [pod] = (reading.status()?.sources ?? []).map(source => source.pod);
    const previous = viewOf({
      kind: 'container',
      namespace: space.name,
      pod: pod ?? '',
      container: 'main',
      previous: true,
    });
    reading.watch(previous);
    await expect
      .poll(async () => (await reading.rows(previous)).map(({ text }) => text), { timeout: 30_000 })
      .toEqual(run(2, 3000));
    expect((await reading.rows(view)).length).toBe(9_001);
    const late = open({ tail: 10 });
    late.watch(view);
    await expect
      .poll(async () => (await late.rows(view)).map(({ text }) => text), { timeout: 30_000 })
      .toEqual(['prepared', ...run(3, 3000).slice(-10)]);
    await Promise.all([reading.close(), late.close()]);
  });

  test('of pods that come while we look, and of those that went', async () => {
    const view = viewOf(workload('many'));
    const reading = open();
    reading.watch(view);
    await deploy('many', counting('while true; do echo tick; sleep 0.2; done'));
    const numbered = async () => (await reading.rows(view)).filter(({ text }) => text.startsWith('run'));
    await expect.poll(async () => (await numbered()).length, { timeout: 60_000 }).toBe(3_000);
    await deploy('many', counting('while true; do echo tick; sleep 0.2; done'), { replicas: 2 });
    await expect.poll(async () => (await numbered()).length, { timeout: 60_000 }).toBe(6_000);
    const sources = new Set((await numbered()).map(({ source }) => source));
    expect(sources.size).toBe(2);
    const [gone] = reading.status()?.sources ?? [];
    await cluster.remove({ apiVersion: 'v1', kind: 'Pod', namespace: space.name, name: gone?.pod ?? '' });
    await expect.poll(async () => (await numbered()).length, { timeout: 60_000 }).toBe(9_000);
    for (const source of new Set((await numbered()).map(row => row.source)))
      expect((await numbered()).filter(row => row.source === source).map(({ text }) => text)).toEqual(
        run(1, 3000),
      );
    await expect
      .poll(() => reading.status()?.sources.find(({ key }) => key === gone?.key)?.state, { timeout: 60_000 })
      .toBe('ended');
    await reading.close();
  });

  test('with a line of a megabyte, characters of four bytes, and levels; filtered, searched and exported', async () => {
    const view = viewOf(workload('odd'));
    const reading = open();
    reading.watch(view);
    await deploy(
      'odd',
      `echo start; head -c 1000000 /dev/zero | tr '\\0' x; echo; i=0; while [ $i -lt 500 ]; do echo "😀 straße $i"; i=$((i+1)); done; echo 'ERROR: it broke'; echo '{"level":"warn","n":1}'; printf '10%%\\r100%%\\r\\n'; printf 'crlf\\r\\n'; sleep 3600`,
    );
    await expect.poll(async () => (await reading.rows(view)).at(-1)?.text, { timeout: 60_000 }).toBe('crlf');
    const rows = await reading.rows(view);
    expect(rows).toHaveLength(506);
    expect(rows[1]).toMatchObject({ length: 1_000_000, cut: true });
    expect(rows.slice(2, 502).map(({ text }) => text)).toEqual(
      Array.from({ length: 500 }, (_, index) => `😀 straße ${index}`),
    );
    expect(rows.slice(502).map(({ text, level, json }) => [text, level, json])).toEqual([
      ['ERROR: it broke', 'error', false],
      ['{"level":"warn","n":1}', 'warn', true],
      ['100%', 'none', false],
      ['crlf', 'none', false],
    ]);
    const filter = { text: 'broke', regex: false, matchCase: true, invert: false, context: 1 };
    const filtered = async () =>
      (await reading.rows({ ...view, filter })).map(({ text, match }) => [text, match]);
    await expect.poll(filtered).toEqual([
      ['😀 straße 499', false],
      ['ERROR: it broke', true],
      ['{"level":"warn","n":1}', false],
    ]);
    const found = await reading.logs.search({
      view,
      pattern: { text: 'STRASSE 49\\d$|straße 49\\d$', regex: true, matchCase: false },
      levels: null,
      from: null,
      direction: 'previous',
    });
    expect(found).toMatchObject({ total: 10, hit: { index: 10 } });
    const failed = await reading.logs.search({
      view,
      pattern: null,
      levels: ['error'],
      from: 0,
      direction: 'next',
    });
    expect(rows.find(({ row }) => row === failed.hit?.row)?.text).toBe('ERROR: it broke');
    let exported = '';
    for await (const { text } of reading.logs.export(
      { view, timestamps: false, names: false },
      new AbortController().signal,
    ))
      exported += text;
    expect(exported.split('\n')).toHaveLength(507);
    expect(exported.split('\n')[1]).toHaveLength(1_000_000);
    reading.logs.clear({ kind: 'project' });
    await expect.poll(async () => (await reading.rows(view)).length).toBe(0);
    await reading.close();
    expect(await readdir(folder)).toEqual([]);
  });
});
