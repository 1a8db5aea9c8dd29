import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../index.ts';
import type { SyncContainer, SyncEvent, SyncSnapshot } from '../types.ts';

/** The whole way, by the engine itself: a folder, a real deploy, and what is then in the containers. */
const run = promisify(execFile);
const cluster = process.env.PTAH_TEST_CLUSTER ?? 'ptah-test';
const node = `${cluster}-control-plane`;
const namespace = 'sync-session';
const image = 'sync-session-app';
const limit = { timeout: Number(process.env.LIM ?? 60_000), interval: 50 };

let home: string;
let root: string;
let engine: Engine;
let projectId: string;
let snapshot: SyncSnapshot | null = null;
const events: SyncEvent[] = [];
const stop = new AbortController();
const readers: Promise<void>[] = [];

const docker = async (...argv: string[]) => (await run('docker', argv, { maxBuffer: 1e8 })).stdout;
const kubectl = (...argv: string[]) =>
  docker('exec', node, 'kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', '-n', namespace, ...argv);
const inPod = (pod: string, ...argv: string[]) => kubectl('exec', pod, '--', '/bin/busybox', ...argv);
const cat = (pod: string, path: string) => inPod(pod, 'cat', path).catch(() => null as string | null);
const write = async (path: string, text: string | Uint8Array) => {
  const file = join(root, image, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
};
const containers = (): readonly SyncContainer[] => snapshot?.containers ?? [];
const settled = (count: number) =>
  expect
    .poll(
      () => containers().map(({ state, reason }) => (state === 'equal' ? state : `${state}: ${reason}`)),
      limit,
    )
    .toEqual(Array.from({ length: count }, () => 'equal'));
const outside = () => snapshot?.images[0]?.outside.map(({ file }) => file);
const only = (): SyncContainer => {
  const [first, second] = containers();
  if (!first || second) throw new Error(`${containers().length} containers`);
  return first;
};

async function cleanUp(): Promise<void> {
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait');
  const mine = (await docker('images', '--format', '{{.Repository}}:{{.Tag}}'))
    .split('\n')
    .filter(name => name.startsWith(`${image}:`));
  if (mine.length > 0) await docker('rmi', '-f', ...mine);
  const held = (await docker('exec', node, 'ctr', '-n', 'k8s.io', 'images', 'ls', '-q')).split('\n');
  const loaded = held.filter(name => name.includes(`library/${image}:`));
  if (loaded.length > 0) await docker('exec', node, 'ctr', '-n', 'k8s.io', 'images', 'rm', ...loaded);
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sync-home-'));
  root = await mkdtemp(join(tmpdir(), 'sync-session-'));
  await cleanUp();
  await writeFile(
    join(root, 'ptah.yml'),
    `name: sync-session\nnamespace: ${namespace}\nkind: {name: ${cluster}}\ndockerfiles: Dockerfile$\nimages:\n  ${image}:\n    sync:\n      - {target: /srv/app/hook, command: [/bin/busybox, cp, /srv/app/hook, /tmp/ran]}\n`,
  );
  await mkdir(join(root, image, 'bin'), { recursive: true });
  await copyFile('/bin/busybox', join(root, image, 'bin', 'busybox'));
  await chmod(join(root, image, 'bin', 'busybox'), 0o755);
  await write(
    'Dockerfile',
    'FROM scratch\nCOPY bin /bin\nCOPY tmp /tmp\nWORKDIR /srv\nCOPY app app/\nCMD ["/bin/busybox", "sh", "-c", "trap \'exit 0\' TERM; sleep 100000 & wait"]\n',
  );
  await write('tmp/.keep', '');
  await write('app/main.py', 'print(1)\n');
  await write('app/gone.py', 'gone\n');
  await write('app/deep/er/file.txt', 'deep\n');
  await write('requirements.txt', 'a\n');
  await mkdir(join(root, 'k8s'));
  await writeFile(
    join(root, 'k8s', 'app.yaml'),
    `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${namespace}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app, namespace: ${namespace}}\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: app}}\n  template:\n    metadata: {labels: {app: app}}\n    spec:\n      terminationGracePeriodSeconds: 0\n      containers: [{name: app, image: "ptah://${image}"}]\n`,
  );
  engine = createEngine({ env: { ...process.env, PTAH_HOME: home } });
  const opened = await engine.projects.open({ path: root });
  if (opened.result !== 'opened') throw new Error(opened.result);
  projectId = opened.project.id;
  const { jobId } = await engine.deploy.start({ projectId, fingerprint: null });
  for await (const item of engine.activity.follow({ jobId, after: 0 }, stop.signal)) void item;
  expect((await engine.activity.get({ jobId })).error).toBeNull();
  readers.push(
    (async () => {
      for await (const item of engine.sync.watch({ projectId }, stop.signal)) snapshot = item;
    })(),
    (async () => {
      for await (const event of engine.sync.feed({ projectId, after: 0 }, stop.signal)) events.push(event);
    })(),
  );
}, 300_000);

