import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Cluster, ExecSession } from '../../cluster/index.ts';
import { connectDocker } from '../../docker/index.ts';
import type { Channel, ChannelKind, ContainerAddress, Operation } from '../types.ts';
import { channelOpeners, createOpenChannel } from './index.ts';
import type { ChannelLimits } from './index.ts';
import { sha256 } from './sources.ts';
import { images, openWorld, runningContainer } from './testing.ts';
import type { ChannelWorld } from './testing.ts';

const label = `label${randomBytes(6).toString('hex')}`;
let world: ChannelWorld;
let folder: string;
let steady: ContainerAddress;

const command = ['/bin/busybox', 'sh', '-c', 'echo started; exec sleep 36000'];
const spec = { containers: [{ name: 'main', image: images.busybox, command }] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ptah-channels-faults-'));
  world = await openWorld();
  steady = await world.start('steady', spec);
}, 300_000);

afterAll(async () => {
  await world.end();
  await rm(folder, { recursive: true, force: true });
});

interface How {
  readonly kind: ChannelKind;
  readonly address?: ContainerAddress;
  readonly cluster?: Cluster;
  readonly host?: string;
  readonly limits?: Partial<ChannelLimits>;
}

function open({ kind, address = steady, cluster = world.cluster, host, limits }: How): Promise<Channel> {
  const docker = host === undefined ? world.docker : connectDocker({ host });
  const openers = channelOpeners({ docker, cluster, label, ...(limits && { limits }) });
  return openers[kind](address, { targets: ['/srv'], signal: new AbortController().signal });
}

async function file(path: string, bytes: Uint8Array): Promise<Operation> {
  const name = join(folder, sha256(bytes));
  await writeFile(name, bytes);
  return {
    op: 'file',
    path,
    mode: 0o644,
    size: bytes.length,
    hash: sha256(bytes),
    source: { file: name },
    owner: null,
  };
}

/** Our processes on the node and in its containers; those of other tests have another label. */
async function leftBehind(): Promise<string> {
  const script =
    'for p in /proc/[0-9]*; do if tr "\\0" " " <$p/cmdline 2>/dev/null | grep -q "$1$2"; then echo "$p"; fi; done';
  return world.onNode(`set -- ${label.slice(0, 5)} ${label.slice(5)}; ${script}`);
}

test.each(['node', 'stream', 'tar'] as const)(
  '%s: no process is left after it is closed',
  async kind => {
    const channel = await open({ kind });
    const { failed } = await channel.apply([await file(`/srv/left-${kind}`, randomBytes(600_000))]);
    expect(failed).toEqual([]);
    if (kind !== 'tar') expect(await leftBehind()).not.toBe('');
    await channel.close();
    expect(await channel.closed).toContain('closed');
    await expect(channel.apply([])).rejects.toMatchObject({ code: 'channel-lost' });
    await vi.waitFor(async () => expect(await leftBehind()).toBe(''), { timeout: 20_000, interval: 300 });
  },
  60_000,
);

test('one helper serves all containers of a node and ends with the last of them', async () => {
  const other = await world.start('other', spec);
  const openers = channelOpeners({ docker: world.docker, cluster: world.cluster, label });
  const how = { targets: ['/srv'], signal: new AbortController().signal };
  const [first, second] = await Promise.all([openers.node(steady, how), openers.node(other, how)]);
  expect((await leftBehind()).trim().split('\n')).toHaveLength(1);
  // A large file into one does not hold up the other.
  const order: string[] = [];
  const [largeFile, smallFile] = [
    await file('/srv/large', randomBytes(40_000_000)),
    await file('/srv/small', randomBytes(1000)),
  ];
  const large = first.apply([largeFile]).finally(() => order.push('large'));
  const small = second.apply([smallFile]).finally(() => order.push('small'));
  expect((await large).failed).toEqual([]);
  expect((await small).failed).toEqual([]);
  expect(order).toEqual(['small', 'large']);
  expect((await second.read(['/srv/large', '/srv/small'])).size).toBe(1);
  await first.close();
  expect((await second.apply([await file('/srv/small', randomBytes(1001))])).failed).toEqual([]);
  await second.close();
  await vi.waitFor(async () => expect(await leftBehind()).toBe(''), { timeout: 20_000, interval: 300 });
}, 60_000);

