import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectTestCluster, testNamespace, withoutWebSockets } from '../cluster/testing.ts';
import type { Cluster } from '../cluster/index.ts';
import { intoNodes } from '../terminals/testing.ts';
import { createForwards } from './index.ts';
import type { ForwardTarget, ForwardView, LiveForwards } from './index.ts';

let cluster: Cluster;
let namespace: Awaited<ReturnType<typeof testNamespace>>;
let folder: string;
let forwards: LiveForwards;
const closing = new AbortController();
const projectId = 'p-1';
const project = 'forwards-test';

function podSpec() {
  return {
    terminationGracePeriodSeconds: 0,
    volumes: [{ name: 'program', configMap: { name: 'program' } }],
    containers: [
      {
        name: 'main',
        image: 'docker.io/library/python:3.13-slim',
        imagePullPolicy: 'Never',
        command: ['python3', '/program/echo-server.py'],
        volumeMounts: [{ name: 'program', mountPath: '/program' }],
        ports: [
          { name: 'echo', containerPort: 8000 },
          { name: 'who', containerPort: 8001 },
          { name: 'slow', containerPort: 8002 },
        ],
        readinessProbe: { tcpSocket: { port: 8001 }, periodSeconds: 1 },
      },
    ],
  };
}

const target = (apiVersion: string, kind: string, name: string): ForwardTarget => ({
  apiVersion,
  kind,
  namespace: namespace.name,
  name,
});

async function forwardOf(view: ForwardView): Promise<ForwardView> {
  const { forwards: all } = await forwards.list({ projectId });
  const found = all.find(({ id }) => id === view.id);
  if (!found) throw new Error('the forward is gone');
  return found;
}

async function active(view: ForwardView): Promise<ForwardView> {
  await expect
    .poll(async () => (await forwardOf(view)).state, { timeout: 60_000, interval: 100 })
    .toBe('active');
  return forwardOf(view);
}

/** All that comes back. */
async function talk(port: number, send: Buffer | string, wanted = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const chunks: Buffer[] = [];
  let length = 0;
  socket.write(send);
  for await (const chunk of socket) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length >= wanted) break;
  }
  return Buffer.concat(chunks);
}

beforeAll(async () => {
  cluster = await connectTestCluster();
  await intoNodes('python:3.13-slim');
  namespace = await testNamespace(cluster, 'forwards');
  folder = await mkdtemp(join(tmpdir(), 'ptah-forwards-'));
  forwards = createForwards({
    folder,
    closing: closing.signal,
    read: async id => ({
      id,
      name: project,
      clusterName: 'none',
      apiPort: 28_001,
    }),
    cluster: async () => cluster,
    releases: async () => [],
  });
  await cluster.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'program', namespace: namespace.name },
    data: { 'echo-server.py': await readFile(new URL('./echo-server.py', import.meta.url), 'utf8') },
  });
  const labels = { app: 'echo' };
  const own = { 'ptah-desktop/project': project };
  const made = { namespace: namespace.name, labels: own };
  const template = { metadata: { labels }, spec: podSpec() };
  const selector = { matchLabels: labels };
  await cluster.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'echo', ...made },
    spec: { replicas: 1, selector, template },
  });
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'named', ...made },
    spec: { selector: labels, ports: [{ name: 'web', port: 80, targetPort: 'who' }] },
  });
  const setLabels = { app: 'set' };
  await cluster.create({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'set', ...made },
    spec: {
      replicas: 1,
      serviceName: 'set',
      selector: { matchLabels: setLabels },
      template: { metadata: { labels: setLabels }, spec: podSpec() },
    },
  });
}, 120_000);

afterAll(async () => {
  closing.abort();
  await forwards.close();
  await namespace.remove();
  await rm(folder, { recursive: true, force: true });
});

test('100 connections at once through one forward: every byte comes back', async () => {
  const view = await active(
    await forwards.start({
      projectId,
      target: target('apps/v1', 'Deployment', 'echo'),
      port: 'echo',
      localPort: 28_100,
    }),
  );
  expect(view).toMatchObject({ address: expect.stringContaining('127.0.0.1:28100'), podPort: 8000 });
  const digests = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const sent = randomBytes(20_000 + index * 1000);
      const back = await talk(view.localPort, sent, sent.length);
      return back.length === sent.length && digest(back) === digest(sent);
    }),
  );
  expect(digests.filter(Boolean)).toHaveLength(100);
  expect((await forwardOf(view)).served).toBeGreaterThanOrEqual(100);
}, 120_000);

