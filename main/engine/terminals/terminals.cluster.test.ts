import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { connectTestCluster, shellImage, testNamespace } from '../cluster/testing.ts';
import type { Cluster } from '../cluster/index.ts';
import { intoNodes } from './testing.ts';
import { createTerminals } from './index.ts';
import type { TerminalInfo, Terminals } from './types.ts';

const limit = { timeout: 90_000, interval: 200 };
let cluster: Cluster;
let namespace: Awaited<ReturnType<typeof testNamespace>>;
let terminals: Terminals;

beforeAll(async () => {
  cluster = await connectTestCluster();
  namespace = await testNamespace(cluster, 'terminals-test');
  terminals = createTerminals({ connect: async () => cluster });
  await intoNodes('python:3.13-slim');
  const pause = await imageNamed('/pause:');
  const shell = await shellImage(cluster);
  await Promise.all([
    cluster.create(
      pod('python', [
        { name: 'main', image: 'docker.io/library/python:3.13-slim', command: ['sleep', '3600'] },
      ]),
    ),
    cluster.create(
      pod('plain', [
        {
          name: 'main',
          image: shell,
          command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1; done'],
        },
      ]),
    ),
    cluster.create(pod('bare', [{ name: 'main', image: pause }])),
    cluster.create({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: namespace.name },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            terminationGracePeriodSeconds: 0,
            containers: [{ name: 'main', image: shell, command: ['sleep', '3600'] }],
          },
        },
      },
    }),
  ]);
  for (const name of ['python', 'plain', 'bare']) await vi.waitFor(() => runs(name), limit);
}, 180_000);

afterEach(() => Promise.all(terminals.list().map(({ id }) => terminals.close({ id }))));
afterAll(async () => {
  await terminals.closeAll();
  await namespace.remove();
});

const pod = (name: string, containers: readonly object[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: namespace.name },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: containers.map(one => ({ imagePullPolicy: 'Never', ...one })),
  },
});

async function imageNamed(part: string): Promise<string> {
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Node' });
  const names = items
    .flatMap(({ status }) => (status as { images?: { names?: string[] | null }[] }).images ?? [])
    .flatMap(({ names }) => names ?? []);
  const found = names.find(name => name.includes(part) && !name.includes('@'));
  expect(found, `The nodes hold no image ${part}`).toBeDefined();
  return found as string;
}

async function runs(name: string): Promise<void> {
  expect(await cluster.get({ apiVersion: 'v1', kind: 'Pod', namespace: namespace.name, name })).toMatchObject(
    {
      status: { phase: 'Running' },
    },
  );
}

/** A view: everything that was drawn, and the last state. */
function view(id: string, after = 0) {
  const controller = new AbortController();
  const seen = { text: '', info: null as TerminalInfo | null, resets: 0, close: () => controller.abort() };
  const decoder = new TextDecoder();
  void (async () => {
    for await (const item of terminals.attach({ id, after }, controller.signal)) {
      if (item.type === 'state') seen.info = item.terminal;
      else if (item.type === 'reset') seen.resets += 1;
      else seen.text += decoder.decode(Buffer.from(item.data, 'base64'), { stream: true });
    }
  })().catch(() => undefined);
  return seen;
}

const type = (id: string, text: string) =>
  terminals.input({ id, data: Buffer.from(text, 'utf8').toString('base64') });
const open = (name: string, container = 'main') =>
  terminals.open({ projectId: 'p', namespace: namespace.name, pod: name, container, cols: 80, rows: 24 });

/** Command lines that run in the pod, without the one that asks. */
async function processes(name: string): Promise<string> {
  const session = await cluster.exec(
    { namespace: namespace.name, name, container: 'main' },
    { argv: ['sh', '-c', 'for p in /proc/[0-9]*/cmdline; do tr "\\0" " " <"$p"; echo; done'], stdin: false },
  );
  let text = '';
  session.stderr.resume();
  for await (const chunk of session.stdout) text += String(chunk);
  return text;
}

test('bash where there is one; size, colours, every byte, a second view, and nothing is left', async () => {
  const { id } = await open('python');
  const one = view(id);
  await expect.poll(() => one.info?.state, limit).toBe('running');
  expect(one.info?.shell).toBe('bash');
  await type(id, 'PS1="> "; stty size; echo "$TERM" größe-日本-$((40+2))\n');
  await expect.poll(() => one.text, limit).toContain('xterm-256color größe-日本-42');
  expect(one.text).toContain('24 80');
  expect(one.text).not.toContain('7770');
  terminals.resize({ id, cols: 133, rows: 41 });
  await type(id, 'until [ "$(stty size)" = "41 133" ]; do sleep 0.1; done; echo now-$((100+33))\n');
  await expect.poll(() => one.text, limit).toContain('now-133');
  expect(one.info).toMatchObject({ cols: 133, rows: 41 });
  one.close();
  const two = view(id);
  await expect.poll(() => two.text, limit).toContain('now-133');
  expect(two.text).toBe(one.text);
  await type(id, 'sleep 98765 & sleep 98764\n');
  await expect.poll(() => processes('python'), limit).toContain('98764');
  await terminals.close({ id });
  await expect.poll(() => processes('python'), limit).not.toMatch(/9876|bash/);
  expect(terminals.list()).toEqual([]);
  await expect(type(id, 'x')).rejects.toMatchObject({ code: 'not-found' });
}, 120_000);