afterAll(async () => {
  stop.abort();
  await Promise.all(readers);
  await engine?.close();
  await cleanUp();
  await rm(home, { recursive: true, force: true });
  await rm(root, { recursive: true, force: true });
}, 120_000);

describe('with the switch on', () => {
  it('what was edited before is sent, and nothing else', async () => {
    await expect.poll(() => containers().map(({ state }) => state), limit).toEqual(['off']);
    await write('app/main.py', 'print(2)\n');
    await rm(join(root, image, 'app/gone.py'));
    await engine.sync.switch({ projectId, scope: { level: 'image', image }, on: true });
    await settled(1);
    const { pod } = only();
    expect(await cat(pod, '/srv/app/main.py')).toBe('print(2)\n');
    expect(await cat(pod, '/srv/app/gone.py')).toBeNull();
    const batch = events.find(({ type }) => type === 'batch');
    expect(batch?.files.map(({ file }) => file).sort()).toEqual(['app/gone.py', 'app/main.py']);
    expect(only().channel?.kind).toBe('node');
  });

  it('an edit, a new folder, a rename and a deletion arrive', async () => {
    const { pod } = only();
    await write('app/main.py', 'print(3)\n');
    await expect.poll(() => cat(pod, '/srv/app/main.py'), limit).toBe('print(3)\n');
    await write('app/new/one two.txt', 'new\n');
    await expect.poll(() => cat(pod, '/srv/app/new/one two.txt'), limit).toBe('new\n');
    await rename(join(root, image, 'app/deep'), join(root, image, 'app/deeper'));
    await expect.poll(() => cat(pod, '/srv/app/deeper/er/file.txt'), limit).toBe('deep\n');
    await expect.poll(() => inPod(pod, 'ls', '/srv/app'), limit).toBe('deeper\nmain.py\nnew\n');
    await rm(join(root, image, 'app/new'), { recursive: true });
    await expect.poll(() => inPod(pod, 'ls', '/srv/app'), limit).toBe('deeper\nmain.py\n');
    await settled(1);
    expect(await engine.sync.verify({ projectId, container: only().key })).toMatchObject({ equal: true });
    await expect.poll(() => only().verifiedAt, limit).not.toBeNull();
  });

  it('many edits one after the other are fast, and the last one stands', async () => {
    const { pod } = only();
    for (let index = 0; index < 40; index++) {
      await write('app/main.py', `print(${index})\n`.padEnd(1024, '#'));
      await new Promise(resolve => setTimeout(resolve, 40));
    }
    await settled(1);
    expect(await cat(pod, '/srv/app/main.py')).toContain('print(39)');
    console.log('p50', only().p50, 'p95', only().p95);
    expect(only().p50).not.toBeNull();
  });

  it('a large file arrives whole each time, and is not replaced once somebody changed it inside', async () => {
    const { pod } = only();
    const path = '/srv/app/large.bin';
    const sum = async () => (await inPod(pod, 'sha256sum', path).catch(() => '')).split(' ')[0];
    const sumOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    const write24 = async () => {
      const bytes = randomBytes(24 << 20);
      await write('app/large.bin', bytes);
      return sumOf(bytes);
    };
    for (let round = 0; round < 3; round++) {
      const mine = await write24();
      await expect.poll(sum, limit).toBe(mine);
    }
    await settled(1);
    // same size, another byte in the middle
    await inPod(
      pod,
      'sh',
      '-c',
      `printf changed | /bin/busybox dd of=${path} bs=1000 seek=1000 conv=notrunc`,
    );
    const theirs = await sum();
    const mine = await write24();
    await expect.poll(() => only().drift.map(({ path: at }) => at), limit).toEqual([path]);
    expect(await sum()).toBe(theirs);
    await engine.sync.resolve({ projectId, container: only().key, paths: [path], choice: 'send' });
    await expect.poll(sum, limit).toBe(mine);
    expect(await inPod(pod, 'ls', '-a', '/srv/app')).not.toContain('.ptah-sync-');
    await rm(join(root, image, 'app/large.bin'));
    await expect.poll(() => inPod(pod, 'ls', '/srv/app'), limit).toBe('deeper\nmain.py\n');
    await settled(1);
  });

  it('a new pod is brought up to date by itself', async () => {
    const before = only().pod;
    await kubectl('delete', 'pod', before, '--wait=false');
    await expect
      .poll(
        () =>
          containers()
            .map(({ pod }) => pod)
            .join(),
        limit,
      )
      .not.toContain(before);
    await expect.poll(() => containers().length, limit).toBe(1);
    await settled(1);
    expect(await cat(only().pod, '/srv/app/main.py')).toContain('print(39)');
    expect(await cat(only().pod, '/srv/app/gone.py')).toBeNull();
  });

  it('two pods have the same', async () => {
    await kubectl('scale', 'deployment/app', '--replicas=2');
    await expect.poll(() => containers().length, limit).toBe(2);
    await settled(2);
    await write('app/main.py', 'both\n');
    for (const { pod } of containers())
      await expect.poll(() => cat(pod, '/srv/app/main.py'), limit).toBe('both\n');
    await kubectl('scale', 'deployment/app', '--replicas=1');
    await expect.poll(() => containers().length, limit).toBe(1);
    await settled(1);
  });

  it('runs what is to happen after sync', async () => {
    await write('app/hook', 'hooked\n');
    await expect.poll(() => cat(only().pod, '/tmp/ran'), limit).toBe('hooked\n');
    await expect.poll(() => events.some(({ type }) => type === 'reload'), limit).toBe(true);
  });

  it('a file that needs a rebuild is named', async () => {
    await write('requirements.txt', 'b\n');
    await expect.poll(outside, limit).toContain('requirements.txt');
    await expect
      .poll(
        () => events.some(({ type, message }) => type === 'outside' && message.includes('requirements.txt')),
        limit,
      )
      .toBe(true);
  });
});

