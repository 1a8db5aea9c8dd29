import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectCluster } from '../../cluster/index.ts';
import type { Cluster } from '../../cluster/index.ts';
import { connectTestCluster, shellImage, testNamespace } from '../../cluster/testing.ts';
import type { ObjectRef } from '../../manifests/index.ts';
import { watchWorkloads } from '../index.ts';
import {
  deletePod,
  editObject,
  inspectObject,
  readObject,
  restartWorkload,
  scaleWorkload,
  watchObjects,
} from './index.ts';
import type { Inspection } from './index.ts';

const project = 'objects-test';
let cluster: Cluster;
let space: Awaited<ReturnType<typeof testNamespace>>;
let image: string;
let deployment: ObjectRef;

beforeAll(async () => {
  cluster = await connectTestCluster();
  image = await shellImage(cluster);
  space = await testNamespace(cluster, 'objects-test');
  deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: space.name, name: 'crasher' };
  await cluster.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'crasher', namespace: space.name, labels: { 'ptah-desktop/project': project } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'crasher' } },
      template: {
        metadata: { labels: { app: 'crasher' } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            { name: 'main', image, imagePullPolicy: 'Never', command: ['/bin/sh', '-c', 'sleep 1; exit 3'] },
          ],
        },
      },
    },
  });
});

afterAll(async () => {
  await space?.remove();
});

/** The first of a stream that fits. */
async function first<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  fits: (item: T) => boolean,
  timeoutMs = 60_000,
): Promise<T> {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), timeoutMs);
  let last: T | null = null;
  try {
    for await (const item of open(ended.signal)) {
      last = item;
      if (fits(item)) return item;
    }
  } finally {
    clearTimeout(timer);
    ended.abort();
  }
  throw new Error(`Nothing fitted in ${timeoutMs} ms. Last: ${JSON.stringify(last)}`);
}

const inspected = (ref: ObjectRef, fits: (item: Inspection) => boolean) =>
  first(signal => inspectObject(cluster, ref, signal), fits);

test('a crash loop: detail and events of the Deployment, its ReplicaSet and its pods', async () => {
  const { detail, events } = await inspected(
    deployment,
    ({ events: told }) =>
      told.some(({ reason }) => reason === 'BackOff') &&
      told.some(({ reason }) => reason === 'ScalingReplicaSet'),
  );
  expect(detail).toMatchObject({ can: { restart: true, scale: true, delete: false }, replicas: 1 });
  const kinds = new Set(events.map(({ about }) => about.kind));
  expect([...kinds].sort()).toEqual(['Deployment', 'Pod', 'ReplicaSet']);
  const times = events.map(({ lastAt }) => Date.parse(lastAt ?? ''));
  expect(times).toEqual([...times].sort((a, b) => b - a));
  const crash = events.find(({ reason }) => reason === 'BackOff');
  expect(crash).toMatchObject({ warning: true, container: 'main' });
});

test('scale, restart and delete do what they say, by our field manager', async () => {
  expect(await scaleWorkload(cluster, deployment, 2)).toEqual({
    message: 'Deployment crasher is asked for 2 pods.',
  });
  await restartWorkload(cluster, deployment);
  const { detail } = await inspected(deployment, ({ detail: now }) => now?.replicas === 2);
  expect(detail?.replicas).toBe(2);
  const live = await cluster.get(deployment);
  expect(JSON.stringify(live?.spec)).toContain('kubectl.kubernetes.io/restartedAt');
  const managers = (live?.metadata.managedFields ?? []) as { manager: string; operation: string }[];
  expect(managers).toContainEqual(expect.objectContaining({ manager: 'ptah-desktop', operation: 'Update' }));

  const selector = { apiVersion: 'v1', kind: 'Pod', namespace: space.name, labelSelector: 'app=crasher' };
  const pods = async () =>
    (await cluster.list(selector)).items.filter(pod => !pod.metadata.deletionTimestamp);
  await expect.poll(async () => (await pods()).length, { timeout: 60_000 }).toBeGreaterThan(0);
  const [pod] = await pods();
  if (pod === undefined) throw new Error('no pod');
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: space.name, name: pod.metadata.name };
  await expect(deletePod(cluster, ref, 'another-uid')).rejects.toMatchObject({ code: 'conflict' });
  await deletePod(cluster, ref, String(pod.metadata.uid));
  await expect
    .poll(async () => (await cluster.get(ref))?.metadata.uid === pod.metadata.uid, { timeout: 60_000 })
    .toBe(false);
  await expect(deletePod(cluster, ref, String(pod.metadata.uid))).rejects.toMatchObject({
    code: 'not-found',
  });
  await expect(restartWorkload(cluster, { ...deployment, kind: 'Job' })).rejects.toMatchObject({
    code: 'not-supported',
  });
});

