import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Cluster } from '../cluster/index.ts';
import type { WorkloadsSnapshot } from '../workloads/index.ts';
import { createProjectLogs } from './project-logs.ts';
import { createScanner } from './scanner.ts';
import { fakeLog, noJobs, noRuns, seeded } from './testing.ts';
import type { LogStatus, LogView } from './types.ts';

const createdAt = '2026-01-02T03:04:05Z';
const snapshot: WorkloadsSnapshot = {
  at: createdAt,
  connected: true,
  disconnectedReason: null,
  services: [],
  workloads: [
    {
      ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'api' },
      state: 'running',
      status: '',
      ready: 1,
      desired: 1,
      createdAt,
      pods: [
        {
          namespace: 'shop',
          name: 'api-0',
          node: 'n',
          state: 'running',
          status: '',
          createdAt,
          restarts: 0,
          containers: [
            {
              name: 'api',
              init: false,
              image: 'api:1',
              old: false,
              ours: true,
              state: 'running',
              status: 'Running',
              ready: true,
              restarts: 0,
              startedAt: createdAt,
              containerId: 'c',
            },
          ],
        },
      ],
    },
  ],
};
const view: LogView = { scope: { kind: 'project' }, hidden: [], levels: null, filter: null };
const folder = mkdtempSync(join(tmpdir(), 'ptah-read-again-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('reads again from further back when that is chosen, each line once, while it is watched', async () => {
  const log = fakeLog(seeded(7), 10_000_000);
  for (let at = 0; at < 5_000; at++) log.write(`line ${at}`, at * 1_000_000);
  const scanner = createScanner();
  const logs = createProjectLogs({
    projectId: 'p',
    scanner,
    activity: noJobs,
    runs: noRuns,
    spillFolder: folder,
    async *workloads(signal) {
      // only the log is ever asked of it
      yield { cluster: log.cluster as Partial<Cluster> as Cluster, snapshot };
      await new Promise(resolve => signal.addEventListener('abort', resolve));
    },
  });
  const controller = new AbortController();
  let status: LogStatus | null = null;
  const watched = (async () => {
    for await (const item of logs.watch(view, controller.signal)) status = item;
  })();
  const lines = () => status?.lines ?? 0;
  try {
    await expect.poll(lines).toBe(2_000);
    expect(logs.setOptions({ tail: null, sinceSeconds: null, muted: [] })).toMatchObject({ tail: null });
    await expect.poll(lines).toBe(5_000);
    logs.setOptions({ tail: 100, sinceSeconds: null, muted: [] });
    await expect.poll(lines).toBe(100);
    log.write('line 5000', 5_000_000_000);
    await expect.poll(lines).toBe(101);
    const { rows, first } = await logs.lines({ view, from: 0, count: 0 });
    expect(rows).toEqual([]);
    const all = await logs.lines({ view, from: first, count: 5_000 });
    expect(all.rows.map(row => row.text)).toEqual(
      Array.from({ length: 101 }, (_, at) => `line ${4_900 + at}`),
    );
  } finally {
    controller.abort();
    await watched;
    await logs.close();
    scanner.close();
  }
});
