import { execFile } from 'node:child_process';
import { access, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RemovedItem } from '../../engine/deploy/index.ts';
import type { RemovalPlan } from '../../engine/removal/index.ts';
import { runPtah, testFolder, type TestFolder } from './testing.ts';

const run = promisify(execFile);
const cluster = process.env.PTAH_TEST_CLUSTER ?? 'ptah-test';
const [mine, theirs] = ['nuke-mine', 'nuke-theirs'];
const folders = new Map<string, TestFolder>();

const docker = async (...argv: string[]) => (await run('docker', argv)).stdout.trim();
const kubectl = (...argv: string[]) =>
  docker(
    'exec',
    `${cluster}-control-plane`,
    'kubectl',
    '--kubeconfig',
    '/etc/kubernetes/admin.conf',
    ...argv,
  );
const lines = (text: string) => text.split('\n').filter(Boolean);
const nodes = async () =>
  lines(await docker('ps', '--filter', `label=io.x-k8s.kind.cluster=${cluster}`, '--format', '{{.Names}}'));
const imagesOf = async (name: string) =>
  lines(await docker('images', '--format', '{{.Repository}}:{{.Tag}}', name));
const onNode = async (node: string, name: string) =>
  lines(await docker('exec', node, 'ctr', '-n', 'k8s.io', 'images', 'ls', '-q')).filter(image =>
    image.includes(`/${name}:`),
  );
const objectsIn = async (namespace: string) =>
  lines(
    await kubectl(
      'get',
      'deployments,statefulsets,services,configmaps,leases',
      '-n',
      namespace,
      '-o',
      'name',
    ),
  ).filter(name => name !== 'configmap/kube-root-ca.crt');
const claimsIn = async (namespace: string) =>
  lines(await kubectl('get', 'pvc', '-n', namespace, '-o', 'name'));

interface Answer {
  readonly plan: RemovalPlan;
  readonly result: { state: string; summary: string; removed: RemovedItem[]; failed: RemovedItem[] } | null;
}
const folderOf = (name: string): TestFolder => {
  const folder = folders.get(name);
  if (!folder) throw new Error(`no folder ${name}`);
  return folder;
};
const ptah = (name: string, ...argv: string[]) =>
  runPtah(argv, { cwd: folderOf(name).root, env: { PTAH_HOME: folderOf(name).home } });
async function nuke(name: string, ...argv: string[]): Promise<Answer> {
  const { out, err } = await ptah(name, 'nuke', '-o', 'json', ...argv);
  expect(out, err).not.toBe('');
  return JSON.parse(out) as Answer;
}
const listed = (plan: RemovalPlan, id: string) =>
  (plan.groups.find(group => group.id === id)?.items ?? []).map(({ kind, name }) => `${kind} ${name}`);

const manifest = (name: string) => `
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { a: "1" }
---
apiVersion: v1
kind: Service
metadata: { name: db }
spec: { clusterIP: None, selector: { app: ${name} }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: db
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{ name: db, image: "ptah://${name}" }]
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], storageClassName: none, resources: { requests: { storage: 8Mi } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
spec:
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{ name: api, image: "ptah://${name}" }]
`;

async function cleanUp(): Promise<void> {
  for (const name of [mine, theirs]) {
    await kubectl('delete', 'namespace', name, '--ignore-not-found', '--wait');
    await kubectl('delete', 'pv', `${name}-data`, '--ignore-not-found', '--wait');
    for (const image of [...(await imagesOf(name)), ...(await imagesOf(`${name}-kept`))])
      await docker('rmi', '-f', image);
    for (const node of await nodes())
      for (const image of await onNode(node, name))
        await docker('exec', node, 'ctr', '-n', 'k8s.io', 'images', 'rm', image);
  }
}

beforeAll(async () => {
  await cleanUp();
  for (const name of [mine, theirs]) {
    const folder = await testFolder(name);
    folders.set(name, folder);
    await folder.write({
      'ptah.yml': `kind:\n  name: ${cluster}\nnamespace: ${name}\ndockerfiles: '(?P<name>[\\w-]+)/Dockerfile$'\n`,
      [`${name}/Dockerfile`]:
        'FROM scratch\nCOPY busybox /bin/busybox\nCOPY words.txt /\nENTRYPOINT ["/bin/busybox","sleep","3600"]\n',
      [`${name}/words.txt`]: `${name}\n`,
      'k8s/all.yaml': manifest(name),
      'k8s/volume.yaml': `apiVersion: v1\nkind: PersistentVolume\nmetadata: { name: ${name}-data }\nspec: { capacity: { storage: 8Mi }, accessModes: [ReadWriteOnce], storageClassName: none, claimRef: { namespace: ${name}, name: data-db-0 }, hostPath: { path: /tmp/${name} } }\n`,
      'k8s/namespace.yaml': `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`,
    });
    await copyFile('/bin/busybox', join(folder.root, name, 'busybox'));
    const { code, err } = await ptah(name, 'deploy');
    expect(code, err).toBe(0);
  }
}, 180_000);
afterAll(async () => {
  await cleanUp();
  for (const folder of folders.values()) await folder.remove();
});

