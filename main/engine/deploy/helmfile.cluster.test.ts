import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../cluster/index.ts';
import { connectTestCluster, testNamespace } from '../cluster/testing.ts';
import { PROJECT_LABEL, projectLabel, syncHelmfile } from '../manifests/index.ts';
import { createTools } from '../tools/index.ts';
import { helmfileDigest, helmRevisions, recordHelmfileSync, syncedHelmfileDigest } from './helmfile-state.ts';
import { someProject } from './testing.ts';

const { signal } = new AbortController();
// where e2e/cluster builds them
const env = {
  ...process.env,
  PATH: [process.env.PATH, join(homedir(), '.cache', 'ptah-desktop', 'cluster', 'bin')].join(delimiter),
};
const tools = createTools({ env, fromTerminal: true });
let root: string;
let cluster: Cluster;
let namespace: Awaited<ReturnType<typeof testNamespace>>;

const project = () =>
  someProject({ name: `helmfile-${namespace.name}`, root, helmfile: join(root, 'helmfile.yaml') });

async function sync(): Promise<void> {
  const before = await helmRevisions(cluster, signal);
  await syncHelmfile(tools, { file: join(root, 'helmfile.yaml'), pinned: cluster.pinned }, { env, signal });
  await recordHelmfileSync(cluster, project(), await helmfileDigest(project(), signal), before, signal);
}
const isSynced = async () =>
  (await syncedHelmfileDigest(cluster, project(), signal)) === (await helmfileDigest(project(), signal));

beforeAll(async () => {
  cluster = await connectTestCluster();
  namespace = await testNamespace(cluster, 'deploy-helmfile');
  root = await realpath(await mkdtemp(join(tmpdir(), 'ptah-helmfile-')));
  await mkdir(join(root, 'chart', 'templates'), { recursive: true });
  await writeFile(join(root, 'chart', 'Chart.yaml'), 'apiVersion: v2\nname: thing\nversion: 0.1.0\n');
  await writeFile(
    join(root, 'chart', 'templates', 'thing.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: thing}\ndata: {v: "{{ .Values.v }}"}\n',
  );
  await writeFile(join(root, 'values.yaml'), 'v: 1\n');
  await writeFile(
    join(root, 'helmfile.yaml'),
    `releases:\n  - {name: thing, namespace: ${namespace.name}, chart: ./chart, values: [values.yaml]}\n`,
  );
});
afterAll(async () => {
  const labelSelector = `${PROJECT_LABEL}=${projectLabel(project().name)}`;
  const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', labelSelector };
  for (const { metadata } of (await cluster.list(query)).items)
    await cluster.remove({ ...query, name: metadata.name });
  await namespace.remove();
  await rm(root, { recursive: true, force: true });
});

describe('a Helmfile on the real cluster', () => {
  it('is synced once, and again only when something it names changes', async () => {
    expect(await isSynced()).toBe(false);
    await sync();
    expect(await isSynced()).toBe(true);
    await writeFile(join(root, 'values.yaml'), 'v: 2\n');
    expect(await isSynced()).toBe(false);
    await sync();
    expect(await isSynced()).toBe(true);
  });

  it('is synced again when a release is gone', async () => {
    await tools.run('helm', [
      'uninstall',
      'thing',
      '--namespace',
      namespace.name,
      '--kube-context',
      cluster.pinned.context,
    ]);
    expect(await isSynced()).toBe(false);
    await sync();
    expect(await isSynced()).toBe(true);
  });
});
