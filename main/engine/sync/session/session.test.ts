import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cluster, WatchEvent } from '../../cluster/index.ts';
import { PtahError } from '../../errors/index.ts';
import type { KubernetesObject } from '../../manifests/index.ts';
import type { Project } from '../../project/index.ts';
import type { FolderChange, FolderState, FolderWatch } from '../folder/types.ts';
import { createFakeContainer, createFakeFolder, fileOf, type FakeContainer } from '../testing.ts';
import type { SyncEvent, SyncSnapshot } from '../types.ts';
import { createSession, type Session } from './session.ts';

const limit = { timeout: 30_000, interval: 5 };
let root: string;
let boxes: Map<string, FakeContainer>;
let folder: ReturnType<typeof createFakeFolder>;
let outside: readonly string[];
let changeFolder: (paths?: readonly string[]) => void;
let folderState: (state: Partial<FolderState>) => void;
let pods: (event: WatchEvent) => void;
let otherHolder: string | null;
let held: number;
let folders: number;
let deploys: string[];
let deployed: string;
let foreign: string;
let files: string;
let measured: number;
let closeMs: number;
const patrolMs = 60_000;
const hints = new Set<() => void>();
const sessions: Session[] = [];
const stops: AbortController[] = [];

function pod(name: string, id: string | null, more: object = {}): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      labels: { 'pod-template-hash': '5d9c' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'api-5d9c', controller: true }],
      ...more,
    },
    spec: {
      nodeName: 'n',
      initContainers: [{ name: 'init', image: 'api:1' }],
      containers: [
        { name: 'api', image: 'docker.io/library/api:1' },
        { name: 'other', image: 'nginx:1' },
      ],
    },
    status: {
      phase: 'Running',
      containerStatuses: [
        { name: 'api', ...(id && { containerID: `containerd://${id}`, state: { running: {} } }) },
        { name: 'other', containerID: 'containerd://x', state: { running: {} } },
      ],
    },
  };
}

function start(): Session {
  const project = {
    name: 'shop',
    clusterName: 'dev',
    root,
    dockerfiles: [{ name: 'api', dockerfile: 'Dockerfile', context: '.' }],
    config: { images: {} },
  } as unknown as Project;
  const queue: WatchEvent[] = [];
  let wake = () => {};
  pods = event => {
    queue.push(event);
    wake();
  };
  const cluster = {
    async *watch(_query: unknown, signal: AbortSignal) {
      signal.addEventListener('abort', () => wake());
      while (!signal.aborted) {
        for (let event = queue.shift(); event; event = queue.shift()) yield event;
        await new Promise<void>(resolve => (wake = resolve));
      }
    },
  } as unknown as Cluster;
  const session = createSession({
    read: () => Promise.resolve(project),
    openFolder(read) {
      folders += 1;
      let tree = folder.desired(outside);
      const callbacks = new Set<(change: FolderChange) => void>();
      const states = new Set<(state: FolderState) => void>();
      changeFolder = (paths = []) => {
        tree = folder.desired(outside);
        for (const callback of callbacks)
          callback({
            images: ['api'],
            since: performance.now(),
            bulk: false,
            paths: new Map([['api', paths]]),
          });
      };
      folderState = state => {
        for (const callback of states)
          callback({ mode: 'watches', message: null, hint: null, barrier: null, ...state });
      };
      const watch: FolderWatch = {
        trees: () => new Map([['api', tree]]),
        onChange(callback) {
          callbacks.add(callback);
          return () => callbacks.delete(callback);
        },
        onState(callback) {
          states.add(callback);
          return () => states.delete(callback);
        },
        onLarge: () => () => {},
        rescan: () => Promise.resolve(),
        remeasure: () => Promise.resolve(void (measured += 1)),
        ready: (async () => void (await read()))(),
        async close() {
          await new Promise(resolve => setTimeout(resolve, closeMs));
          folders -= 1;
        },
      };
      return watch;
    },
    cluster: () => Promise.resolve(cluster),
    openChannel: () => (address, options) => {
      const box = boxes.get(address.containerId);
      if (!box) throw new PtahError('container-gone', 'It has ended.');
      return box.open(address, options);
    },
    baseline: () => Promise.resolve(new Map([['/app/a', fileOf('1')]])),
    hold: async () => {
      await Promise.resolve();
      if (otherHolder !== null) throw new PtahError('lease-held', otherHolder);
      held += 1;
      return () => Promise.resolve(void (held -= 1));
    },
    isForeign: (_project, reference) => Promise.resolve(reference === foreign),
    projectFiles: () => Promise.resolve(files),
    onFiles(hint) {
      hints.add(hint);
      return () => void hints.delete(hint);
    },
    heldBy: () => Promise.resolve(otherHolder),
    deploy: () => {
      deploys.push(outside.join());
      return Promise.resolve({ state: deployed, message: deployed });
    },
    remember: true,
    folder: join(root, '.ptah-home'),
    clock: {
      backoff: () => 20,
      quietMs: 60,
      leaseMs: 20,
      reconnectMs: 10,
      lingerMs: 100,
      patrolMs: () => patrolMs,
    },
  });
  sessions.push(session);
  return session;
}