test.each(['node', 'stream'] as const)(
  '%s: it ends with its container and never reaches the next one',
  async kind => {
    const before = await world.start(`ends-${kind}`, spec);
    const channel = await open({ kind, address: before });
    await channel.apply([await file('/srv/x', Buffer.from('before'))]);
    await world.onNode(`ctr -n k8s.io tasks kill -s KILL ${before.containerId.replace(/^.*:\/\//, '')}`);
    expect(await channel.closed).not.toBe('');
    await expect(channel.apply([await file('/srv/x', Buffer.from('late'))])).rejects.toMatchObject({
      code: expect.stringMatching(/^(container-gone|channel-lost)$/),
    });
    const after = await runningContainer(world.cluster, before.namespace, before.pod, before.containerId);
    await channel.close();
    const next = await open({ kind, address: after });
    expect((await next.read(['/srv/x'])).size).toBe(0);
    await next.close();
    if (kind === 'node')
      await expect(open({ kind, address: before })).rejects.toMatchObject({ code: 'container-gone' });
  },
  120_000,
);

test('a signal reaches the first process', async () => {
  const script = 'trap "echo hup >/srv/got" HUP; while :; do sleep 0.2; done';
  const address = await world.start('signalled', {
    containers: [{ name: 'main', image: images.busybox, command: ['sh', '-c', script] }],
  });
  for (const kind of ['node', 'stream', 'tar'] as const) {
    const channel = await open({ kind, address });
    await channel.apply([{ op: 'remove', path: '/srv/got', was: 'file' }]);
    await channel.signal('SIGHUP');
    await vi.waitFor(async () => expect((await channel.read(['/srv/got'])).size).toBe(1), {
      timeout: 15_000,
    });
    await expect(channel.signal('SIGNONE')).rejects.toMatchObject({ name: 'PtahError' });
    expect(await channel.run(['sh', '-c', 'echo out; exit 4'])).toEqual({ exitCode: 4, output: 'out\n' });
    await channel.close();
  }
}, 90_000);

test('a helper that stands still is given up, and a new one works', async () => {
  const channel = await open({ kind: 'node', limits: { silence: 1500 } });
  const [process] = (await leftBehind()).trim().split('\n');
  await world.onNode(`kill -STOP ${process?.replace('/proc/', '')}`);
  await expect(channel.apply([await file('/srv/x', randomBytes(10))])).rejects.toMatchObject({
    code: 'channel-lost',
  });
  const next = await open({ kind: 'node' });
  expect((await next.apply([await file('/srv/x', randomBytes(11))])).failed).toEqual([]);
  await world.onNode(`kill -CONT ${process?.replace('/proc/', '')}`);
  await channel.close();
  await next.close();
  await vi.waitFor(async () => expect(await leftBehind()).toBe(''), { timeout: 20_000, interval: 300 });
}, 60_000);

