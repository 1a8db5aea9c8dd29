import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SyncEvent, SyncSnapshot } from '../../preload/contract/sync.ts';
import { createFakeClient, FakeFailure, openFeed } from '../testing/fake-client.ts';
import { createPushed } from '../testing/pushed.ts';
import { syncAnswers, syncEvents, syncSnapshots } from '../testing/sync-worlds.ts';
import { createSyncFeeds } from './sync-feed.ts';
import { createSync, keepSame, nothingAsked, pendingKey, switchOf, workKey } from './sync.ts';
import { createToasts } from './toasts.ts';
import { toggleScope } from './use-sync.ts';

afterEach(() => vi.useRealTimers());

function start(first: SyncSnapshot = syncSnapshots.off) {
  const pushed = createPushed<SyncSnapshot>();
  const client = createFakeClient(syncAnswers, { 'sync.watch': (_, signal) => pushed.open(signal) });
  const toasts = createToasts();
  const sync = createSync(client, toasts);
  const stop = sync.snapshots.watch('p-1');
  pushed.push(first);
  return { pushed, client, toasts, sync, stop };
}
const project = { level: 'project' } as const;

describe('the stream of a project', () => {
  it('is opened once however many look, and closed after the last', async () => {
    const { pushed, sync, stop } = start();
    const second = sync.snapshots.watch('p-1');
    await vi.waitFor(() => expect(sync.snapshots.get('p-1').value).toEqual(syncSnapshots.off));
    expect(pushed.opened()).toBe(1);
    stop();
    expect(pushed.readers()).toBe(1);
    second();
    await vi.waitFor(() => expect(pushed.readers()).toBe(0));
  });

  it('is opened again when it ends, and keeps what was told', async () => {
    const { pushed, sync } = start(syncSnapshots.mixed);
    await vi.waitFor(() => expect(sync.snapshots.get('p-1').value).not.toBeNull());
    pushed.fail(new FakeFailure('engine-gone', 'The engine ended'));
    await vi.waitFor(() => expect(sync.snapshots.get('p-1').error?.message).toBe('The engine ended'));
    expect(sync.snapshots.get('p-1').value).toEqual(syncSnapshots.mixed);
    sync.snapshots.retry('p-1');
    pushed.push(syncSnapshots.equal);
    await vi.waitFor(() => expect(sync.snapshots.get('p-1').value).toEqual(syncSnapshots.equal));
    expect(sync.snapshots.get('p-1').error).toBeNull();
  });

  it('tells its views ten times a second at most, and the last one always', async () => {
    const { pushed, sync } = start();
    await vi.waitFor(() => expect(sync.snapshots.get('p-1').value).not.toBeNull());
    let told = 0;
    sync.snapshots.store.subscribe(() => (told += 1));
    const since = Date.now();
    for (let round = 0; round < 60; round += 1) {
      pushed.push({ ...syncSnapshots.mixed, at: new Date(since + round).toISOString() });
      await new Promise(done => setTimeout(done, 7));
    }
    const last = new Date(since + 59).toISOString();
    await vi.waitFor(() => expect(sync.snapshots.get('p-1').value?.at).toBe(last));
    expect(told).toBeLessThanOrEqual(Math.ceil((Date.now() - since) / 100) + 1);
  });

  it('keeps the objects of containers that did not change', () => {
    const again = structuredClone(syncSnapshots.mixed);
    const [one] = again.containers;
    const changed = {
      ...again,
      containers: [{ ...one, p50: 9 }, ...again.containers.slice(1)],
    } as SyncSnapshot;
    const merged = keepSame(syncSnapshots.mixed, changed);
    expect(merged.containers[0]?.p50).toBe(9);
    expect(merged.containers[1]).toBe(syncSnapshots.mixed.containers[1]);
    expect(merged.images[0]).toBe(syncSnapshots.mixed.images[0]);
  });
});