function watch(session: Session, hold?: readonly string[]) {
  const stop = new AbortController();
  stops.push(stop);
  const seen: { last: SyncSnapshot | null; count: number } = { last: null, count: 0 };
  const over = (async () => {
    for await (const snapshot of session.watch(stop.signal, hold)) {
      seen.last = snapshot;
      seen.count += 1;
    }
  })();
  return {
    seen,
    stop: () => (stop.abort(), over),
    state: () => seen.last?.containers.map(({ state }) => state).join(),
  };
}
const box = (id: string, files: Readonly<Record<string, string>> = { '/app/a': '1' }): FakeContainer => {
  const made = createFakeContainer(files);
  boxes.set(`containerd://${id}`, made);
  return made;
};
const allOn = { level: 'project' } as const;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'session-'));
  boxes = new Map();
  folder = createFakeFolder(root);
  folder.write('a', '2');
  outside = [];
  otherHolder = null;
  held = 0;
  folders = 0;
  deploys = [];
  deployed = 'done';
  foreign = '';
  files = 'as it is';
  measured = 0;
  closeMs = 0;
});
afterEach(async () => {
  for (const stop of stops) stop.abort();
  await Promise.all(sessions.map(session => session.close()));
  sessions.length = 0;
  stops.length = 0;
  expect([held, folders]).toEqual([0, 0]);
  rmSync(root, { recursive: true, force: true });
});

describe('containers', () => {
  it('are those of our images that run; the switch brings them up to date', async () => {
    const one = box('1');
    const session = start();
    const view = watch(session);
    await expect.poll(() => view.seen.last, limit).not.toBeNull();
    pods({ type: 'list', objects: [pod('api-1', '1'), pod('api-2', null)] });
    await expect.poll(view.state, limit).toBe('off,off');
    expect(view.seen.last?.containers[0]).toMatchObject({
      key: 'default/api-1/api',
      workload: { kind: 'Deployment', name: 'api' },
      image: 'api',
    });
    await session.turn(allOn, true);
    await expect.poll(view.state, limit).toBe('equal,waiting');
    expect(one.disk.get('/app/a')).toEqual(fileOf('2'));
    const two = box('2');
    pods({ type: 'modified', object: pod('api-2', '2') });
    await expect.poll(view.state, limit).toBe('equal,equal');
    expect(two.disk.get('/app/a')).toEqual(fileOf('2'));
    folder.write('a', '3');
    changeFolder(['/app/a']);
    await expect
      .poll(() => [one, two].map(each => each.disk.get('/app/a')), limit)
      .toEqual([fileOf('3'), fileOf('3')]);
  });

  it('of a new ID start again; those that end get nothing', async () => {
    const one = box('1');
    const session = start();
    await session.turn(allOn, true);
    const view = watch(session);
    await expect.poll(() => folders, limit).toBe(1);
    pods({ type: 'list', objects: [pod('api-1', '1')] });
    await expect.poll(view.state, limit).toBe('equal');
    const two = box('2');
    one.end();
    pods({ type: 'modified', object: pod('api-1', '2') });
    await expect.poll(() => two.disk.get('/app/a'), limit).toEqual(fileOf('2'));
    await expect.poll(view.state, limit).toBe('equal');
    pods({ type: 'modified', object: pod('api-1', '2', { deletionTimestamp: 'now' }) });
    await expect.poll(() => view.seen.last?.containers, limit).toEqual([]);
    folder.write('a', '3');
    changeFolder(['/app/a']);
    pods({ type: 'deleted', object: pod('api-1', '2') });
    await expect.poll(view.state, limit).toBe('');
    expect(two.disk.get('/app/a')).toEqual(fileOf('2'));
  });
});

