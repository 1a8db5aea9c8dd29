import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi, type Api } from '../../api/index.ts';
import type { DeployEvent, Plan } from '../../engine/deploy/index.ts';
import { createEngine, type ClusterState, type Engine, type ImageState } from '../../engine/index.ts';
import type { WorkloadsSnapshot } from '../../engine/workloads/index.ts';
import { testFolder, type TestFolder } from './testing.ts';

/** The contract over the real world: every answer is checked against its schema by the api itself. */
const run = promisify(execFile);
const cluster = process.env.PTAH_TEST_CLUSTER ?? 'ptah-test';
const node = `${cluster}-control-plane`;
const namespaces = ['cli-engine', 'cli-many'];

let engine: Engine;
let api: Api;
const folders: TestFolder[] = [];

const docker = async (...argv: string[]) => (await run('docker', argv, { maxBuffer: 1e8 })).stdout.trim();
const kubectl = (...argv: string[]) =>
  docker('exec', node, 'kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', ...argv);
const call = async <T>(method: string, input: object = {}): Promise<T> =>
  (await api.handle(method, input, { signal: AbortSignal.timeout(120_000), windowId: null })) as T;

async function deploy(projectId: string, fingerprint: string | null = null): Promise<DeployEvent[]> {
  const { jobId } = await call<{ jobId: string }>('deploy.start', { projectId, fingerprint });
  const events: DeployEvent[] = [];
  const options = { signal: AbortSignal.timeout(240_000), windowId: null };
  for await (const item of api.open('activity.follow', { jobId, after: 0 }, options))
    events.push((item as { event: DeployEvent }).event);
  return events;
}

async function project(
  name: string,
  config: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = await testFolder(name);
  folders.push(folder);
  await folder.write({ 'ptah.yml': config, ...files });
  return folder.root;
}
const open = async (path: string) =>
  (await call<{ project: { id: string } }>('projects.open', { path })).project.id;

async function cleanUp(): Promise<void> {
  await kubectl('delete', 'namespace', ...namespaces, '--ignore-not-found', '--wait');
  const mine = (await docker('images', '--format', '{{.Repository}}:{{.Tag}}'))
    .split('\n')
    .filter(image => /^cli-(page|many\d+):/.test(image));
  if (mine.length > 0) await docker('rmi', '-f', ...mine);
  const held = await docker('exec', node, 'ctr', '-n', 'k8s.io', 'images', 'ls', '-q');
  const loaded = held.split('\n').filter(image => /library\/cli-(page|many\d+):/.test(image));
  if (loaded.length > 0) await docker('exec', node, 'ctr', '-n', 'k8s.io', 'images', 'rm', ...loaded);
}

beforeAll(async () => {
  await cleanUp();
  const home = await testFolder('home');
  folders.push(home);
  engine = createEngine({ env: { ...process.env, PTAH_HOME: home.home } });
  api = createApi(engine, {
    kind: 'loopback',
    version: '0.1.0',
    openExternal: () => Promise.resolve(),
    chooseFolder: () => Promise.resolve(null),
  });
});
afterAll(async () => {
  await engine.close();
  await cleanUp();
  await Promise.all(folders.map(folder => folder.remove()));
});