test('an edit: dry run, apply, what the server refuses with its line, and a change made meanwhile', async () => {
  const { text } = await readObject(cluster, deployment, false);
  expect(text).not.toContain('managedFields');
  const edited = text.replace('terminationGracePeriodSeconds: 0', 'terminationGracePeriodSeconds: 1');
  const edit = (changed: string, dryRun: boolean, base = text) =>
    editObject(cluster, { ref: deployment, base, text: changed, dryRun });

  const dry = await edit(edited, true);
  expect(dry).toMatchObject({ outcome: 'would-change', before: text, takesOver: [] });
  expect((await readObject(cluster, deployment, false)).text).toBe(text);
  expect(await edit(text, true)).toEqual({ outcome: 'unchanged' });

  const replicas = text.split('\n').findIndex(line => line.startsWith('  replicas:')) + 1;
  expect(await edit(text.replace(/ {2}replicas: \d+/, '  replicas: many'), true)).toMatchObject({
    outcome: 'refused',
    problems: [{ line: replicas }],
  });
  expect(await edit(text.replace(/ {2}replicas: \d+/, '  replicas: -4'), true)).toMatchObject({
    outcome: 'refused',
    problems: [{ field: 'spec.replicas', line: replicas }],
  });
  const unknown = await edit(text.replace(/( {2})replicas: \d+/, '$1replicaz: 1'), true);
  expect(unknown).toMatchObject({ outcome: 'refused', problems: [{ field: 'spec.replicaz' }] });

  // Somebody else scales and labels meanwhile.
  await cluster.patch(deployment, { metadata: { labels: { other: 'yes' } } });
  const conflict = await edit(edited, false);
  if (conflict.outcome !== 'conflict') throw new Error(JSON.stringify(conflict));
  expect(conflict.live).toContain('other: yes');
  expect(conflict.merged).toContain('other: yes');
  expect(conflict.merged).toContain('terminationGracePeriodSeconds: 1');
  expect(await edit(conflict.merged, false, conflict.live)).toMatchObject({ outcome: 'applied' });
  const after = await readObject(cluster, deployment, false);
  expect(after.text).toBe(conflict.merged);
  expect(
    await editObject(cluster, {
      ref: { ...deployment, name: 'nobody' },
      base: '',
      text: text.replace('name: crasher', 'name: nobody'),
      dryRun: true,
    }),
  ).toEqual({ outcome: 'gone' });
});

test('objects of the project by the kinds of its inventory, a new kind as it turns up', async () => {
  const labels = { 'ptah-desktop/project': project };
  const parent = (kinds: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'inventory',
      namespace: space.name,
      labels,
      annotations: { 'applyset.kubernetes.io/contains-group-kinds': kinds },
    },
  });
  await cluster.apply(parent('ConfigMap,Deployment.apps'));
  const quota = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'key', namespace: space.name, labels },
  };
  await cluster.apply({ ...quota, data: { token: 'aGVsbG8=' } });
  const query = { projectName: project, namespaces: null, fallback: [] };
  const seen: string[] = [];
  let widened = false;
  const snapshot = await first(
    signal => watchObjects(cluster, query, signal),
    ({ objects }) => {
      seen.push(objects.map(({ ref }) => ref.kind).join(' '));
      if (!widened) void cluster.apply(parent('ConfigMap,Deployment.apps,Secret'));
      widened = true;
      return objects.some(({ ref }) => ref.kind === 'Secret');
    },
  );
  expect(seen[0]).toBe('ConfigMap');
  expect(snapshot.objects.map(({ ref, summary }) => [ref.kind, ref.name, summary])).toEqual([
    ['ConfigMap', 'inventory', 'empty'],
    ['Secret', 'key', 'token, Opaque'],
  ]);
});

