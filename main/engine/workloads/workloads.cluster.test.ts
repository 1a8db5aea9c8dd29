import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectTestCluster, shellImage, testNamespace } from '../cluster/testing.ts';
import type { Cluster } from '../cluster/index.ts';
import type { KubernetesObject, ObjectRef } from '../manifests/index.ts';
import { awaitRollout, openService, watchWorkloads } from './index.ts';
import type { RolloutStatus, WorkloadsSnapshot } from './index.ts';

let cluster: Cluster;
let image: string;
let space: Awaited<ReturnType<typeof testNamespace>>;

beforeAll(async () => {
  cluster = await connectTestCluster();
  image = await shellImage(cluster);
  space = await testNamespace(cluster, 'workloads-test');
});

afterAll(async () => {
  await space?.remove();
});

const podSpec = (
  script: string,
  extra: Record<string, unknown> = {},
  container: Record<string, unknown> = {},
): Record<string, unknown> => ({
  terminationGracePeriodSeconds: 0,
  containers: [
    { name: 'main', image, imagePullPolicy: 'Never', command: ['/bin/sh', '-c', script], ...container },
  ],
  ...extra,
});

async function deploy(
  name: string,
  spec: Record<string, unknown>,
  options: { replicas?: number; labels?: Record<string, string> } = {},
): Promise<ObjectRef> {
  const object: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: space.name,
      labels: { 'ptah-desktop/project': 'workloads-test', ...options.labels },
    },
    spec: {
      replicas: options.replicas ?? 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec },
    },
  };
  await cluster.apply(object, { force: true });
  return { apiVersion: 'apps/v1', kind: 'Deployment', namespace: space.name, name };
}

const only = async (ref: ObjectRef, timeoutMs = 120_000): Promise<RolloutStatus> => {
  const [status] = await awaitRollout(cluster, [ref], { timeoutMs });
  if (status === undefined) throw new Error('no status');
  return status;
};

describe('a rollout that settles', () => {
  test('a Deployment, a StatefulSet, a DaemonSet and a Job', async () => {
    const seen: string[] = [];
    const meta = (name: string) => ({ name, namespace: space.name });
    const template = (name: string, spec: Record<string, unknown>) => ({
      metadata: { labels: { app: name } },
      spec,
    });
    const selector = (name: string) => ({ matchLabels: { app: name } });
    const refs = [await deploy('fine', podSpec('sleep 3600'), { replicas: 2 })];
    const others: KubernetesObject[] = [
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: meta('set'),
        spec: {
          serviceName: 'set',
          selector: selector('set'),
          template: template('set', podSpec('sleep 3600')),
        },
      },
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: meta('daemon'),
        spec: { selector: selector('daemon'), template: template('daemon', podSpec('sleep 3600')) },
      },
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: meta('job'),
        spec: { template: template('job', podSpec('true', { restartPolicy: 'Never' })) },
      },
    ];
    for (const object of others) {
      await cluster.apply(object);
      refs.push({
        apiVersion: object.apiVersion,
        kind: object.kind,
        namespace: space.name,
        name: object.metadata.name,
      });
    }
    const statuses = await awaitRollout(cluster, refs, {
      timeoutMs: 120_000,
      onStatus: ({ ref, state }) => seen.push(`${ref.kind} ${state}`),
    });
    expect(statuses.map(({ ref, state, problems }) => [ref.kind, state, problems])).toEqual([
      ['Deployment', 'ready', []],
      ['StatefulSet', 'ready', []],
      ['DaemonSet', 'ready', []],
      ['Job', 'ready', []],
    ]);
    expect(seen).toContain('Deployment waiting');
    const start = performance.now();
    expect((await awaitRollout(cluster, refs)).every(({ state }) => state === 'ready')).toBe(true);
    console.log(`a settled rollout of 4 is known after ${Math.round(performance.now() - start)} ms`);
  });
});

