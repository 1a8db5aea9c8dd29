import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Channel, ChannelKind, ContainerAddress, Operation } from '../types.ts';
import { channelOpeners, createOpenChannel } from './index.ts';
import { sha256 } from './sources.ts';
import { images, openWorld } from './testing.ts';
import type { ChannelWorld } from './testing.ts';

let world: ChannelWorld;
let folder: string;
const containers = new Map<string, ContainerAddress>();
const opened: Channel[] = [];

const sleep = ['/bin/busybox', 'sleep', '36000'];
const specs: Record<string, Record<string, unknown>> = {
  python: { containers: [{ name: 'main', image: images.python, command: ['sleep', '36000'] }] },
  busybox: { containers: [{ name: 'main', image: images.busybox, command: sleep }] },
  bare: { containers: [{ name: 'main', image: images.bare, command: sleep }] },
  user: {
    securityContext: { runAsUser: 65_532, runAsGroup: 65_532, runAsNonRoot: true, fsGroup: 65_532 },
    volumes: [{ name: 'data', emptyDir: {} }],
    containers: [
      {
        name: 'main',
        image: images.busybox,
        command: sleep,
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
  },
  readonly: {
    volumes: [{ name: 'data', emptyDir: {} }],
    containers: [
      {
        name: 'main',
        image: images.busybox,
        command: sleep,
        securityContext: { readOnlyRootFilesystem: true },
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
  },
  mounts: {
    volumes: [
      { name: 'data', emptyDir: {} },
      { name: 'small', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    ],
    initContainers: [
      {
        name: 'first',
        image: images.busybox,
        command: ['sh', '-c', 'mkdir -p /data; echo old >/data/single'],
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
    containers: [
      {
        name: 'main',
        image: images.busybox,
        command: sleep,
        volumeMounts: [
          { name: 'data', mountPath: '/app/single', subPath: 'single' },
          { name: 'small', mountPath: '/small' },
        ],
      },
    ],
  },
  hostile: { containers: [{ name: 'main', image: images.hostile, command: sleep }] },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ptah-channels-test-'));
  world = await openWorld();
  await Promise.all(
    Object.entries(specs).map(async ([name, spec]) => containers.set(name, await world.start(name, spec))),
  );
}, 300_000);

afterEach(async () => {
  for (const channel of opened.splice(0)) await channel.close();
});

afterAll(async () => {
  await world.end();
  await rm(folder, { recursive: true, force: true });
});

async function open(kind: ChannelKind, container: string, targets: readonly string[]): Promise<Channel> {
  const { docker, cluster } = world;
  const address = containers.get(container);
  if (address === undefined) throw new Error(container);
  const channel = await channelOpeners({ docker, cluster })[kind](address, {
    targets,
    signal: new AbortController().signal,
  });
  opened.push(channel);
  return channel;
}

function file(
  path: string,
  content: string | Uint8Array,
  mode = 0o644,
  owner: string | null = null,
): Operation {
  const bytes = Buffer.from(content);
  return { op: 'file', path, mode, size: bytes.length, hash: sha256(bytes), source: { bytes }, owner };
}

async function fileFrom(path: string, bytes: Uint8Array, mode = 0o644): Promise<Operation> {
  const name = join(folder, sha256(bytes));
  await writeFile(name, bytes);
  return {
    op: 'file',
    path,
    mode,
    size: bytes.length,
    hash: sha256(bytes),
    source: { file: name },
    owner: null,
  };
}

const odd = [
  'two words',
  `quotes '"\`$HOME`,
  'line\nbreak',
  '-rf',
  'größe–日本',
  'back\\slash',
  'tab\tbell\u0007',
  '*',
];

describe.each([
  ['node', 'python', '/srv'],
  ['node', 'busybox', '/srv'],
  ['node', 'bare', '/srv'],
  ['node', 'user', '/data'],
  ['node', 'readonly', '/data'],
  ['stream', 'python', '/srv'],
  ['stream', 'busybox', '/srv'],
  ['stream', 'user', '/data'],
  ['stream', 'readonly', '/data'],
  ['tar', 'python', '/srv'],
  ['tar', 'busybox', '/srv'],
  ['tar', 'user', '/data'],
  ['tar', 'readonly', '/data'],
] as const)('%s into %s', (kind, container, base) => {
  const root = `${base}/${kind}`;

  test('files, folders, links, modes and deletions arrive and are read back, whatever their names', async () => {
    const channel = await open(kind, container, [root]);
    const binary = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    const operations: Operation[] = [
      { op: 'directory', path: root, mode: 0o755, owner: null },
      file(`${root}/a.txt`, 'one\n'),
      file(`${root}/deep/er/b`, binary, 0o755),
      file(`${root}/empty`, ''),
      file(`${root}/dash`, '-n %s \\n $x'),
      { op: 'directory', path: `${root}/hollow`, mode: 0o700, owner: null },
      { op: 'symlink', path: `${root}/link`, target: 'deep/er/b', owner: null },
      ...odd.map(name => file(`${root}/${name}`, `of ${name}`)),
      ...odd.map((name): Operation => ({
        op: 'symlink',
        path: `${root}/l/${name}`,
        target: name,
        owner: null,
      })),
    ];
    const result = await channel.apply(operations);
    expect(result.failed).toEqual([]);
    expect(result.done).toHaveLength(operations.length);
    const paths = operations.map(({ path }) => path);
    const tree = await channel.read([...paths, `${root}/none`, `${root}/none/below`, `${root}/a.txt/below`]);
    expect(tree.size).toBe(operations.length);
    for (const operation of operations) {
      const entry = tree.get(operation.path);
      if (operation.op === 'file')
        expect(entry).toEqual({
          type: 'file',
          mode: operation.mode,
          size: operation.size,
          hash: operation.hash,
        });
      else if (operation.op === 'directory')
        expect(entry).toEqual({ type: 'directory', mode: operation.mode });
      else if (operation.op === 'symlink')
        expect(entry).toEqual({ type: 'symlink', target: operation.target });
    }
    expect(Buffer.from(await channel.fetch(`${root}/deep/er/b`))).toEqual(binary);
    await expect(channel.fetch(`${root}/none`)).rejects.toMatchObject({ code: 'read-failed' });

    const second = await channel.apply([
      file(`${root}/a.txt`, 'two\n', 0o600),
      { op: 'mode', path: `${root}/empty`, mode: 0o640 },
      { op: 'symlink', path: `${root}/link`, target: 'a.txt', owner: null },
      { op: 'remove', path: `${root}/deep/er`, was: 'directory' },
      { op: 'remove', path: `${root}/hollow`, was: 'directory' },
      { op: 'remove', path: `${root}/none`, was: 'file' },
      file(`${root}/hollow`, 'a file now'),
      { op: 'remove', path: `${root}/dash`, was: 'file' },
      { op: 'directory', path: `${root}/dash`, mode: 0o755, owner: null },
      file(`${root}/dash/inner`, 'x'),
      ...odd.map((name): Operation => ({ op: 'remove', path: `${root}/${name}`, was: 'file' })),
    ]);
    expect(second.failed).toEqual([]);
    const after = await channel.read(paths);
    expect(after.get(`${root}/a.txt`)).toMatchObject({ mode: 0o600, hash: sha256(Buffer.from('two\n')) });
    expect(after.get(`${root}/empty`)).toMatchObject({ mode: 0o640 });
    expect(after.get(`${root}/link`)).toEqual({ type: 'symlink', target: 'a.txt' });
    // Not empty: it stays.
    expect(after.get(`${root}/deep/er/b`)).toBeDefined();
    expect(after.get(`${root}/hollow`)).toMatchObject({ type: 'file' });
    expect(after.get(`${root}/dash`)).toEqual({ type: 'directory', mode: 0o755 });
    for (const name of odd) expect(after.has(`${root}/${name}`)).toBe(false);
  }, 60_000);

  test('many files at once and a large one, byte for byte; what changed on the way is not used', async () => {
    const channel = await open(kind, container, [root]);
    const many = await Promise.all(
      Array.from({ length: 300 }, (_, at) =>
        fileFrom(`${root}/many/${at % 7}/f ${at}`, randomBytes(500 + at)),
      ),
    );
    const large = await fileFrom(`${root}/large`, randomBytes(9 * 1024 * 1024 + 17), 0o755);
    const changed: Operation = {
      ...(await fileFrom(`${root}/changed`, randomBytes(100))),
      hash: sha256(Buffer.from('other')),
    } as Operation;
    const result = await channel.apply([...many, large, changed]);
    expect(result.failed).toEqual([
      expect.objectContaining({ path: `${root}/changed`, code: 'source-changed' }),
    ]);
    expect(result.done).toHaveLength(301);
    const tree = await channel.read([...many.map(({ path }) => path), large.path, changed.path]);
    for (const operation of [...many, large])
      expect(tree.get(operation.path)).toMatchObject(
        operation.op === 'file' ? { hash: operation.hash, mode: operation.mode } : {},
      );
    expect(tree.has(changed.path)).toBe(false);
    expect(Buffer.from(await channel.fetch(large.path)).length).toBe(9 * 1024 * 1024 + 17);
    // Nothing of ours lies about.
    if (container !== 'bare') {
      const { output } = await channel.run(['sh', '-c', `ls -aR '${root}' | cat`]);
      expect(output).not.toContain('.ptah-sync');
    }
  }, 120_000);

  test('links below the target are not followed', async () => {
    const channel = await open(kind, container, [root]);
    const { failed } = await channel.apply([
      { op: 'directory', path: `${root}/real`, mode: 0o755, owner: null },
      { op: 'symlink', path: `${root}/astray`, target: `${root}/real`, owner: null },
      file(`${root}/astray/x`, 'x'),
      file(`${root}/fine`, 'x'),
    ]);
    expect(failed).toEqual([expect.objectContaining({ path: `${root}/astray/x`, code: 'ENOTDIR' })]);
    expect((await channel.read([`${root}/real/x`, `${root}/fine`])).size).toBe(1);
  }, 60_000);
});

test.each(['node', 'stream', 'tar'] as const)(
  '%s: a read-only root is refused',
  async kind => {
    await expect(open(kind, 'readonly', ['/srv'])).rejects.toMatchObject({ code: 'read-only' });
    const { docker, cluster } = world;
    const address = containers.get('readonly');
    if (address === undefined) throw new Error('readonly');
    const how = { targets: ['/srv'], signal: new AbortController().signal };
    await expect(createOpenChannel({ docker, cluster })(address, how)).rejects.toMatchObject({
      code: 'read-only',
    });
    const channel = await open(kind, 'readonly', ['/srv', '/data']);
    const { failed, done } = await channel.apply([file('/srv/x', 'x'), file(`/data/${kind}.x`, 'x')]);
    expect(failed).toEqual([expect.objectContaining({ path: '/srv/x', code: 'EROFS' })]);
    expect(done).toEqual([`/data/${kind}.x`]);
  },
  60_000,
);

test.each(['node', 'stream', 'tar'] as const)(
  '%s: a full file system names the path and keeps the old file',
  async kind => {
    const channel = await open(kind, 'mounts', ['/small']);
    const path = `/small/${kind}`;
    expect((await channel.apply([file(path, 'old')])).failed).toEqual([]);
    const { failed } = await channel.apply([
      file(path, randomBytes(2 * 1024 * 1024)),
      file(`${path}.2`, 'fits'),
    ]);
    expect(failed).toEqual([expect.objectContaining({ path, code: 'ENOSPC' })]);
    const tree = await channel.read([path, `${path}.2`]);
    expect(tree.get(path)).toMatchObject({ hash: sha256(Buffer.from('old')) });
    expect(tree.get(`${path}.2`)).toMatchObject({ size: 4 });
  },
  60_000,
);

test.each(['node', 'stream', 'tar'] as const)(
  '%s: a file that is a mount is written in place',
  async kind => {
    const channel = await open(kind, 'mounts', ['/app']);
    const { failed } = await channel.apply([file('/app/single', `new ${kind}`), file('/app/other', 'x')]);
    expect(failed).toEqual([]);
    expect(Buffer.from(await channel.fetch('/app/single')).toString()).toBe(`new ${kind}`);
  },
  60_000,
);

test('owners: that of the file, that of the folder, that of the rule by number or by the container’s names', async () => {
  for (const kind of ['node', 'stream', 'tar'] as const) {
    const channel = await open(kind, 'python', ['/opt']);
    const root = `/opt/${kind}`;
    await channel.run([
      'sh',
      '-c',
      `mkdir -p ${root}; chown 1234:2345 ${root}; echo x >${root}/his; chown 77:88 ${root}/his`,
    ]);
    const result = await channel.apply([
      file(`${root}/his`, 'y'),
      file(`${root}/new`, 'y'),
      file(`${root}/number`, 'y', 0o644, '5:6'),
      file(`${root}/name`, 'y', 0o644, 'nobody:nogroup'),
    ]);
    expect(result.failed).toEqual([]);
    const { output } = await channel.run([
      'sh',
      '-c',
      `cd ${root} && stat -c '%n %u:%g' his new number name`,
    ]);
    expect(output.trim().split('\n')).toEqual([
      'his 77:88',
      'new 1234:2345',
      'number 5:6',
      'name 65534:65534',
    ]);
  }
}, 90_000);

test('an image cannot make us write on the node', async () => {
  const before = await world.onNode('ls -a /etc / /tmp; sha256sum /etc/passwd');
  const channel = await open('node', 'hostile', [
    '/app',
    '/work',
    '/loop',
    '/work/x',
    '/work/up',
    '/work/proc',
  ]);
  const { failed, done } = await channel.apply([
    file('/app/ptah-hostile', 'x'),
    file('/app/passwd', 'root::0:0::/:/bin/sh\n'),
    file('/work/x/ptah-hostile', 'x'),
    file('/work/up/ptah-hostile-up', 'x'),
    file('/work/proc/ptah-hostile-proc', 'x'),
    file('/loop/ptah-hostile', 'x'),
    { op: 'directory', path: '/work/x/ptah-hostile-folder', mode: 0o755, owner: null },
    { op: 'remove', path: '/work/x/kind', was: 'directory' },
  ]);
  expect(await world.onNode('ls -a /etc / /tmp; sha256sum /etc/passwd')).toBe(before);
  expect(failed.map(({ path, code }) => [path, code])).toContainEqual(['/loop/ptah-hostile', 'ELOOP']);
  // Inside the container the links mean what they mean to its own processes.
  expect(done).toContain('/app/ptah-hostile');
  const { output } = await channel.run(['sh', '-c', 'cat /etc/passwd; ls /']);
  expect(output).toContain('root::0:0');
  expect(output).toContain('ptah-hostile');

  // Without the target's own leave not even inside the container.
  const strict = await open('node', 'hostile', ['/work']);
  const second = await strict.apply([
    file('/work/x/etc/ptah-strict', 'x'),
    file('/work/proc/ptah-strict', 'x'),
  ]);
  expect(second.failed.map(({ code }) => code)).toEqual(['ENOTDIR', 'ENOTDIR']);
}, 60_000);