describe('ptah nuke on a real cluster', () => {
  it('shows everything first, and refuses without a terminal and without --yes', async () => {
    // a name that someone else gave, and an object that only carries copied labels
    const [image = ''] = await imagesOf(mine);
    await docker('tag', image, `${mine}-kept:1`);
    const labels = JSON.parse(
      await kubectl('get', 'configmap', 'settings', '-n', mine, '-o', 'jsonpath={.metadata.labels}'),
    ) as Record<string, string>;
    await kubectl('create', 'configmap', 'copied', '-n', mine);
    await kubectl(
      'label',
      'configmap',
      'copied',
      '-n',
      mine,
      ...Object.entries(labels).map(([key, value]) => `${key}=${value}`),
    );

    const before = await objectsIn(mine);
    const { code, out, err } = await ptah(mine, 'nuke', '-o', 'json');
    expect(code).toBe(2);
    expect(err).toContain('without a terminal, --yes has to say so');
    const { plan, result } = JSON.parse(out) as Answer;
    expect(result).toBeNull();
    expect(listed(plan, 'objects').toSorted()).toEqual(
      ['ConfigMap settings', 'Deployment api', 'Service db', 'StatefulSet db'].toSorted(),
    );
    expect(listed(plan, 'images')).toEqual([`Image ${image}`]);
    expect(listed(plan, 'node-images')).toEqual((await nodes()).map(() => `Image ${image}`));
    expect(listed(plan, 'output')).toEqual(['Folder .build']);
    expect(listed(plan, 'volumes').toSorted()).toEqual([
      'PersistentVolume nuke-mine-data',
      'PersistentVolumeClaim data-db-0',
    ]);
    expect(plan.groups.find(({ id }) => id === 'volumes')?.items).toContainEqual(
      expect.objectContaining({ name: 'data-db-0', bytes: 8 * 2 ** 20 }),
    );
    const keeps = new Map(plan.keeps.map(({ title, reason }) => [title, reason]));
    expect(keeps.get(`${mine}-kept:1 in Docker`)).toContain('someone else');
    expect(keeps.get(`ConfigMap ${mine}/copied`)).toContain('made it');
    expect(keeps.get(`Namespace ${mine}`)).toContain('ConfigMap nuke-mine/copied');
    expect(keeps.get(`Kind cluster ${cluster}`)).toBeDefined();
    expect(await objectsIn(mine)).toEqual(before);
    expect(await imagesOf(mine)).toEqual([image]);
  });

  it('takes the project’s things and nothing of another project, of others or of the folder', async () => {
    const [image = ''] = await imagesOf(mine);
    const before = {
      objects: await objectsIn(theirs),
      claims: await claimsIn(theirs),
      images: await imagesOf(theirs),
    };
    const { result } = await nuke(mine, '--yes');
    expect(result, JSON.stringify(result)).toMatchObject({ state: 'removed', failed: [] });
    // the inventory stays for what was not asked for
    expect((await objectsIn(mine)).toSorted()).toEqual([
      'configmap/copied',
      'configmap/ptah-desktop-nuke-mine',
    ]);
    expect(await imagesOf(mine)).toEqual([]);
    expect(await imagesOf(`${mine}-kept`)).toEqual([`${mine}-kept:1`]);
    for (const node of await nodes()) {
      expect(await onNode(node, mine)).toEqual([]);
      expect(await onNode(node, theirs)).toHaveLength(1);
    }
    expect(await claimsIn(mine)).toEqual(['persistentvolumeclaim/data-db-0']);
    await expect(access(join(folderOf(mine).root, '.build'))).rejects.toThrow();
    await access(join(folderOf(mine).root, mine, 'words.txt'));
    await access(join(folderOf(theirs).root, '.build'));
    expect(image).not.toBe('');
    expect({
      objects: await objectsIn(theirs),
      claims: await claimsIn(theirs),
      images: await imagesOf(theirs),
    }).toEqual(before);
  });

  it('takes volumes and namespaces when asked for, and leaves no note of ours', async () => {
    await kubectl('delete', 'configmap', 'copied', '-n', mine);
    const { result } = await nuke(mine, '--yes', '--volumes', '--namespaces');
    expect(result, JSON.stringify(result)).toMatchObject({ state: 'removed', failed: [] });
    expect(
      lines(await kubectl('get', 'namespace,pv', '-o', 'name')).filter(name => name.includes(mine)),
    ).toEqual([]);
    const again = await nuke(mine, '--yes');
    expect(again).toMatchObject({ plan: { nothingToRemove: true }, result: { state: 'nothing' } });
    expect((await ptah(theirs, 'plan', '-o', 'json')).out).toContain('"nothingToDo": true');
  });
});