describe('what was changed inside', () => {
  const path = '/srv/app/main.py';
  const inside = (text: string) => inPod(only().pod, 'sh', '-c', `echo ${text} > ${path}`);
  const drifted = async () => {
    await engine.sync.verify({ projectId, container: only().key });
    await expect.poll(() => only().state, limit).toBe('drift');
    expect(only().drift).toMatchObject([
      { path, file: `${image}/app/main.py`, kind: 'changed', ignored: false },
    ]);
  };

  it('is seen by Verify, which reads the bytes', async () => {
    await inside('corrupt');
    expect(await engine.sync.verify({ projectId, container: only().key })).toMatchObject({
      equal: false,
      differences: [{ path, problem: 'content' }],
    });
  });

  it('is seen by Verify also where neither size nor time tell of it', async () => {
    const { pod, key } = only();
    const other = '/srv/app/deeper/er/file.txt';
    await inPod(pod, 'sh', '-c', `touch -r ${other} /tmp/t; echo peed > ${other}; touch -r /tmp/t ${other}`);
    const { differences } = await engine.sync.verify({ projectId, container: key });
    expect(differences).toContainEqual({ path: other, problem: 'content' });
    await engine.sync.resolve({ projectId, container: key, paths: [other], choice: 'send' });
    expect(await cat(pod, other)).toBe('deep\n');
  });

  it('is not overwritten by an edit', async () => {
    await drifted();
    await write('app/main.py', 'mine\n');
    await write('app/other.py', 'other\n');
    await expect.poll(() => cat(only().pod, '/srv/app/other.py'), limit).toBe('other\n');
    expect(await cat(only().pod, path)).toBe('corrupt\n');
  });

  it('send mine', async () => {
    await engine.sync.resolve({ projectId, container: only().key, paths: [path], choice: 'send' });
    expect(await cat(only().pod, path)).toBe('mine\n');
    await settled(1);
  });

  it('is not overwritten either when nobody looked before', async () => {
    await inside('again');
    await write('app/main.py', 'mine2\n');
    await expect.poll(() => only().state, limit).toBe('drift');
    expect(await cat(only().pod, path)).toBe('again\n');
  });

  it('fetch theirs', async () => {
    await engine.sync.resolve({ projectId, container: only().key, paths: [], choice: 'fetch' });
    expect(await readFile(join(root, image, 'app/main.py'), 'utf8')).toBe('again\n');
    await settled(1);
  });

  it('ignore', async () => {
    await inside('theirs');
    await drifted();
    await engine.sync.resolve({ projectId, container: only().key, paths: [path], choice: 'ignore' });
    await settled(1);
    expect(only().drift).toMatchObject([{ path, ignored: true }]);
    await write('app/main.py', 'mine3\n');
    await write('app/other.py', 'other3\n');
    await expect.poll(() => cat(only().pod, '/srv/app/other.py'), limit).toBe('other3\n');
    expect(await cat(only().pod, path)).toBe('theirs\n');
    await engine.sync.sendAll({ projectId, container: only().key });
    expect(await cat(only().pod, path)).toBe('mine3\n');
  });
});

