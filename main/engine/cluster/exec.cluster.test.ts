import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connectTestCluster, shellImage, testNamespace } from './testing.ts';
import type { Cluster, ExecSession, PodContainer } from './types.ts';

let cluster: Cluster;
let namespace: Awaited<ReturnType<typeof testNamespace>>;
let pod: PodContainer;

beforeAll(async () => {
  cluster = await connectTestCluster();
  namespace = await testNamespace(cluster, 'cluster-exec');
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'shell', namespace: namespace.name },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: await shellImage(cluster), command: ['sleep', '3600'] }],
    },
  });
  await vi.waitFor(phaseIsRunning, { timeout: 90_000, interval: 200 });
  pod = { namespace: namespace.name, name: 'shell', container: 'main' };
}, 120_000);

afterAll(() => namespace.remove());

async function phaseIsRunning(): Promise<void> {
  const shell = { apiVersion: 'v1', kind: 'Pod', namespace: namespace.name, name: 'shell' };
  expect(await cluster.get(shell)).toMatchObject({ status: { phase: 'Running' } });
}

async function text(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function run(
  argv: readonly string[],
  input = '',
): Promise<{ out: string; err: string; exit: unknown }> {
  const session = await cluster.exec(pod, { argv });
  session.stdin.end(input);
  const [out, err, exit] = await Promise.all([text(session.stdout), text(session.stderr), session.exit]);
  return { out, err, exit };
}

test('words arrive unchanged, both outputs apart, and the exit code is told', async () => {
  const words = ['two words', `'"$HOME\``, 'line\nbreak', '-n', 'größe', ''];
  const { out, err, exit } = await run([
    'sh',
    '-c',
    'for w in "$@"; do printf "%s|" "$w"; done; echo bad >&2; exit 7',
    'sh',
    ...words,
  ]);
  expect(out).toBe(words.map(word => `${word}|`).join(''));
  expect(err).toBe('bad\n');
  expect(exit).toMatchObject({ exitCode: 7 });
  expect((await run(['true'])).exit).toEqual({ exitCode: 0, reason: null });
});

test('input that ends lets the command end; 24 MB go in and come back byte for byte past a slow reader', async () => {
  const bytes = randomBytes(24 * 1024 * 1024);
  const session = await cluster.exec(pod, { argv: ['cat'] });
  expect(session.halfClose).toBe(true);
  session.stderr.resume();
  session.stdin.end(bytes);
  const hash = createHash('sha256');
  let length = 0;
  let paused = false;
  for await (const chunk of session.stdout) {
    hash.update(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (!paused && length > 1024 * 1024) {
      paused = true;
      await delay(1500);
      // What nobody reads is held back in the container, not in our memory.
      expect(session.stdout.readableLength).toBeLessThan(1024 * 1024);
    }
  }
  expect(length).toBe(bytes.length);
  expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(await session.exit).toEqual({ exitCode: 0, reason: null });
}, 60_000);

test('a terminal has a size that follows', async () => {
  const session = await cluster.exec(pod, { argv: ['sh'], tty: true });
  const read = reading(session);
  session.resize(101, 37);
  session.stdin.write('while [ "$(stty size)" != "37 101" ]; do sleep 0.1; done; echo size-$((30+7))\n');
  await expect.poll(() => read.text, { timeout: 20_000 }).toContain('size-37');
  session.resize(80, 24);
  session.stdin.write('while [ "$(stty size)" != "24 80" ]; do sleep 0.1; done; echo size-$((20+4))\n');
  await expect.poll(() => read.text, { timeout: 20_000 }).toContain('size-24');
  session.stdin.write('exit 3\n');
  expect(await session.exit).toMatchObject({ exitCode: 3 });
}, 60_000);

test('closing ends the command that reads', async () => {
  const mark = `mark${Math.random().toString(36).slice(2)}`;
  const session = await cluster.exec(pod, { argv: ['sh', '-c', `: ${mark}; echo up; cat >/dev/null; :`] });
  const read = reading(session);
  await expect.poll(() => read.text).toContain('up');
  session.close();
  expect(await session.exit).toMatchObject({ exitCode: null });
  await expect
    .poll(async () => (await run(['sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "'])).out, {
      timeout: 20_000,
    })
    .not.toContain(mark);

  const controller = new AbortController();
  const second = await cluster.exec(pod, { argv: ['cat'] }, controller.signal);
  controller.abort();
  expect(await second.exit).toMatchObject({ exitCode: null });
}, 60_000);

test('what does not exist is said', async () => {
  const { exit } = await run(['no-such-command']);
  expect(exit).toMatchObject({ reason: expect.stringContaining('no-such-command') });
  expect((exit as { exitCode: number | null }).exitCode).not.toBe(0);
  await expect(cluster.exec({ ...pod, container: 'none' }, { argv: ['true'] })).rejects.toMatchObject({
    name: 'PtahError',
    message: expect.stringContaining('none'),
  });
  await expect(cluster.exec({ ...pod, name: 'none' }, { argv: ['true'] })).rejects.toMatchObject({
    code: 'not-found',
  });
  await expect(cluster.exec(pod, { argv: ['true'] }, AbortSignal.abort())).rejects.toMatchObject({
    code: 'cancelled',
  });
});

function reading(session: ExecSession): { text: string } {
  const read = { text: '' };
  session.stderr.resume();
  session.stdout.on('data', (chunk: Buffer) => (read.text += chunk.toString('utf8')));
  return read;
}
