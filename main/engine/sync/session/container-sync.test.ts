import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PtahError } from '../../errors/index.ts';
import { createFakeContainer, createFakeFolder, fileOf, type FakeContainer } from '../testing.ts';
import type { AfterSync, SyncEvent, Tree } from '../types.ts';
import type { ContainerSync } from './container-door.ts';
import { createContainerSync } from './container-sync.ts';
import { createFileBytes } from './file-bytes.ts';
import { forgetOldJournals, openJournal } from './journal.ts';
import type { FoundContainer } from './pods.ts';

const found: FoundContainer = {
  key: 'default/api-1/api',
  namespace: 'default',
  workload: { kind: 'Deployment', name: 'api' },
  pod: 'api-1',
  podUid: 'u',
  container: 'api',
  image: 'api',
  reference: 'api:1',
  containerId: 'containerd://1',
  node: 'n',
  createdAt: '',
};
const limit = { timeout: 30_000, interval: 5 };

let root: string;
let box: FakeContainer;
let folder: ReturnType<typeof createFakeFolder>;
let events: Omit<SyncEvent, 'seq' | 'at'>[];
let rules: AfterSync[];
let baseline: Tree | null;
let paused: string | null;
let held: ReadonlySet<string>;
let patrolMs: number;
const open: ContainerSync[] = [];

function start(): ContainerSync {
  const sync = createContainerSync({
    found,
    address: {
      namespace: 'default',
      pod: 'api-1',
      podUid: 'u',
      container: 'api',
      containerId: 'containerd://1',
      node: 'n',
    },
    open: box.open,
    baseline: () => Promise.resolve(baseline),
    desired: () => folder.desired([], held),
    bytes: createFileBytes(),
    journal: openJournal(join(root, '.sent'), 'containerd://1'),
    afterSync: () => rules,
    held: () => paused,
    root: () => root,
    context: () => root,
    rescan: () => Promise.resolve(),
    feed: event => events.push(event),
    changed: () => {},
    clock: {
      backoff: () => 30,
      quietMs: 1,
      leaseMs: 1_000,
      reconnectMs: 10,
      lingerMs: 100,
      patrolMs: () => patrolMs,
    },
  });
  open.push(sync);
  sync.kick();
  return sync;
}
const state = (sync: ContainerSync) => expect.poll(() => sync.status().state, limit);
const equal = () =>
  expect.poll(() => Object.fromEntries(box.disk), limit).toEqual(Object.fromEntries(folder.desired().tree));

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'container-sync-'));
  box = createFakeContainer({ '/app/a': '1', '/app/b': '1' });
  folder = createFakeFolder(root);
  events = [];
  rules = [];
  paused = null;
  held = new Set();
  patrolMs = 60_000;
  baseline = new Map([
    ['/app/a', fileOf('1')],
    ['/app/b', fileOf('1')],
  ]);
  folder.write('a', '1');
  folder.write('b', '1');
});
afterEach(async () => {
  await Promise.all(open.map(sync => sync.close()));
  open.length = 0;
  rmSync(root, { recursive: true, force: true });
});

it('sends what was edited before, and nothing else', async () => {
  folder.write('a', '2');
  folder.write('new', 'n');
  folder.remove('b');
  const sync = start();
  await equal();
  await state(sync).toBe('equal');
  expect(box.batches.flat().map(({ op, path }) => `${op} ${path}`)).toEqual([
    'remove /app/b',
    'file /app/a',
    'file /app/new',
  ]);
  expect(events.find(({ type }) => type === 'batch')).toMatchObject({ count: 3 });
});

it('one batch runs and one waits, however many edits come', async () => {
  const sync = start();
  await state(sync).toBe('equal');
  for (let index = 0; index < 200; index++) {
    folder.write('a', String(index));
    sync.kick(performance.now(), ['/app/a']);
  }
  await equal();
  expect(box.batches.length).toBeLessThan(5);
  expect(box.disk.get('/app/a')).toEqual(fileOf('199'));
});

it('a cache that was made inside is left alone, and read by nobody', async () => {
  box.put('/app/__pycache__/x', 'made');
  folder.write('a', '2');
  const sync = start();
  await state(sync).toBe('equal');
  expect(box.disk.has('/app/__pycache__/x')).toBe(true);
});