test('a WebSocket through a forward: small and large messages both ways', async () => {
  const view = await active(
    await forwards.start({
      projectId,
      target: target('apps/v1', 'Deployment', 'echo'),
      port: 8005,
      localPort: 28_101,
    }),
  );
  const socket = new WebSocket(`ws://127.0.0.1:${view.localPort}/any`);
  await once(socket, 'open');
  for (const size of [5, 300, 100_000]) {
    const sent = randomBytes(size);
    socket.send(sent);
    const [back] = (await once(socket, 'message')) as [Buffer];
    expect(digest(back)).toBe(digest(sent));
  }
  socket.close();
  await once(socket, 'close');
}, 60_000);

test('a client that has said all gets an answer that comes late, whole', async () => {
  const view = await active(
    await forwards.start({
      projectId,
      target: target('apps/v1', 'Deployment', 'echo'),
      port: 8002,
      localPort: 28_102,
    }),
  );
  const socket = connect({ port: view.localPort, host: '127.0.0.1', allowHalfOpen: true });
  socket.end('x\n');
  let length = 0;
  let head = '';
  for await (const chunk of socket) {
    head ||= (chunk as Buffer).subarray(0, 6).toString();
    length += (chunk as Buffer).length;
  }
  expect(head).toBe('late-x');
  expect(length).toBe(3_000_000 + 'late-x\n'.length);
}, 60_000);

test('where no WebSocket gets through the older handshake carries the same: parallel, half-closed, refused', async () => {
  const old = withoutWebSockets(cluster);
  const other = createForwards({
    folder: await mkdtemp(join(folder, 'old-')),
    closing: closing.signal,
    read: async id => ({ id, name: project, clusterName: 'none', apiPort: 28_001 }),
    cluster: async () => old.cluster,
    releases: async () => [],
  });
  const start = (port: number, localPort: number) =>
    other.start({ projectId, target: target('apps/v1', 'Deployment', 'echo'), port, localPort });
  const [echo, late, silent] = await Promise.all([
    start(8000, 28_120),
    start(8002, 28_121),
    start(9999, 28_122),
  ]);
  expect(silent.message).toContain('Nothing listens on port 9999');
  await expect
    .poll(
      async () => (await other.list({ projectId })).forwards.filter(({ state }) => state === 'active').length,
      {
        timeout: 60_000,
        interval: 100,
      },
    )
    .toBe(2);
  const same = await Promise.all(
    Array.from({ length: 30 }, async (_, index) => {
      const sent = randomBytes(50_000 + index * 10_000);
      return digest(await talk(echo.localPort, sent, sent.length)) === digest(sent);
    }),
  );
  expect(same.filter(Boolean)).toHaveLength(30);
  const socket = connect({ port: late.localPort, host: '127.0.0.1', allowHalfOpen: true });
  socket.end('x\n');
  let length = 0;
  for await (const chunk of socket) length += (chunk as Buffer).length;
  expect(length).toBe(3_000_000 + 'late-x\n'.length);
  // tried once at the beginning of each, not for every connection
  expect(old.asked()).toBeLessThan(10);
  await other.close();
}, 90_000);

test('a Service whose port names that of the pod; the pod is deleted, the same port serves the next one', async () => {
  const view = await active(
    await forwards.start({
      projectId,
      target: target('v1', 'Service', 'named'),
      port: 'web',
      localPort: 28_103,
    }),
  );
  expect(view.podPort).toBe(8001);
  const before = String(await talk(view.localPort, '')).trim();
  expect(before).toBe(view.pod);
  await cluster.remove({ apiVersion: 'v1', kind: 'Pod', namespace: namespace.name, name: before });
  // one connection, made while there is no pod: it waits, and is served by the next one
  await expect
    .poll(async () => (await forwardOf(view)).pod, { timeout: 30_000, interval: 20 })
    .not.toBe(before);
  const after = String(await talk(view.localPort, '')).trim();
  expect(after).toMatch(/^echo-/);
  expect(after).not.toBe(before);
  expect(await active(view)).toMatchObject({ state: 'active', pod: after, localPort: view.localPort });
}, 90_000);

test('a pod of a StatefulSet is the same forward when it comes again', async () => {
  const view = await active(
    await forwards.start({ projectId, target: target('v1', 'Pod', 'set-0'), port: 'who', localPort: 28_104 }),
  );
  expect(String(await talk(view.localPort, '')).trim()).toBe('set-0');
  const pod = { apiVersion: 'v1', kind: 'Pod', namespace: namespace.name, name: 'set-0' };
  const uid = (await cluster.get(pod))?.metadata.uid;
  await cluster.remove(pod);
  await expect
    .poll(async () => (await cluster.get(pod))?.metadata.uid ?? uid, { timeout: 30_000 })
    .not.toBe(uid);
  await expect
    .poll(async () => String(await talk(view.localPort, '').catch(() => '')).trim(), { timeout: 60_000 })
    .toBe('set-0');
}, 120_000);

