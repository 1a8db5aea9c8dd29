import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../cluster/index.ts';
import { connectTestCluster, shellImage, testNamespace } from '../cluster/testing.ts';
import { watchWorkloads } from '../workloads/index.ts';
import { createProjectLogs } from './project-logs.ts';
import { createScanner } from './scanner.ts';
import { noJobs, noRuns } from './testing.ts';
import type { LogView } from './types.ts';

const LINES = 240_000;
const view: LogView = { scope: { kind: 'project' }, hidden: [], levels: null, filter: null };
let cluster: Cluster;
let space: Awaited<ReturnType<typeof testNamespace>>;
let folder: string;

beforeAll(async () => {
  cluster = await connectTestCluster();
  space = await testNamespace(cluster, 'logs-test-flood');
  folder = mkdtempSync(join(tmpdir(), 'ptah-logs-flood-'));
});
afterAll(async () => {
  await space?.remove();
  rmSync(folder, { recursive: true, force: true });
});

// 24 MB, over ten seconds at the least: a kubelet looks every ten seconds for logs of more than 10 MiB. The blocks end within lines,
// so that a rotation cuts one.
const script = `i=0; while [ $i -lt ${LINES} ]; do awk -v a=$i 'BEGIN { for (j = a; j < a + 10000; j++) printf "%08d of a flood, some words more so that it comes to a hundred bytes or so, whatever they say\\n", j }'; i=$((i+10000)); sleep 0.7; done | dd ibs=64k obs=64k 2>/dev/null; sleep 3600`;

test(
  'a flood over a rotation comes whole, each line once and in its order',
  { timeout: 180_000 },
  async () => {
    const scanner = createScanner();
    const controller = new AbortController();
    const logs = createProjectLogs({
      projectId: 'logs-flood',
      scanner,
      activity: noJobs,
      runs: noRuns,
      spillFolder: folder,
      options: { tail: null, sinceSeconds: null, muted: [] },
      async *workloads(signal) {
        const query = {
          projectName: 'logs-flood',
          namespaces: [space.name],
          images: () => new Map<string, string>(),
        };
        for await (const snapshot of watchWorkloads(cluster, query, signal)) yield { cluster, snapshot };
      },
    });
    let lines = 0;
    const watched = (async () => {
      for await (const status of logs.watch(view, controller.signal)) ({ lines } = status);
    })();
    try {
      await cluster.apply({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'flood', namespace: space.name, labels: { 'ptah-desktop/project': 'logs-flood' } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'main',
              image: await shellImage(cluster),
              imagePullPolicy: 'Never',
              command: ['/bin/sh', '-c', script],
            },
          ],
        },
      });
      await expect.poll(() => lines, { timeout: 150_000, interval: 500 }).toBeGreaterThanOrEqual(LINES);
      let expected = 0;
      const odd: string[] = [];
      const { first, end } = await logs.lines({ view, from: 0, count: 0 });
      for (let row = first; row < end; row += 5_000)
        for (const { text } of (await logs.lines({ view, from: row, count: 5_000 })).rows)
          if (text.length === 97 && Number(text.slice(0, 8)) === expected) expected++;
          else odd.push(`instead of ${expected}: ${text}`);
      expect([expected, odd.slice(0, 10)]).toEqual([LINES, []]);
    } finally {
      controller.abort();
      await watched;
      await logs.close();
      scanner.close();
    }
  },
);