const page = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: page }
spec:
  selector: { matchLabels: { app: page } }
  template:
    metadata: { labels: { app: page } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: page
          image: ptah://cli-page
          ports: [{ containerPort: 8000 }]
          readinessProbe: { httpGet: { path: /, port: 8000 } }
---
apiVersion: v1
kind: Service
metadata: { name: page }
spec: { selector: { app: page }, ports: [{ port: 80, targetPort: 8000 }] }
`;

describe('a project on the real cluster, through the contract', () => {
  let projectId: string;
  let pageRoot: string;

  it('is planned and deployed as it was planned', async () => {
    const root = await project(
      'cli-engine',
      `kind: {name: ${cluster}}\nnamespace: cli-engine\ndockerfiles: '(?P<name>[\\w-]+)/Dockerfile$'\n`,
      {
        'cli-page/Dockerfile':
          'FROM scratch\nCOPY busybox /bin/busybox\nCOPY index.html /www/\nENTRYPOINT ["/bin/busybox","httpd","-f","-p","8000","-h","/www"]\n',
        'cli-page/index.html': 'hello from the folder\n',
        'k8s/page.yaml': page,
      },
    );
    await copyFile('/bin/busybox', join(root, 'cli-page', 'busybox'));
    projectId = await open(root);
    pageRoot = root;
    const plan = await call<Plan>('deploy.plan', { projectId });
    expect(plan.problems).toEqual([]);
    expect(
      await call('deploy.start', { projectId, fingerprint: 'of another plan' }).then(async started => {
        const { jobId } = started as { jobId: string };
        await expect
          .poll(() => call('activity.get', { jobId }), { timeout: 20_000 })
          .toMatchObject({ state: 'failed' });
        return call('activity.get', { jobId });
      }),
    ).toMatchObject({ error: { code: 'plan-stale' } });
    const events = await deploy(projectId, plan.fingerprint);
    expect(events.at(-1)).toMatchObject({ type: 'result', result: { state: 'deployed' } });
    expect(await call('deploy.history', { projectId })).toMatchObject([
      { result: { state: 'deployed' } },
      { result: { state: 'failed' } },
    ]);
    expect(await call('projects.list')).toMatchObject([{ lastDeploy: { state: 'deployed' } }]);
  });

  it('shows its images, and where they are', async () => {
    const { images } = await call<{ images: ImageState[] }>('images.list', { projectId });
    expect(images).toMatchObject([
      {
        name: 'cli-page',
        state: 'current',
        reason: null,
        built: { size: expect.any(Number) as number },
        lastBuild: { state: 'done' },
      },
    ]);
    expect(images[0]?.nodes.every(({ loaded }) => loaded)).toBe(true);
  });

  it('shows its cluster, with nodes and their images', async () => {
    const state = await call<ClusterState>('cluster.get', { projectId });
    expect(state).toMatchObject({ state: 'ready', version: expect.stringMatching(/^v1\./) as string });
    const first = state.nodes.find(({ name }) => name === node);
    expect(first).toMatchObject({
      running: true,
      kubernetesVersion: expect.stringMatching(/^v1\./) as string,
    });
    expect(first?.images?.find(({ reference }) => reference.includes('/cli-page:'))).toMatchObject({
      ours: true,
    });
  });

  it('shows its pods live, and opens its Service', async () => {
    const options = { signal: AbortSignal.timeout(20_000), windowId: null };
    let last: WorkloadsSnapshot | null = null;
    for await (const snapshot of api.open('workloads.watch', { projectId }, options)) {
      last = snapshot as WorkloadsSnapshot;
      if (last.workloads.some(({ ready }) => ready === 1)) break;
    }
    expect(last).toMatchObject({ connected: true, services: [{ ref: { name: 'page' } }] });
    expect(last?.workloads[0]?.pods[0]?.containers[0]).toMatchObject({ ours: true, old: false, ready: true });
    const { url } = await call<{ url: string }>('workloads.openService', {
      projectId,
      namespace: 'cli-engine',
      name: 'page',
      port: 80,
    });
    const answer = await fetch(url);
    expect(await answer.text()).toBe('hello from the folder\n');
    expect(
      await call('workloads.openService', { projectId, namespace: 'cli-engine', name: 'page', port: 80 }),
    ).toEqual({
      url,
    });
  });

  it('shows three texts of an object', async () => {
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'cli-engine', name: 'page' };
    expect(await call('changes.object', { projectId, ref })).toMatchObject({
      source: expect.stringContaining('ptah://cli-page') as string,
      rewritten: expect.stringMatching(/image: cli-page:[0-9a-f]{7}/) as string,
      rewrites: [{ name: 'cli-page' }],
      problem: null,
    });
    await expect(call('changes.object', { projectId, ref: { ...ref, name: 'nope' } })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('removes old tags with their copies on nodes, but for what a workload without pods still names', async () => {
    const references: string[] = [];
    for (const text of ['second', 'third']) {
      const { images } = await call<{ images: ImageState[] }>('images.list', { projectId });
      references.push(images[0]?.reference ?? '');
      await writeFile(join(pageRoot, 'cli-page', 'index.html'), `${text}\n`);
      expect((await deploy(projectId)).at(-1)).toMatchObject({ result: { state: 'deployed' } });
    }
    const [first = '', second = ''] = references;
    await kubectl('create', 'deployment', 'later', '-n', 'cli-engine', '--replicas=0', `--image=${first}`);
    const free = async () =>
      (await call<{ tags: { reference: string; keep: string | null }[] }>('images.tags', { projectId })).tags
        .filter(({ keep }) => keep === null)
        .map(({ reference }) => reference)
        .toSorted();
    // the pods before end in their own time
    await expect.poll(free, { timeout: 60_000, interval: 500 }).toEqual(references.toSorted());
    const answer = await call<{
      removed: string[];
      copies: { reference: string; node: string }[];
      kept: object[];
    }>('images.removeTags', { projectId, references, nodes: true });
    expect(answer.removed.toSorted()).toEqual(references.toSorted());
    expect(new Set(answer.copies.map(({ reference }) => reference))).toEqual(new Set([second]));
    expect(answer.copies.map(copy => copy.node)).toContain(node);
    expect(answer.kept).toContainEqual({
      reference: `${first} on ${node}`,
      reason: 'It is used by deployment cli-engine/later.',
    });
    const held = (await docker('exec', node, 'ctr', '-n', 'k8s.io', 'images', 'ls', '-q')).split('\n');
    expect(held).toContain(`docker.io/library/${first}`);
    expect(held).not.toContain(`docker.io/library/${second}`);
    expect(await free()).toEqual([]);
  }, 180_000);
});

describe('a cluster that is not there', () => {
  it('is planned to be made, with every object in it', async () => {
    const root = await project('cli-anew', 'kind: {config: kind.yml}\nnamespace: cli-engine\n', {
      'kind.yml':
        'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nname: cli-not-there\nnodes: [{role: control-plane}, {role: worker}]\n',
      'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
    });
    const projectId = await open(root);
    const plan = await call<Plan>('deploy.plan', { projectId });
    expect(plan).toMatchObject({
      runnable: true,
      cluster: {
        action: 'create',
        exists: false,
        context: 'kind-cli-not-there',
        nodes: ['cli-not-there-control-plane', 'cli-not-there-worker'],
        nodeImage: { reference: expect.stringContaining('kindest/node') as string },
      },
    });
    expect(plan.summary).toMatch(/^Create the cluster `cli-not-there`; create \d of \d objects\.$/);
    expect(await call('cluster.get', { projectId })).toMatchObject({ state: 'missing', nodes: [] });
  });
});

describe('20 images and 200 objects', () => {
  it('with nothing changed are left alone', async () => {
    const many = Array.from({ length: 20 }, (_, at) => `cli-many${at}`);
    const root = await project(
      'cli-many',
      `kind: {name: ${cluster}}\nnamespace: cli-many\ndockerfiles: '(?P<name>[\\w-]+)/Dockerfile$'\n`,
      {
        ...Object.fromEntries(many.map(name => [`${name}/Dockerfile`, `FROM scratch\nCOPY name.txt /\n`])),
        ...Object.fromEntries(many.map(name => [`${name}/name.txt`, name])),
        ...Object.fromEntries(
          Array.from({ length: 200 }, (_, at) => [
            `k8s/${at}.yaml`,
            `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${at}}\ndata: {image: "ptah://cli-many${at % 20}"}\n`,
          ]),
        ),
      },
    );
    await mkdir(join(root, 'empty'));
    const projectId = await open(root);
    expect((await deploy(projectId)).at(-1)).toMatchObject({ result: { state: 'deployed' } });
    const times: number[] = [];
    for (let round = 0; round < 3; round++) {
      const last = (await deploy(projectId)).at(-1);
      if (last?.type !== 'result') throw new Error('no result');
      expect(last.result).toMatchObject({ state: 'unchanged' });
      times.push(last.result.durationMs);
    }
    console.log(`nothing changed, 20 images, 200 objects: ${times.join(', ')} ms`);
    expect(Math.min(...times)).toBeLessThan(5_000);
  });
});