test('claims that the project’s StatefulSets were given are among its objects, and nobody else’s', async () => {
  const labels = { 'ptah-desktop/project': project };
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } };
  const meta = (name: string) => ({ name, namespace: space.name });
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      ...meta('inventory'),
      labels,
      annotations: { 'applyset.kubernetes.io/contains-group-kinds': 'ConfigMap,StatefulSet.apps' },
    },
  });
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: meta('data-stranger-0'),
    spec: claim,
  });
  await cluster.apply({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { ...meta('db'), labels },
    spec: {
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: {
        metadata: { labels: { app: 'db' } },
        spec: { containers: [{ name: 'db', image: 'nowhere.invalid/db:1', imagePullPolicy: 'Never' }] },
      },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }],
    },
  });
  const snapshot = await first(
    signal => watchObjects(cluster, { projectName: project, namespaces: null, fallback: [] }, signal),
    ({ objects }) => objects.some(({ ref }) => ref.kind === 'PersistentVolumeClaim'),
  );
  const claims = snapshot.objects.filter(({ ref }) => ref.kind === 'PersistentVolumeClaim');
  expect(claims.map(({ ref }) => ref.name)).toEqual(['data-db-0']);
});

test('who may only read pods of one namespace sees those, and what is not allowed by verb, resource and namespace', async () => {
  const rbac = 'rbac.authorization.k8s.io/v1';
  const meta = { name: 'looker', namespace: space.name };
  await cluster.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta });
  await cluster.apply({
    apiVersion: rbac,
    kind: 'Role',
    metadata: meta,
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
  });
  await cluster.apply({
    apiVersion: rbac,
    kind: 'RoleBinding',
    metadata: meta,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'looker' },
    subjects: [{ kind: 'ServiceAccount', ...meta }],
  });
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'bare', namespace: space.name, labels: { 'ptah-desktop/project': project } },
    spec: { containers: [{ name: 'main', image, imagePullPolicy: 'Never', command: ['sleep', '600'] }] },
  });
  const limited = await asServiceAccount(space.name, 'looker');
  try {
    const snapshot = await first(
      signal =>
        watchWorkloads(
          limited.cluster,
          { projectName: project, namespaces: null, fallback: [space.name], images: () => new Map() },
          signal,
        ),
      ({ workloads, denied }) => workloads.length > 0 && (denied?.length ?? 0) >= 7,
    );
    expect(snapshot).toMatchObject({ connected: true, limitedTo: [space.name] });
    expect(snapshot.workloads.map(({ ref }) => `${ref.kind} ${ref.name}`)).toEqual(['Pod bare']);
    expect(snapshot.denied).toContainEqual({
      verb: 'list',
      resource: 'deployments',
      namespace: space.name,
      message: expect.stringContaining('forbidden'),
    });
    await expect(restartWorkload(limited.cluster, deployment)).rejects.toMatchObject({ code: 'forbidden' });
  } finally {
    await limited.close();
  }
});

/** The test cluster with the credentials of a service account. */
async function asServiceAccount(namespace: string, name: string) {
  const answer = await cluster.fetch(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }),
  });
  const { status } = (await answer.json()) as { status: { token: string } };
  const folder = await mkdtemp(join(tmpdir(), 'ptah-looker-'));
  const file = join(folder, 'config');
  // The file that names an entry first wins: only the user is another one.
  const users = [{ name: cluster.pinned.context, user: { token: status.token } }];
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'Config', users }));
  const everybody = process.env.KUBECONFIG || join(homedir(), '.kube', 'config');
  const env = { ...process.env, KUBECONFIG: `${file}${delimiter}${everybody}` };
  return {
    cluster: connectCluster(cluster.pinned, { env }),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
