import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Cluster } from '../../engine/cluster/index.ts';
import { connectTestCluster, shellImage, testNamespace } from '../../engine/cluster/testing.ts';
import { program, testFolder, type TestFolder } from './testing.ts';

const limit = { timeout: 90_000, interval: 200 };
let cluster: Cluster;
let namespace: Awaited<ReturnType<typeof testNamespace>>;
let folder: TestFolder;

beforeAll(async () => {
  cluster = await connectTestCluster();
  namespace = await testNamespace(cluster, 'terminals-test-ssh');
  folder = await testFolder('ssh');
  await folder.write({
    'ptah.yml': `name: ssh-test\nkind: {name: ${process.env.PTAH_TEST_CLUSTER ?? 'ptah-test'}}\nnamespace: ${namespace.name}\n`,
  });
  const container = { image: await shellImage(cluster), command: ['sleep', '3600'] };
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'two', namespace: namespace.name, labels: { app: 'ssh-two' } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        { name: 'main', ...container },
        { name: 'side', ...container },
      ],
    },
  });
  await vi.waitFor(async () => {
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: namespace.name, name: 'two' };
    expect(await cluster.get(ref)).toMatchObject({ status: { phase: 'Running' } });
  }, limit);
}, 120_000);

afterAll(async () => {
  await namespace.remove();
  await folder.remove();
});

/** `ptah ssh` as a process; with `tty` on a terminal that util-linux's `script` makes. */
function start(argv: readonly string[], tty = false) {
  const { INIT_CWD: _, ...env } = process.env;
  const words = [process.execPath, '--disable-warning=ExperimentalWarning', program, 'ssh', ...argv];
  const [command = '', ...rest] = tty ? ['script', '-qefc', words.join(' '), '/dev/null'] : words;
  const child = spawn(command, rest, {
    cwd: folder.root,
    env: { ...env, PTAH_HOME: folder.home, COLUMNS: '', LINES: '' },
  });
  const ran = { child, out: '', err: '', code: null as number | null };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ran.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ran.err += text));
  child.stdin.on('error', () => undefined);
  child.on('close', code => (ran.code = code));
  return ran;
}
const ended = (ran: ReturnType<typeof start>) =>
  vi.waitFor(() => expect(ran.code, ran.err).not.toBeNull(), limit);

test('a command with words as they are, its outputs apart, its exit code, its input from a pipe', async () => {
  const ran = start([
    'ssh-two',
    '--',
    'sh',
    '-c',
    'cat; printf "%s|" "$@"; echo bad >&2; exit 7',
    'sh',
    'two words',
    '$HOME',
  ]);
  ran.child.stdin.end('größe\n');
  await ended(ran);
  expect(ran).toMatchObject({ code: 7, out: 'größe\ntwo words|$HOME|', err: 'bad\n' });
}, 120_000);

test('without a terminal a shell reads the pipe', async () => {
  const ran = start(['two', '-c', 'side']);
  ran.child.stdin.end('hostname; exit 5\n');
  await ended(ran);
  expect(ran).toMatchObject({ code: 5, out: 'two\n' });
}, 120_000);

test('on a terminal: the best shell, raw keys, the size, and the exit code of the shell', async () => {
  const ran = start(['ssh-two'], true);
  ran.child.stdin.write('stty size; test -t 0 && echo tty-$((1+1))\n');
  await expect.poll(() => ran.out, limit).toContain('tty-2');
  expect(ran.out).toMatch(/\b\d+ \d+\r/);
  // Ctrl+C goes to what runs there, not to us
  ran.child.stdin.write('sleep 1000\n');
  await new Promise(resolve => setTimeout(resolve, 1_000));
  ran.child.stdin.write('\u0003');
  ran.child.stdin.write('echo alive-$((2+2))\n');
  await expect.poll(() => ran.out, limit).toContain('alive-4');
  ran.child.stdin.write('exit 9\n');
  await ended(ran);
  expect(ran.code).toBe(9);
}, 120_000);

test('what is not there is said, with what there is', async () => {
  const app = start(['nothing-such']);
  await ended(app);
  expect(app.code).toBe(1);
  expect(app.err).toContain('No pod is labelled app=nothing-such');
  expect(app.err).toContain('ssh-two');
  const container = start(['ssh-two', '-c', 'none']);
  await ended(container);
  expect(container.err).toContain('main, side');
  const command = start(['ssh-two', '--', 'no-such-command']);
  await ended(command);
  expect(command.code).not.toBe(0);
  expect(command.err).toContain('no-such-command');
  const none = start([]);
  await ended(none);
  expect(none.code).toBe(2);
}, 120_000);

test('another project’s app of that name is not entered; one of ours in another namespace is', async () => {
  const other = await testNamespace(cluster, 'terminals-test-other');
  try {
    const image = await shellImage(cluster);
    const pod = (name: string, labels: Record<string, string>) =>
      cluster.create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: other.name, labels: { app: 'elsewhere', ...labels } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'main', image, command: ['sleep', '3600'] }],
        },
      });
    await pod('theirs', { 'ptah-desktop/project': 'another' });
    const refused = start(['elsewhere', '--', 'hostname']);
    await ended(refused);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`ptah ssh elsewhere -n ${other.name}`);
    await pod('ours', { 'ptah-desktop/project': 'ssh-test' });
    await vi.waitFor(async () => {
      const ref = { apiVersion: 'v1', kind: 'Pod', namespace: other.name, name: 'ours' };
      expect(await cluster.get(ref)).toMatchObject({ status: { phase: 'Running' } });
    }, limit);
    const entered = start(['ours', '--', 'hostname']);
    await ended(entered);
    expect(entered.out.trim()).toBe('ours');
  } finally {
    await other.remove();
  }
}, 120_000);