describe('what is on', () => {
  it('is remembered for the next engine; a hold ends with its reader', async () => {
    box('1');
    const session = start();
    await session.turn({ level: 'image', image: 'api' }, true);
    await session.close();
    const next = start();
    const view = watch(next);
    await expect.poll(() => view.seen.last?.images[0]?.switch, limit).toBe('on');
    await next.turn({ level: 'image', image: 'api' }, false);
    await expect.poll(() => view.seen.last?.switch, limit).toBe('off');
    const holding = watch(next, ['api']);
    await expect.poll(() => view.seen.last?.switch, limit).toBe('on');
    await holding.stop();
    await expect.poll(() => view.seen.last?.switch, limit).toBe('off');
  });

  it('waits while another machine holds the project, and goes on when it is free', async () => {
    const one = box('1');
    otherHolder = 'shop is being deployed from elsewhere.';
    const session = start();
    await session.turn(allOn, true);
    const view = watch(session);
    await expect.poll(() => view.seen.last, limit).not.toBeNull();
    pods({ type: 'list', objects: [pod('api-1', '1')] });
    await expect.poll(() => view.seen.last?.blocked, limit).toBe(otherHolder);
    expect(one.batches).toEqual([]);
    otherHolder = null;
    await expect.poll(view.state, limit).toBe('equal');
    otherHolder = 'again';
    await expect.poll(() => view.seen.last?.blocked, limit).toBe('again');
    folder.write('a', '9');
    changeFolder(['/app/a']);
    await expect.poll(view.state, limit).toBe('paused');
    expect(one.disk.get('/app/a')).toEqual(fileOf('2'));
    otherHolder = null;
    await expect.poll(() => one.disk.get('/app/a'), limit).toEqual(fileOf('9'));
  });

  it('a git operation and a pause hold everything back', async () => {
    const one = box('1');
    const session = start();
    await session.turn(allOn, true);
    const view = watch(session);
    await expect.poll(() => folders, limit).toBe(1);
    pods({ type: 'list', objects: [pod('api-1', '1')] });
    await expect.poll(view.state, limit).toBe('equal');
    folderState({ barrier: 'Git is at work.' });
    folder.write('a', '3');
    changeFolder(['/app/a']);
    await expect.poll(view.state, limit).toBe('paused');
    session.pause(true);
    folderState({ barrier: null });
    expect(one.disk.get('/app/a')).toEqual(fileOf('2'));
    session.pause(false);
    await expect.poll(() => one.disk.get('/app/a'), limit).toEqual(fileOf('3'));
  });

  it('snapshots come at most ten times a second', async () => {
    const session = start();
    await session.turn(allOn, true);
    const view = watch(session);
    await expect.poll(() => view.seen.count, limit).toBe(1);
    for (let index = 0; index < 200; index++) {
      pods({ type: 'list', objects: [pod(`api-${index}`, null)] });
      await new Promise(resolve => setTimeout(resolve, 2));
    }
    await expect.poll(() => view.seen.last?.containers[0]?.pod, limit).toBe('api-199');
    expect(view.seen.count).toBeLessThan(30);
  });
});