describe('faults', () => {
  it('a channel lost in the middle of a batch: everything is read again, and the rest is sent', async () => {
    for (const name of ['c', 'd', 'e']) folder.write(name, name);
    box.cutAfter(2);
    const sync = start();
    await equal();
    await state(sync).toBe('equal');
    expect(box.opened()).toBe(2);
    expect(sync.status().drift).toEqual([]);
  });

  it('no space: says the path and the next step, asks seldom, and recovers by itself', async () => {
    const sync = start();
    await state(sync).toBe('equal');
    box.fail('ENOSPC');
    folder.write('a', '2');
    const before = box.batches.length;
    const ends = performance.now() + 300;
    while (performance.now() < ends) {
      sync.kick(performance.now(), ['/app/a']);
      await sleep(1);
    }
    await state(sync).toBe('degraded');
    expect(sync.status().reason).toContain('/app/a: ENOSPC');
    expect(sync.status().hint).toContain('room');
    expect(box.batches.length - before).toBeLessThanOrEqual(12);
    expect(events.filter(({ type }) => type === 'failure')).toHaveLength(1);
    box.fail(null);
    await state(sync).toBe('equal');
    await equal();
  });

  it('what was carried out of a failed batch counts', async () => {
    box.fail('EACCES');
    folder.remove('b');
    folder.write('a', '2');
    const sync = start();
    await state(sync).toBe('degraded');
    expect(box.disk.has('/app/b')).toBe(false);
    expect(events.find(({ type }) => type === 'batch')).toMatchObject({
      files: [{ file: 'b', action: 'deleted' }],
    });
  });

  it('a root that cannot be written is refused with its reason', async () => {
    box.refuse(new PtahError('read-only', 'The root of api is read-only.'));
    const sync = start();
    await state(sync).toBe('refused');
    expect(sync.status().reason).toBe('The root of api is read-only.');
    box.refuse(null);
    await state(sync).toBe('equal');
  });

  it('a file that becomes another while it is read is sent as it is then', async () => {
    const sync = start();
    await state(sync).toBe('equal');
    folder.write('a', '2');
    writeFileSync(join(root, 'a'), 'half');
    sync.kick();
    await sleep(50);
    expect(box.disk.get('/app/a')).toEqual(fileOf('1'));
    folder.write('a', 'whole');
    sync.kick();
    await equal();
  });

  it('an engine that is killed between noting and sending does not take its file for somebody’s', async () => {
    const journal = openJournal(join(root, '.sent'), 'containerd://1');
    journal.note([
      {
        op: 'file',
        path: '/app/a',
        mode: 0o644,
        size: 1,
        hash: (fileOf('2') as { hash: string }).hash,
        source: { bytes: Buffer.from('2') },
        owner: null,
      },
    ]);
    // it arrived, nobody heard of it, and the folder went on meanwhile
    box.put('/app/a', '2');
    folder.write('a', '3');
    const sync = start();
    await state(sync).toBe('equal');
    expect(box.disk.get('/app/a')).toEqual(fileOf('3'));
  });

  it('held: nothing is sent; then everything', async () => {
    const sync = start();
    await state(sync).toBe('equal');
    paused = 'Paused.';
    folder.write('a', '2');
    sync.kick();
    await state(sync).toBe('paused');
    await sleep(50);
    expect(box.disk.get('/app/a')).toEqual(fileOf('1'));
    paused = null;
    held = new Set();
    patrolMs = 60_000;
    sync.kick();
    await equal();
  });
});