test.each(['node', 'stream', 'tar'] as const)(
  '%s: cut anywhere, no half file is seen and none is left',
  async kind => {
    const paths = Array.from({ length: 40 }, (_, at) => `/srv/cut-${kind}/f${at}`);
    const sized = (at: number): number => (at % 10 === 0 ? 900_000 : 3000);
    const old = await Promise.all(paths.map((path, at) => file(path, randomBytes(sized(at)))));
    const total = old.reduce((sum, operation) => sum + (operation.op === 'file' ? operation.size : 0), 0);
    const calm = await open({ kind });
    expect((await calm.apply(old)).failed).toEqual([]);
    await calm.close();
    let current = new Map(old.map(operation => [operation.path, operation]));
    for (let round = 0; round < 6; round += 1) {
      const next = await Promise.all(paths.map((path, at) => file(path, randomBytes(sized(at)))));
      const offset = 2000 + Math.floor(Math.random() * total);
      const done = await cutAt(kind, offset, channel => channel.apply(next));
      const look = await open({ kind });
      const tree = await look.read(paths);
      const now = new Map<string, Operation>();
      for (const [at, path] of paths.entries()) {
        const entry = tree.get(path);
        const hash = entry?.type === 'file' ? entry.hash : 'none';
        const whole = [current.get(path), next[at]].find(
          operation => operation?.op === 'file' && operation.hash === hash,
        );
        expect(whole, `${path} after a cut at ${offset} is neither the old nor the new file`).toBeDefined();
        if (whole !== undefined) now.set(path, whole);
      }
      expect(done).toBe('lost');
      current = now;
      await vi.waitFor(
        async () =>
          expect((await look.run(['sh', '-c', 'ls -a /srv /srv/cut-*; true'])).output).not.toContain(
            '.ptah-sync',
          ),
        { timeout: 10_000 },
      );
      await look.close();
    }
  },
  180_000,
);

/** Cuts the connection after so many bytes were sent through it. */
async function cutAt(
  kind: ChannelKind,
  offset: number,
  work: (channel: Channel) => Promise<unknown>,
): Promise<string> {
  if (kind !== 'node') {
    let left = offset;
    const cluster: Cluster = {
      ...world.cluster,
      async exec(pod, what, signal) {
        const session = await world.cluster.exec(pod, what, signal);
        const write = session.stdin._write.bind(session.stdin);
        session.stdin._write = (chunk: Buffer, encoding, done) => {
          left -= chunk.length;
          if (left > 0) return write(chunk, encoding, done);
          write(chunk.subarray(0, Math.max(0, chunk.length + left)), encoding, () =>
            cut.forEach(one => one.close()),
          );
          done();
        };
        cut.push(session);
        return session;
      },
    };
    const cut: ExecSession[] = [];
    const channel = await open({ kind, cluster });
    const result = await outcome(work(channel));
    await channel.close();
    return result;
  }
  const path = join(folder, `door-${randomBytes(4).toString('hex')}`);
  let left = offset;
  const server = createServer({ allowHalfOpen: true }, caller => {
    const engine = connect({ path: '/var/run/docker.sock', allowHalfOpen: true });
    for (const socket of [caller, engine]) socket.on('error', () => undefined);
    caller.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left > 0) engine.write(chunk);
      else {
        engine.write(chunk.subarray(0, Math.max(0, chunk.length + left)), () => engine.destroy());
        caller.destroy();
      }
    });
    caller.on('end', () => engine.end());
    engine.pipe(caller);
    engine.on('close', () => caller.destroy());
  });
  await new Promise<void>(resolve => server.listen(path, resolve));
  const channel = await open({ kind, host: `unix://${path}` });
  const result = await outcome(work(channel));
  await channel.close();
  server.close();
  await delay(50);
  return result;
}

async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'whole';
  } catch (error) {
    expect(error).toMatchObject({ code: 'channel-lost' });
    return 'lost';
  }
}

test('the best channel is taken, and why not a better one is said', async () => {
  const { docker, cluster } = world;
  const how = { targets: ['/srv'], signal: new AbortController().signal };
  const best = await createOpenChannel({ docker, cluster })(steady, how);
  expect(best.kind).toBe('node');
  await best.close();
  const elsewhere = await createOpenChannel({ docker, cluster, nodes: async () => [] })(steady, how);
  expect(elsewhere.kind).toBe('stream');
  expect(elsewhere.reason).toContain(steady.node);
  await elsewhere.close();
  const bare = await world.start('bare', {
    containers: [{ name: 'main', image: images.bare, command: ['/bin/busybox', 'sleep', '36000'] }],
  });
  await expect(
    createOpenChannel({ docker, cluster, nodes: async () => [] })(bare, how),
  ).rejects.toMatchObject({
    code: 'no-channel',
    details: { output: [expect.stringContaining('node'), expect.stringContaining('sh'), expect.anything()] },
  });
}, 60_000);
