import { afterEach, describe, expect, it, vi } from 'vitest';
import { createFakeClient, FakeFailure, openFeed, type FakeClient } from '../testing/fake-client.ts';
import { finishedJobs, plan, projects, runningEvents, runningJob, snapshot } from '../testing/shop.ts';
import { worlds } from '../testing/worlds.ts';
import { createStores, type Stores } from './stores.ts';

function start(world = 'idle'): { client: FakeClient; stores: Stores } {
  const client = worlds[world]?.() ?? createFakeClient();
  return { client, stores: createStores(client, window) };
}
const count = (client: FakeClient, method: string) =>
  client.asked.filter(one => one.method === method).length;

afterEach(() => vi.useRealTimers());

describe('the stores of a window', () => {
  it('read the plan again when files of the project changed, if somebody looks at it', async () => {
    const { client, stores } = start();
    const stop = stores.deploys.plans.watch('p-1');
    await vi.waitFor(() => expect(stores.deploys.plans.get('p-1').data).toEqual(plan));
    client.emit('projects.filesChanged', { id: 'p-1' });
    await vi.waitFor(() => expect(count(client, 'deploy.plan')).toBe(2));
    client.emit('projects.filesChanged', { id: 'p-2' });
    stop();
    client.emit('projects.filesChanged', { id: 'p-1' });
    await Promise.resolve();
    expect(count(client, 'deploy.plan')).toBe(2);
  });

  it('open a folder that the host was given, once, and keep the place in the address', async () => {
    window.location.hash = `#/open/${encodeURIComponent('/home/me/two words')}`;
    const { client, stores } = start();
    expect(window.location.hash).toBe('#/projects');
    await vi.waitFor(() =>
      expect(client.asked).toContainEqual({ method: 'projects.open', input: { path: '/home/me/two words' } }),
    );
    await vi.waitFor(() => expect(stores.location.store.getState().place.screen).toBe('overview'));
    expect(window.location.hash).toBe('#/p/p-1/overview');
    expect(count(client, 'projects.open')).toBe(1);
  });

  it('read everything again when the engine is back', async () => {
    const { client, stores } = start();
    stores.projects.watch('');
    await vi.waitFor(() => expect(stores.projects.get('').data).toEqual(projects));
    client.connect(false);
    expect(stores.connection.getState()).toMatchObject({ connected: false });
    client.connect(true);
    await vi.waitFor(() => expect(count(client, 'projects.list')).toBe(2));
    expect(stores.connection.getState()).toEqual({ connected: true, lostAt: null });
  });

  it('take a job from its events, and tell of its end where it is not on screen', async () => {
    const { client, stores } = start();
    await stores.activity.jobs.load('');
    stores.location.go({ screen: 'setup', projectId: null });
    client.emit('activity.changed', runningJob);
    expect(stores.activity.job('job-1')).toEqual(runningJob);
    expect(stores.dock.store.getState().tabs.map(tab => tab.id)).toEqual([
      'logs',
      'job-1',
      'sync',
      'problems',
    ]);
    client.emit('activity.changed', { ...runningJob, state: 'failed', finishedAt: new Date().toISOString() });
    expect(stores.toasts.store.getState()).toMatchObject([
      { key: 'job-1', tone: 'bad', title: 'Deploy shop failed' },
    ]);
  });

  it('give the tab of an ended task to the new one, unless it is being read', async () => {
    const { client, stores } = start();
    await stores.activity.jobs.load('');
    const tabs = () => stores.dock.store.getState().tabs.map(tab => tab.id);
    const run = (id: string) => {
      client.emit('activity.changed', { ...runningJob, id });
      client.emit('activity.changed', {
        ...runningJob,
        id,
        state: 'succeeded',
        finishedAt: new Date().toISOString(),
      });
    };
    run('job-20');
    run('job-21');
    expect(tabs()).toEqual(['logs', 'job-21', 'sync', 'problems']);
    stores.dock.openJob('job-21');
    run('job-22');
    expect(tabs()).toEqual(['logs', 'job-21', 'job-22', 'sync', 'problems']);
  });

  it('show no toast for what the user sees happen', async () => {
    const { client, stores } = start();
    await stores.activity.jobs.load('');
    stores.location.go({ screen: 'overview', projectId: 'p-1' });
    client.emit('activity.changed', runningJob);
    client.emit('activity.changed', {
      ...runningJob,
      state: 'succeeded',
      finishedAt: new Date().toISOString(),
    });
    expect(stores.toasts.store.getState()).toEqual([]);
  });

  it('hold three toasts at most, and one per task', () => {
    const { stores } = start();
    const toast = (key: string) =>
      stores.toasts.show({ key, tone: 'done', title: key, line: '', action: null });
    for (const key of ['a', 'b', 'c', 'b', 'd']) toast(key);
    expect(stores.toasts.store.getState().map(one => one.key)).toEqual(['c', 'b', 'd']);
  });

  it('start a deploy with the fingerprint of the plan that was read', async () => {
    const { client, stores } = start();
    await stores.deploys.plans.load('p-1');
    const prune = [{ apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'api-debug' }];
    expect(await stores.deploys.start('p-1', { prune })).toBe('job-1');
    expect(client.asked.at(-1)).toEqual({
      method: 'deploy.start',
      input: {
        projectId: 'p-1',
        fingerprint: plan.fingerprint,
        consent: { prune, replace: [], force: false, recreateCluster: false },
      },
    });
  });

  it('keep a refusal, and read the plan again', async () => {
    const { client, stores } = start();
    client.answer({
      'deploy.start': () => {
        throw new FakeFailure('plan-stale', 'The folder changed since the plan was read');
      },
    });
    stores.deploys.plans.watch('p-1');
    await vi.waitFor(() => expect(stores.deploys.plans.get('p-1').data).not.toBeNull());
    expect(await stores.deploys.start('p-1')).toBeNull();
    expect(stores.deploys.refusals.getState()['p-1']).toMatchObject({ code: 'plan-stale' });
    await vi.waitFor(() => expect(count(client, 'deploy.plan')).toBe(2));
  });

  it('follow a job once for two views, and go on after a lost connection without telling twice', async () => {
    const { client, stores } = start('busy');
    const asked: number[] = [];
    client.feed({
      'activity.follow': ({ after }, signal) => {
        asked.push(after);
        return openFeed(
          runningEvents.filter(item => item.seq > after),
          signal,
        );
      },
    });
    const first = stores.jobViews.follow('job-1');
    const second = stores.jobViews.follow('job-1');
    await vi.waitFor(() => expect(stores.jobViews.store.getState()['job-1']?.seq).toBe(runningEvents.length));
    const lines = stores.jobViews.store.getState()['job-1']?.lines.items.length;
    client.connect(false);
    client.connect(true);
    expect(asked).toEqual([0, runningEvents.length]);
    expect(stores.jobViews.store.getState()['job-1']?.lines.items).toHaveLength(lines ?? -1);
    first();
    second();
  });

  it('try the workloads again by themselves, later each time', async () => {
    vi.useFakeTimers();
    const { client, stores } = start();
    let tries = 0;
    client.feed({
      'workloads.watch': (_, signal) => {
        tries += 1;
        if (tries < 3) throw new FakeFailure('cluster-unreachable', 'The cluster does not answer');
        return openFeed([snapshot], signal);
      },
    });
    const stop = stores.workloads.watch('p-1');
    await vi.advanceTimersByTimeAsync(0);
    expect(stores.workloads.store.getState()['p-1']).toMatchObject({
      error: { code: 'cluster-unreachable' },
    });
    await vi.advanceTimersByTimeAsync(1000);
    expect(tries).toBe(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(tries).toBe(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(tries).toBe(3);
    expect(stores.workloads.store.getState()['p-1']).toMatchObject({
      error: null,
      snapshot: { connected: true },
    });
    stop();
  });

  it('ask a job to stop, and know it until it has', async () => {
    const { client, stores } = start('busy');
    await stores.activity.jobs.load('');
    await stores.activity.cancel('job-1');
    expect(stores.activity.stopping.getState().has('job-1')).toBe(true);
    client.emit('activity.changed', { ...runningJob, state: 'cancelled' });
    expect(stores.activity.stopping.getState().has('job-1')).toBe(false);
  });

  it('dismiss a finished job', async () => {
    const { stores } = start();
    await stores.activity.jobs.load('');
    await stores.activity.dismiss('job-5');
    expect(stores.activity.jobs.get('').data).toHaveLength(finishedJobs.length - 1);
  });

  it('remember what was dragged, and nothing that does not fit', () => {
    const first = start().stores;
    first.layout.setState({ sidebarWidth: 300, dockOpen: true });
    window.localStorage.setItem(
      'ptah.layout',
      JSON.stringify({ sidebarWidth: 300, dockHeight: 'tall', evil: 1 }),
    );
    const second = start().stores;
    expect(second.layout.getState()).toMatchObject({ sidebarWidth: 300, dockHeight: 306, dockOpen: false });
    expect(second.layout.getState()).not.toHaveProperty('evil');
  });
});