describe('a rollout that cannot settle says which container and why', () => {
  test('each of the known failures, side by side', async () => {
    const start = performance.now();
    const refs = {
      crash: await deploy('crash', podSpec('echo before; echo "no such table: users"; exit 3')),
      neverPull: await deploy('never-pull', podSpec('true', {}, { image: 'workloads-test/nowhere:1' })),
      config: await deploy(
        'config',
        podSpec('sleep 3600', {}, { envFrom: [{ configMapRef: { name: 'missing-settings' } }] }),
      ),
      schedule: await deploy(
        'schedule',
        podSpec('sleep 3600', { nodeSelector: { 'ptah.example/none': 'such' } }),
      ),
      volume: await deploy(
        'volume',
        podSpec(
          'sleep 3600',
          { volumes: [{ name: 'v', secret: { secretName: 'missing-keys' } }] },
          { volumeMounts: [{ name: 'v', mountPath: '/v' }] },
        ),
      ),
      init: await deploy(
        'init',
        podSpec('sleep 3600', {
          initContainers: [
            {
              name: 'migrate',
              image,
              imagePullPolicy: 'Never',
              command: ['/bin/sh', '-c', 'echo cannot migrate; exit 1'],
            },
          ],
        }),
      ),
      exits: await deploy('exits', podSpec('echo done')),
    };
    const statuses = await Promise.all(Object.values(refs).map(ref => only(ref)));
    const found = Object.fromEntries(
      Object.keys(refs).map((name, index) => [name, statuses[index]?.problems[0]]),
    );
    console.log(
      `7 failures found in ${Math.round((performance.now() - start) / 1000)} s:\n${statuses.map(({ message }) => `  ${message}`).join('\n')}`,
    );
    expect(statuses.map(({ state }) => state)).toEqual(Array.from({ length: 7 }, () => 'failed'));
    expect(found.crash).toMatchObject({
      code: 'crash-loop',
      container: 'main',
      message: expect.stringContaining('exit code 3'),
    });
    expect(found.crash?.log).toEqual(['before', 'no such table: users']);
    expect(found.neverPull).toMatchObject({
      code: 'image-pull',
      message: expect.stringContaining('workloads-test/nowhere:1'),
    });
    expect(found.config).toMatchObject({
      code: 'config-missing',
      message: expect.stringContaining('missing-settings'),
    });
    expect(found.schedule).toMatchObject({ code: 'scheduling', message: expect.stringMatching(/node/) });
    expect(found.volume).toMatchObject({
      code: 'config-missing',
      message: expect.stringContaining('missing-keys'),
    });
    expect(found.init).toMatchObject({ code: 'init-failed', container: 'migrate', log: ['cannot migrate'] });
    expect(found.exits).toMatchObject({ code: 'exited', message: expect.stringContaining('exit code 0') });
  });

  test('a quota', async () => {
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'small', namespace: space.name },
      spec: { hard: { 'limits.memory': '1Mi' } },
    });
    try {
      const status = await only(
        await deploy('quota', podSpec('sleep 3600', {}, { resources: { limits: { memory: '512Mi' } } })),
      );
      expect(status.problems[0]).toMatchObject({
        code: 'quota',
        message: expect.stringContaining('exceeded quota: small'),
      });
    } finally {
      await cluster.remove({ apiVersion: 'v1', kind: 'ResourceQuota', namespace: space.name, name: 'small' });
    }
  });

  test('a readiness probe is named when the time is over', async () => {
    const status = await only(
      await deploy(
        'probe',
        podSpec(
          'sleep 3600',
          {},
          { readinessProbe: { exec: { command: ['/bin/false'] }, periodSeconds: 1 } },
        ),
      ),
      // long enough for a slow machine to start the container: only then is the probe what is wrong
      25_000,
    );
    expect(status).toMatchObject({ state: 'failed', problems: [{ code: 'probe', container: 'main' }] });
  });

  test('a failing Job with its log', async () => {
    await cluster.apply({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'fails', namespace: space.name },
      spec: {
        backoffLimit: 0,
        template: { spec: podSpec('echo nothing to seed; exit 4', { restartPolicy: 'Never' }) },
      },
    });
    const status = await only({ apiVersion: 'batch/v1', kind: 'Job', namespace: space.name, name: 'fails' });
    expect(status).toMatchObject({
      state: 'failed',
      problems: [{ code: 'exited', container: 'main', log: ['nothing to seed'] }],
    });
  });

  test('cancelling ends the wait at once', async () => {
    const ref = await deploy(
      'never-ready',
      podSpec('sleep 3600', {}, { readinessProbe: { exec: { command: ['/bin/false'] } } }),
    );
    const start = performance.now();
    await expect(awaitRollout(cluster, [ref], { signal: AbortSignal.timeout(500) })).rejects.toThrow();
    expect(performance.now() - start).toBeLessThan(4_000);
  });
});

describe('watching', () => {
  test('a snapshot at the start, and another when something changes; old images are marked', async () => {
    const stop = new AbortController();
    const name = image.replace(/^docker\.io\//, '').replace(/:[^:/]+$/, '');
    const ref = await deploy('watched', podSpec('sleep 3600'));
    await only(ref);
    const current = new Map([[name, image]]);
    const snapshots = watchWorkloads(
      cluster,
      { projectName: 'workloads-test', namespaces: [space.name], images: () => current },
      stop.signal,
    );
    const find = ({ workloads }: WorkloadsSnapshot) =>
      workloads.find(({ ref: { name: found } }) => found === 'watched');
    try {
      const first = (await snapshots.next()).value as WorkloadsSnapshot;
      expect(first.connected).toBe(true);
      expect(find(first)).toMatchObject({
        state: 'running',
        ready: 1,
        desired: 1,
        pods: [{ state: 'running', containers: [{ name: 'main', ours: true, old: false }] }],
      });
      current.set(name, `${name}:newer`);
      const start = performance.now();
      await deploy('watched', podSpec('sleep 3600'), { replicas: 2 });
      for await (const snapshot of snapshots) {
        const view = find(snapshot);
        if (view?.desired !== 2) continue;
        console.log(`a change is seen after ${Math.round(performance.now() - start)} ms`);
        expect(view.pods[0]?.containers[0]).toMatchObject({ ours: true, old: true });
        break;
      }
    } finally {
      stop.abort();
    }
  });
});

describe('a Service through the API server', () => {
  test('answers behind its token, and to nobody else', async () => {
    // The one Service with a program behind it that every cluster has: CoreDNS and its metrics.
    const opened = await openService(cluster, { namespace: 'kube-system', name: 'kube-dns', port: 9153 });
    try {
      const answer = (url: string, headers: Record<string, string> = {}) =>
        fetch(url, { headers, redirect: 'manual' });
      const response = await answer(`${opened.url}metrics`);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('coredns_build_info');
      const { origin } = new URL(opened.url);
      expect((await answer(`${origin}/metrics`)).status).toBe(403);
      expect((await answer(`${origin}/${'0'.repeat(64)}/metrics`)).status).toBe(403);
      expect((await answer(`${opened.url}metrics`, { origin: 'http://evil.example' })).status).toBe(403);
    } finally {
      await opened.close();
    }
    await expect(fetch(opened.url)).rejects.toThrow();
  });
});