test('sh where there is nothing better; the exit code is told', async () => {
  const { id } = await open('plain');
  const seen = view(id);
  await expect.poll(() => seen.info?.state, limit).toBe('running');
  expect(['sh', 'ash']).toContain(seen.info?.shell);
  await type(id, 'exit 3\n');
  await expect.poll(() => seen.info, limit).toMatchObject({ state: 'ended', exitCode: 3 });
  await expect(type(id, 'x')).rejects.toMatchObject({ code: 'not-running' });
  terminals.reconnect({ id });
  await expect.poll(() => seen.info?.state, limit).toBe('running');
}, 120_000);

test('a container that restarts is told, and a click connects again', async () => {
  const { id } = await open('plain');
  const seen = view(id);
  await expect.poll(() => seen.info?.state, limit).toBe('running');
  await type(id, 'echo before-$((1+1)); kill -TERM 1\n');
  await expect.poll(() => seen.info?.state, limit).toBe('lost');
  expect(seen.info?.message).toMatch(/Container main ended/);
  await vi.waitFor(async () => {
    const found = await cluster.get({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: namespace.name,
      name: 'plain',
    });
    expect(found?.status).toMatchObject({ containerStatuses: [{ restartCount: 1, state: { running: {} } }] });
  }, limit);
  terminals.reconnect({ id });
  await expect.poll(() => seen.info?.state, limit).toBe('running');
  await type(id, 'echo after-$((1+1))\n');
  await expect.poll(() => seen.text, limit).toContain('after-2');
  expect(seen.text).toContain('before-2');
}, 180_000);

test('a pod that is replaced is followed to its successor', async () => {
  const first = await vi.waitFor(runningWeb, limit);
  const { id } = await open(first);
  const seen = view(id);
  await expect.poll(() => seen.info?.state, limit).toBe('running');
  await cluster.remove({ apiVersion: 'v1', kind: 'Pod', namespace: namespace.name, name: first });
  await expect
    .poll(() => seen.info, limit)
    .toMatchObject({ state: 'running', pod: expect.not.stringContaining(first) });
  expect(seen.text).toContain(`Pod ${first} was deleted.`);
  expect(seen.text).toContain(`Now in pod ${seen.info?.pod}`);
  await type(id, 'echo here-$((3+4))\n');
  await expect.poll(() => seen.text, limit).toContain('here-7');
}, 180_000);

async function runningWeb(): Promise<string> {
  const { items } = await cluster.list({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: namespace.name,
    labelSelector: 'app=web',
  });
  const found = items.find(({ status }) => (status as { phase?: string }).phase === 'Running');
  expect(found).toBeDefined();
  return (found as { metadata: { name: string } }).metadata.name;
}

test('an image without a shell: the offer says what it does, then a debug container brings one and ends with the terminal', async () => {
  const { id } = await open('bare');
  const seen = view(id);
  await expect.poll(() => seen.info?.state, limit).toBe('no-shell');
  const offer = await terminals.debugOffer({ id });
  expect(offer).toMatchObject({ pod: 'bare', container: 'main' });
  expect(offer.steps.join(' ')).toContain('Nothing is pulled');
  expect(offer.images).not.toHaveLength(0);
  await expect(terminals.debug({ id, image: 'no-such-image:1' })).rejects.toMatchObject({
    code: 'debug-container-failed',
    message: expect.stringContaining('ErrImageNeverPull'),
  });
  await terminals.debug({ id, image: await shellImage(cluster) });
  await expect.poll(() => seen.info?.state, limit).toBe('running');
  await type(id, 'tr "\\0" " " </proc/1/cmdline; echo seen-$((5+5))\n');
  await expect.poll(() => seen.text, limit).toContain('seen-10');
  expect(seen.text).toContain('/pause');
  await terminals.close({ id });
  await vi.waitFor(async () => {
    const found = await cluster.get({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: namespace.name,
      name: 'bare',
    });
    const { status } = found as unknown as {
      status: { ephemeralContainerStatuses: { name: string; state: object }[] };
    };
    const states = status.ephemeralContainerStatuses;
    expect(states.filter(({ state }) => 'running' in state)).toEqual([]);
    expect(states.some(({ state }) => 'terminated' in state)).toBe(true);
  }, limit);
}, 180_000);

test('what cannot be is said', async () => {
  const none = view((await open('nobody')).id);
  await expect
    .poll(() => none.info, limit)
    .toMatchObject({ state: 'failed', message: expect.stringContaining('no pod nobody') });
  const other = view((await open('plain', 'other')).id);
  await expect
    .poll(() => other.info, limit)
    .toMatchObject({ state: 'failed', message: expect.stringContaining('other') });
});