describe('what was changed inside', () => {
  it('before the switch was turned on is shown, and not overwritten', async () => {
    box.put('/app/a', 'theirs');
    folder.write('b', '2');
    const sync = start();
    await state(sync).toBe('drift');
    expect(sync.status().drift).toEqual([{ path: '/app/a', file: 'a', kind: 'changed', ignored: false }]);
    expect(box.disk.get('/app/a')).toEqual(fileOf('theirs'));
    expect(box.disk.get('/app/b')).toEqual(fileOf('2'));
  });

  it('is found before it would be overwritten', async () => {
    const sync = start();
    await state(sync).toBe('equal');
    box.put('/app/a', 'theirs');
    folder.write('a', '2');
    sync.kick(performance.now(), ['/app/a']);
    await state(sync).toBe('drift');
    expect(box.disk.get('/app/a')).toEqual(fileOf('theirs'));
    await sync.resolve(['/app/a'], 'send');
    expect(box.disk.get('/app/a')).toEqual(fileOf('2'));
    await state(sync).toBe('equal');
  });

  it('is found before it would be deleted', async () => {
    const sync = start();
    await state(sync).toBe('equal');
    box.put('/app/b', 'theirs');
    folder.remove('b');
    sync.kick();
    await state(sync).toBe('drift');
    expect(box.disk.get('/app/b')).toEqual(fileOf('theirs'));
  });

  it('is fetched, unless the folder has changed since', async () => {
    box.put('/app/a', 'theirs');
    const sync = start();
    await state(sync).toBe('drift');
    writeFileSync(join(root, 'a'), 'edited meanwhile');
    await expect(sync.resolve(['/app/a'], 'fetch')).rejects.toMatchObject({ code: 'file-changed' });
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('edited meanwhile');
    folder.write('a', '1');
    await sync.resolve(['/app/a'], 'fetch');
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('theirs');
    folder.write('a', 'theirs');
    sync.kick();
    await state(sync).toBe('equal');
    expect(sync.status().drift).toEqual([]);
  });

  it('is ignored where that was said, until everything is sent', async () => {
    box.put('/app/a', 'theirs');
    const sync = start();
    await state(sync).toBe('drift');
    await sync.resolve([], 'ignore');
    await state(sync).toBe('equal');
    folder.write('a', '2');
    folder.write('b', '2');
    sync.kick();
    await expect.poll(() => box.disk.get('/app/b'), limit).toEqual(fileOf('2'));
    expect(box.disk.get('/app/a')).toEqual(fileOf('theirs'));
    await sync.sendAll();
    await equal();
  });

  it('is seen by Verify', async () => {
    const sync = start();
    await state(sync).toBe('equal');
    expect(await sync.verify()).toMatchObject({ equal: true, files: 2, bytes: 2 });
    expect(sync.status().verifiedAt).not.toBeNull();
    box.put('/app/a', 'x');
    box.put('/app/b', null);
    expect(await sync.verify()).toMatchObject({
      equal: false,
      differences: [
        { path: '/app/a', problem: 'content' },
        { path: '/app/b', problem: 'missing' },
      ],
    });
    await state(sync).toBe('drift');
  });
});

it('what the folder has in a state that can’t be sent is neither deleted nor called changed', async () => {
  baseline = new Map([
    ['/app/a', fileOf('1')],
    ['/app/b', fileOf('1')],
    ['/app/d/c', fileOf('1')],
  ]);
  box.put('/app/d/c', '1');
  folder.remove('b');
  folder.remove('d/c');
  folder.write('a', '2');
  held = new Set(['/app/b', '/app/d']);
  const sync = start();
  await expect.poll(() => box.disk.get('/app/a'), limit).toEqual(fileOf('2'));
  box.put('/app/d/c', 'changed inside');
  await state(sync).toBe('equal');
  expect(await sync.verify()).toMatchObject({ equal: true });
  expect([...box.disk.keys()].sort()).toEqual(['/app/a', '/app/b', '/app/d/c']);
  await sync.sendAll();
  expect([...box.disk.keys()].sort()).toEqual(['/app/a', '/app/b', '/app/d/c']);
  expect(sync.status().drift).toEqual([]);
  held = new Set();
  sync.kick();
  await expect.poll(() => box.disk.has('/app/b'), limit).toBe(false);
});

it('notes of containers that are long gone are removed, and no others', () => {
  for (const name of ['old', 'new']) writeFileSync(join(root, name), '');
  const then = Date.now() / 1000 - 61 * 24 * 60 * 60;
  utimesSync(join(root, 'old'), then, then);
  forgetOldJournals(root);
  forgetOldJournals(join(root, 'none'));
  expect(['old', 'new'].map(name => existsSync(join(root, name)))).toEqual([false, true]);
});

