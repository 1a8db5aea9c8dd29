import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectTestCluster, shellImage, testNamespace } from '../../engine/cluster/testing.ts';
import type { Cluster } from '../../engine/cluster/index.ts';
import { runPtah } from './testing.ts';

let cluster: Cluster;
let space: Awaited<ReturnType<typeof testNamespace>>;
let folder: string;

beforeAll(async () => {
  cluster = await connectTestCluster();
  space = await testNamespace(cluster, 'logs-test-cli');
  folder = await mkdtemp(join(tmpdir(), 'ptah-logs-cli-'));
  const { clusterName } = cluster.pinned;
  await writeFile(
    join(folder, 'ptah.yml'),
    `name: logs-cli\nnamespace: ${space.name}\nkind:\n  name: ${clusterName}\n`,
  );
  await mkdir(join(folder, 'home'));
  const image = await shellImage(cluster);
  await cluster.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'talker', namespace: space.name, labels: { 'ptah-desktop/project': 'logs-cli' } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'talker' } },
      template: {
        metadata: { labels: { app: 'talker' } },
        spec: {
          terminationGracePeriodSeconds: 0,
          volumes: [{ name: 'data', emptyDir: {} }],
          containers: [
            {
              name: 'main',
              image,
              imagePullPolicy: 'Never',
              volumeMounts: [{ name: 'data', mountPath: '/data' }],
              command: [
                '/bin/sh',
                '-c',
                'n=$(cat /data/n 2>/dev/null || echo 0); n=$((n+1)); echo $n > /data/n; i=0; while [ $i -lt 300 ]; do echo "run $n line $i"; i=$((i+1)); done; [ $n -lt 2 ] && exit 1; echo settled; sleep 3600',
              ],
            },
          ],
        },
      },
    },
  });
});
afterAll(async () => {
  await space?.remove();
  await rm(folder, { recursive: true, force: true });
});

const logs = (argv: readonly string[], more: Parameters<typeof runPtah>[1] = {}) =>
  runPtah(['logs', ...argv, '--project', folder], { env: { PTAH_HOME: join(folder, 'home') }, ...more });

test('prints what a workload says, each line with its pod', async () => {
  await expect
    .poll(() => logs(['talker', '--grep', '^settled$']).then(({ out }) => out), {
      timeout: 120_000,
      interval: 2_000,
    })
    .toContain('settled');
  const { code, out, err } = await logs(['talker']);
  expect([code, err]).toEqual([0, '']);
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(301);
  for (const line of lines) expect(line).toMatch(/^talker\/main \S+ \| |^talker \S+ \| /);
  expect(lines.map(line => line.replace(/^.*? \| /, ''))).toEqual([
    ...Array.from({ length: 300 }, (_, index) => `run 2 line ${index}`),
    'settled',
  ]);
});

test('prints the end of it, with times, what matches, as JSON, and the instance before', async () => {
  const tail = await logs(['--tail', '3', '--timestamps']);
  expect(tail.out.trimEnd().split('\n')).toHaveLength(3);
  expect(tail.out).toMatch(/ \| \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z settled\n$/);
  const grep = await logs(['talker', '--grep', 'line 29\\d$', '-o', 'json']);
  const rows = grep.out
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { text: string; container: string });
  expect(rows.map(({ text }) => text)).toEqual(
    Array.from({ length: 10 }, (_, index) => `run 2 line 29${index}`),
  );
  expect(rows[0]?.container).toBe('main');
  const previous = await logs(['talker', '--previous']);
  expect(previous.code, previous.err).toBe(0);
  expect(
    previous.out
      .trimEnd()
      .split('\n')
      .map(line => line.replace(/^.*? \| /, '')),
  ).toEqual(Array.from({ length: 300 }, (_, index) => `run 1 line ${index}`));
});

test('says what there is when nothing has that name, and refuses wrong use', async () => {
  const named = await logs(['deployment/talker', '--tail', '1']);
  expect([named.code, named.out]).toEqual([0, expect.stringMatching(/ \| settled\n$/)]);
  expect((await logs(['sts/talker'])).err).toBe(
    'error: Nothing of the project is called sts/talker. There is: talker.\n',
  );
  const none = await logs(['nobody']);
  expect([none.code, none.err]).toEqual([
    1,
    'error: Nothing of the project is called nobody. There is: talker.\n',
  ]);
  expect((await logs(['--since', 'soon'])).code).toBe(2);
  expect((await logs(['--grep', '('])).code).toBe(2);
});