describe('a switch', () => {
  it('says that it was asked until a snapshot confirms it', async () => {
    const { pushed, client, sync } = start();
    await vi.waitFor(() => expect(sync.snapshots.get('p-1').value).not.toBeNull());
    toggleScope(sync, 'p-1', project);
    expect(sync.pending.getState()[pendingKey('p-1', project)]?.to).toBe(true);
    expect(client.asked).toEqual([
      { method: 'sync.switch', input: { projectId: 'p-1', scope: project, on: true } },
    ]);
    await Promise.resolve();
    expect(sync.pending.getState()[pendingKey('p-1', project)]?.to).toBe(true);
    pushed.push(syncSnapshots.equal);
    await vi.waitFor(() => expect(sync.pending.getState()).toEqual({}));
  });

  it('goes back and says why when the engine refuses', async () => {
    const { client, sync, toasts } = start();
    await vi.waitFor(() => expect(sync.snapshots.get('p-1').value).not.toBeNull());
    client.answer({
      'sync.switch': () => {
        throw new FakeFailure('lease-held', 'Another machine holds the project', 'Ask ada.');
      },
    });
    toggleScope(sync, 'p-1', project);
    await vi.waitFor(() => expect(sync.pending.getState()).toEqual({}));
    expect(toasts.store.getState()).toMatchObject([
      { tone: 'bad', title: 'Another machine holds the project', line: 'Ask ada.' },
    ]);
  });

  it('that no snapshot confirms says what is true again', async () => {
    vi.useFakeTimers();
    const { sync } = start();
    await vi.advanceTimersByTimeAsync(10);
    toggleScope(sync, 'p-1', project);
    await vi.advanceTimersByTimeAsync(4000);
    expect(Object.keys(sync.pending.getState())).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1500);
    expect(sync.pending.getState()).toEqual({});
  });

  it('that is mixed turns all on', async () => {
    const { client, sync } = start(syncSnapshots.mixed);
    await vi.waitFor(() => expect(sync.snapshots.get('p-1').value).not.toBeNull());
    const workload = { level: 'workload', namespace: 'shop', kind: 'Deployment', name: 'api' } as const;
    expect(switchOf(syncSnapshots.mixed, workload)).toBe('mixed');
    toggleScope(sync, 'p-1', workload);
    expect(client.asked.at(-1)?.input).toEqual({ projectId: 'p-1', scope: workload, on: true });
  });
});

describe('what is asked of a container', () => {
  const container = 'shop/api-7c9f6d5b8-2xk4q/api';
  it('keeps the answer of Verify, and one question at a time', async () => {
    const { client, sync } = start();
    sync.verify('p-1', container);
    sync.verify('p-1', container);
    const work = () => sync.work.getState()[workKey('p-1', container)] ?? nothingAsked;
    expect(work().busy).toBe('verify');
    await vi.waitFor(() => expect(work().verified?.result).toMatchObject({ equal: true, files: 176 }));
    expect(client.asked.filter(one => one.method === 'sync.verify')).toHaveLength(1);
    sync.forget('p-1', container);
    expect(work().verified).toBeNull();
  });

  it('says what failed', async () => {
    const { client, sync } = start();
    client.answer({
      'sync.resolve': () => {
        throw new FakeFailure('container-gone', 'The container ended');
      },
    });
    sync.resolve('p-1', container, ['/srv/app/cart.py'], 'send');
    await vi.waitFor(() =>
      expect(sync.work.getState()[workKey('p-1', container)]?.failed).toMatchObject({
        action: 'resolve',
        error: { message: 'The container ended' },
      }),
    );
  });
});

describe('the feed', () => {
  it('goes on from where it was left', async () => {
    const asked: number[] = [];
    const client = createFakeClient(
      {},
      {
        'sync.feed': ({ after }, signal) => {
          asked.push(after);
          return openFeed(
            syncEvents.filter(one => one.seq > after),
            signal,
          );
        },
      },
    );
    const feeds = createSyncFeeds(client);
    const seqs = () => (feeds.store.getState()['p-1']?.events ?? []).map(one => one.seq);
    const stop = feeds.follow('p-1');
    await vi.waitFor(() => expect(seqs()).toEqual(syncEvents.map(one => one.seq)));
    stop();
    feeds.follow('p-1');
    await vi.waitFor(() => expect(asked).toEqual([0, 12]));
    expect(seqs()).toHaveLength(12);
  });

  it('begins anew with a new engine, and is empty only once something was answered', async () => {
    const pushed = createPushed<SyncEvent>();
    const client = createFakeClient({}, { 'sync.feed': (_, signal) => pushed.open(signal) });
    const feeds = createSyncFeeds(client);
    feeds.follow('p-1');
    expect(feeds.store.getState()['p-1']?.ready).toBe(false);
    await vi.waitFor(() => expect(feeds.store.getState()['p-1']?.ready).toBe(true));
    for (const event of syncEvents) pushed.push(event);
    await vi.waitFor(() => expect(feeds.store.getState()['p-1']?.events).toHaveLength(12));
    feeds.resume();
    const [first] = syncEvents;
    if (first === undefined) throw new Error('No event in the sample');
    pushed.push({ ...first, message: 'of the new engine' });
    await vi.waitFor(() =>
      expect(feeds.store.getState()['p-1']?.events.map(one => one.message)).toEqual(['of the new engine']),
    );
  });
});