it('Verify sends first what was saved until then', async () => {
  const sync = start();
  await state(sync).toBe('equal');
  folder.write('a', '2');
  sync.kick();
  expect(await sync.verify()).toMatchObject({ equal: true });
  expect(box.disk.get('/app/a')).toEqual(fileOf('2'));
});

it('what is changed inside is seen although nobody edits or asks', async () => {
  patrolMs = 20;
  const sync = start();
  await state(sync).toBe('equal');
  box.put('/app/a', 'theirs');
  await state(sync).toBe('drift');
  expect(sync.status().drift).toMatchObject([{ path: '/app/a', kind: 'changed', ignored: false }]);
  expect(box.disk.get('/app/a')).toEqual(fileOf('theirs'));
});

describe('after sync', () => {
  it('restarts for the first edit of a container that was equal from the beginning', async () => {
    rules = [{ target: '/app', restart: true }];
    const sync = start();
    await state(sync).toBe('equal');
    folder.write('a', '2');
    sync.kick();
    await expect.poll(() => box.signals, limit).toEqual(['TERM']);
  });

  it('signals, runs, and restarts: the last not because a container was brought up to date', async () => {
    rules = [
      { target: '/app/a', signal: 'HUP' },
      { target: '/app', command: ['reload'] },
      { target: '/app/r', restart: true },
    ];
    folder.write('r', '1');
    const sync = start();
    await equal();
    await expect.poll(() => box.commands, limit).toEqual([['reload']]);
    expect(box.signals).toEqual([]);
    folder.write('a', '2');
    sync.kick();
    await expect.poll(() => box.signals, limit).toEqual(['HUP']);
    folder.write('r', '2');
    sync.kick();
    await expect.poll(() => box.signals, limit).toEqual(['HUP', 'TERM']);
  });
});

describe('a large file on its way', () => {
  it('is taken while the container is kept equal, with the mode and owner that its operation will have', async () => {
    const staged: unknown[] = [];
    const openBox = box.open;
    const opened: FakeContainer['open'] = async (...how) => ({
      ...(await openBox(...how)),
      stage(path, options) {
        staged.push([path, options]);
        return { write: () => undefined, end: () => undefined };
      },
    });
    box = { ...box, open: opened };
    const sync = start();
    await state(sync).toBe('equal');
    expect(sync.stage('/app/a')).not.toBeNull();
    expect(staged).toEqual([['/app/a', { mode: 0o644, owner: null }]]);
    expect(sync.stage('/app/nothing')).toBeNull();
    paused = 'Paused.';
    expect(sync.stage('/app/a')).toBeNull();
    paused = null;
    box.put('/app/a', 'theirs');
    await sync.verify();
    await state(sync).toBe('drift');
    expect(sync.stage('/app/a')).toBeNull();
    expect(sync.stage('/app/b')).not.toBeNull();
    await sync.close();
    expect(sync.stage('/app/b')).toBeNull();
  });

  it('is not, where the channel has no way for it', async () => {
    const sync = start();
    await state(sync).toBe('equal');
    expect(sync.stage('/app/a')).toBeNull();
  });
});

it('comes back to the best channel by itself, and what was changed meanwhile stays known', async () => {
  box.offer('stream');
  const sync = start();
  await state(sync).toBe('equal');
  expect(sync.status().channel?.kind).toBe('stream');
  folder.write('a', '2');
  sync.kick(performance.now(), ['/app/a']);
  await equal();
  box.offer('node');
  await expect.poll(() => sync.status().channel?.kind, limit).toBe('node');
  await state(sync).toBe('equal');
  expect(sync.status().drift).toEqual([]);
  folder.write('a', '3');
  sync.kick(performance.now(), ['/app/a']);
  await equal();
  // the best is not looked beyond
  const opened = box.opened();
  await sleep(200);
  expect(box.opened()).toBe(opened);
});

it('does not look for a better channel for ever, nor while it is held', async () => {
  box.offer('stream');
  const sync = start();
  await state(sync).toBe('equal');
  paused = 'Paused.';
  sync.kick();
  await state(sync).toBe('paused');
  box.offer('node');
  await sleep(200);
  expect(sync.status().channel?.kind).toBe('stream');
  paused = null;
  sync.kick();
  await expect.poll(() => sync.status().channel?.kind, limit).toBe('node');
});