test('states say what is true: nothing there, nobody listens, the port is taken by a named process', async () => {
  const missing = await forwards.start({
    projectId,
    target: target('apps/v1', 'Deployment', 'none'),
    port: 8000,
    localPort: 28_105,
  });
  expect(missing).toMatchObject({ state: 'starting', message: expect.stringContaining('is not there') });
  const silent = await forwards.start({
    projectId,
    target: target('apps/v1', 'Deployment', 'echo'),
    port: 9999,
    localPort: 28_106,
  });
  expect(silent).toMatchObject({
    state: 'starting',
    message: expect.stringContaining('Nothing listens on port 9999'),
  });

  const blocker = createServer().listen(28_107, '127.0.0.1');
  await once(blocker, 'listening');
  const taken = await forwards.start({
    projectId,
    target: target('apps/v1', 'Deployment', 'echo'),
    port: 8001,
    localPort: 28_107,
  });
  expect(taken).toMatchObject({ state: 'taken', holder: { pid: process.pid }, freePort: 28_108 });
  expect(taken.message).toContain(`pid ${process.pid}`);
  const moved = await active(await forwards.move({ projectId, id: taken.id, localPort: 28_108 }));
  expect(String(await talk(moved.localPort, ''))).toMatch(/^echo-/);
  blocker.close();

  await forwards.switch({ projectId, id: moved.id, on: false });
  expect(await forwardOf(moved)).toMatchObject({ on: false, state: 'off' });
  await expect(talk(moved.localPort, '')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await forwards.remove({ projectId, id: missing.id });
  await forwards.remove({ projectId, id: silent.id });
}, 90_000);

test('forward all: every declared port of every workload, and the API; a second engine finds them off', async () => {
  const { stopped } = await forwards.stopAll({ projectId });
  expect(stopped).toBeGreaterThan(0);
  const all = await forwards.startAll({ projectId });
  const names = all.forwards
    .filter(({ on }) => on)
    .map(({ target: { kind, name }, port }) => `${kind}/${name} ${port}`);
  expect(names).toEqual([
    'Deployment/echo echo',
    'Deployment/echo who',
    'Deployment/echo slow',
    'StatefulSet/set echo',
    'StatefulSet/set who',
    'StatefulSet/set slow',
  ]);
  const ports = all.forwards.map(({ localPort }) => localPort);
  expect(new Set(ports).size).toBe(ports.length);
  expect(all.api).toMatchObject({ on: true, state: 'active', address: 'http://127.0.0.1:28001' });
  const answer = await fetch(`${all.api.address}/api/v1/namespaces/${namespace.name}/pods`);
  expect(((await answer.json()) as { items: unknown[] }).items.length).toBeGreaterThan(1);
  const foreign = await fetch(`${all.api.address}/version`, { headers: { origin: 'http://evil.example' } });
  expect(foreign.status).toBe(403);
  expect((await fetch(`${all.api.address}/api/v1/namespaces/x/pods/y/exec?command=sh`)).status).toBe(403);

  const other = createForwards({
    folder,
    closing: closing.signal,
    read: async id => ({
      id,
      name: project,
      clusterName: 'none',
      apiPort: 28_001,
    }),
    cluster: async () => cluster,
    releases: async () => [],
  });
  const seen = await other.list({ projectId });
  expect(seen.forwards.length).toBe(all.forwards.length);
  expect(seen.forwards.every(({ on }) => !on)).toBe(true);
  await other.close();

  await forwards.stopAll({ projectId });
  expect(forwards.active()).toBe(0);
  await expect(fetch(all.api.address)).rejects.toThrow();
}, 90_000);

test('whoever stands still holds back the other side, not our memory', async () => {
  const start = async (port: number, localPort: number) =>
    active(
      await forwards.start({
        projectId,
        target: target('apps/v1', 'Deployment', 'echo'),
        port,
        localPort,
      }),
    );
  const [endless, deaf] = await Promise.all([start(8003, 28_110), start(8004, 28_111)]);
  const reader = connect({ port: endless.localPort, host: '127.0.0.1' }).pause();
  const writer = connect({ port: deaf.localPort, host: '127.0.0.1' });
  const piece = Buffer.alloc(1024 * 1024);
  const write = (): void => {
    while (writer.write(piece));
  };
  writer.on('drain', write).on('error', () => undefined);
  write();
  const passed = async () => ({
    received: (await forwardOf(endless)).received,
    sent: (await forwardOf(deaf)).sent,
  });
  // the kernels on the way fill up first
  let last = await passed();
  await expect
    .poll(
      async () => {
        const before = last;
        last = await passed();
        return last.received > 0 && last.sent > 0 && JSON.stringify(before) === JSON.stringify(last);
      },
      { timeout: 45_000, interval: 2000 },
    )
    .toBe(true);
  reader.destroy();
  writer.destroy();
}, 90_000);

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