describe('switches', () => {
  it('off: nothing is sent; on again: what was missed', async () => {
    await engine.sync.switch({ projectId, scope: { level: 'project' }, on: false });
    await expect.poll(() => only().state, limit).toBe('off');
    await write('app/other.py', 'missed\n');
    await new Promise(resolve => setTimeout(resolve, 500));
    expect(await cat(only().pod, '/srv/app/other.py')).toBe('other3\n');
    const { namespace: ns, pod, container } = only();
    await engine.sync.switch({
      projectId,
      scope: { level: 'container', namespace: ns, pod, container },
      on: true,
    });
    await settled(1);
    expect(await cat(pod, '/srv/app/other.py')).toBe('missed\n');
  });

  it('restart ends the process, and the new container is brought up to date', async () => {
    await engine.sync.switch({ projectId, scope: { level: 'project' }, on: true });
    const before = only().containerId;
    await engine.sync.restart({ projectId, container: only().key });
    await expect.poll(() => only().containerId, limit).not.toBe(before);
    await settled(1);
    expect(await cat(only().pod, '/srv/app/other.py')).toBe('missed\n');
  });
});

describe('keep up to date', () => {
  const newest = async () => (await engine.deploy.history({ projectId })).length;

  it('what no rule covers is built, loaded and applied; what a rule covers only sent', async () => {
    await engine.sync.automatic({ projectId, on: true });
    const before = only().pod;
    // the file of before is outside, too: it is deployed at once
    await expect
      .poll(() => containers().some(({ pod }) => pod !== before), { ...limit, timeout: 120_000 })
      .toBe(true);
    await expect.poll(() => containers().length, limit).toBe(1);
    await settled(1);
    await expect.poll(outside, limit).toEqual([]);
    const deploys = await newest();
    await write('app/other.py', 'sent\n');
    await expect.poll(() => cat(only().pod, '/srv/app/other.py'), limit).toBe('sent\n');
    expect(await newest()).toBe(deploys);
  }, 240_000);

  it('a build that fails leaves the pods as they are, once for several saves; what mends it is deployed', async () => {
    const before = only();
    const deploys = await newest();
    const dockerfile = await readFile(join(root, image, 'Dockerfile'), 'utf8');
    for (const name of ['one', 'two', 'three']) await write('Dockerfile', `${dockerfile}COPY ${name} /\n`);
    await expect
      .poll(
        () => events.filter(({ type, message }) => type === 'failure' && message.startsWith('Not deployed')),
        { ...limit, timeout: 120_000 },
      )
      .toHaveLength(1);
    expect(only()).toMatchObject({ pod: before.pod, containerId: before.containerId });
    await write('app/other.py', 'meanwhile\n');
    await expect.poll(() => cat(only().pod, '/srv/app/other.py'), limit).toBe('meanwhile\n');
    await write('Dockerfile', `${dockerfile}ENV MENDED=yes\n`);
    await expect
      .poll(() => containers().some(({ pod }) => pod !== before.pod), { ...limit, timeout: 120_000 })
      .toBe(true);
    await expect.poll(outside, limit).toEqual([]);
    await expect.poll(() => containers().length, limit).toBe(1);
    await settled(1);
    expect(await newest()).toBeGreaterThan(deploys);
  }, 240_000);

  it('a manifest that changed is applied', async () => {
    const file = join(root, 'k8s/app.yaml');
    const text = await readFile(file, 'utf8');
    const added = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: added, namespace: ${namespace}}\n`;
    await writeFile(file, `${text}---\n${added}`);
    const found = () => kubectl('get', 'configmap', '-o', 'name');
    await expect.poll(found, { ...limit, timeout: 120_000 }).toContain('configmap/added');
    await settled(1);
    await engine.sync.automatic({ projectId, on: false });
  }, 240_000);
});