describe('keep up to date', () => {
  it('deploys once for a batch of saves outside, not again for the same, and says how it ended', async () => {
    const session = start();
    const events: SyncEvent[] = [];
    const stop = new AbortController();
    stops.push(stop);
    void (async () => {
      for await (const event of session.feed.follow(0, stop.signal)) events.push(event);
    })();
    deployed = 'failed';
    await session.setAutomatic(true);
    await expect.poll(() => folders, limit).toBe(1);
    pods({ type: 'list', objects: [] });
    for (const name of ['r1', 'r2', 'r3']) {
      outside = [name];
      changeFolder();
    }
    await expect.poll(() => deploys, limit).toEqual(['r3']);
    await expect
      .poll(
        () => events.some(({ type, message }) => type === 'failure' && message.includes('Not deployed')),
        limit,
      )
      .toBe(true);
    changeFolder();
    await new Promise(resolve => setTimeout(resolve, 150));
    expect(deploys).toEqual(['r3']);
    deployed = 'done';
    outside = ['r4'];
    changeFolder();
    await expect.poll(() => deploys, limit).toEqual(['r3', 'r4']);
  });

  it('syncs what rules cover although no switch was turned, until the project is turned off', async () => {
    const one = box('1');
    const session = start();
    const view = watch(session);
    await expect.poll(() => view.seen.count, limit).toBeGreaterThan(0);
    pods({ type: 'list', objects: [pod('api-1', '1')] });
    await session.setAutomatic(true);
    await expect.poll(() => one.disk.get('/app/a'), limit).toEqual(fileOf('2'));
    await session.turn({ level: 'image', image: 'api' }, false);
    await expect.poll(() => view.seen.last, limit).toMatchObject({ automatic: true, switch: 'off' });
    await session.turn(allOn, false);
    await expect.poll(() => view.seen.last, limit).toMatchObject({ automatic: false, switch: 'off' });
    expect(hints.size).toBe(0);
  });

  it('deploys when the manifests changed, and again whatever comes after a failure', async () => {
    const session = start();
    await session.setAutomatic(true);
    await expect.poll(() => hints.size, limit).toBe(1);
    pods({ type: 'list', objects: [] });
    await new Promise(resolve => setTimeout(resolve, 100));
    const change = (text: string) => {
      files = text;
      for (const hint of hints) hint();
    };
    change('as it is');
    await new Promise(resolve => setTimeout(resolve, 150));
    expect(deploys).toEqual([]);
    deployed = 'failed';
    change('broken');
    await expect.poll(() => deploys.length, limit).toBe(1);
    deployed = 'done';
    change('as it is');
    await expect.poll(() => deploys.length, limit).toBe(2);
    await new Promise(resolve => setTimeout(resolve, 150));
    expect(deploys.length).toBe(2);
    await expect.poll(() => measured, limit).toBeGreaterThan(1);
  });
});

describe('whose containers', () => {
  it('those of another project with an image of the same name are none of ours', async () => {
    foreign = 'docker.io/library/api:1';
    const theirs = box('1');
    const session = start();
    await session.turn(allOn, true);
    const view = watch(session);
    await expect.poll(() => view.seen.count, limit).toBeGreaterThan(0);
    pods({ type: 'list', objects: [pod('api-1', '1')] });
    await expect.poll(() => view.seen.last?.blocked, limit).toBeNull();
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(view.seen.last?.containers).toEqual([]);
    expect(theirs.opened()).toBe(0);
  });

  it('a session that is wanted again while the last one still closes begins after it, whole', async () => {
    box('1');
    closeMs = 200;
    const session = start();
    const first = watch(session);
    await expect.poll(() => folders, limit).toBe(1);
    pods({ type: 'list', objects: [pod('api-1', '1')] });
    await expect.poll(() => first.seen.last?.containers.length, limit).toBe(1);
    await first.stop();
    await new Promise(resolve => setTimeout(resolve, 150));
    const second = watch(session);
    await new Promise(resolve => setTimeout(resolve, 300));
    pods({ type: 'list', objects: [pod('api-1', '1')] });
    await expect.poll(() => second.seen.last?.containers.length, limit).toBe(1);
    expect(folders).toBe(1);
  });
});
