import { describe, expect, it } from 'vitest';
import type { RemovedItem } from '../deploy/index.ts';
import { PtahError } from '../errors/index.ts';
import type { RemovalEffects } from './effects.ts';
import { planRemoval } from './plan.ts';
import { runRemoval } from './run.ts';
import { fakeEffects, insideCluster, removalProject, removalWorld } from './testing.ts';
import type { RemovalGroupId } from './types.ts';

const project = removalProject();
const labels = { 'ptah-desktop/project': 'shop', 'ptah-desktop/image': 'api' };
const member = (kind: string, name: string) => ({
  ref: { apiVersion: 'v1', kind, namespace: 'shop', name },
  uid: `uid-${name}`,
  managers: ['ptah-desktop'],
});
const world = removalWorld({
  live: [{ id: 'sync', kind: 'Live sync', name: 'of the containers', where: null }],
  docker: {
    images: [{ id: 'sha256:1', tags: ['api:1'], labels, size: 1, createdAt: '' }],
    containers: [],
  },
  output: { directory: '/home/me/shop/.build', files: 1, bytes: 1 },
  inside: insideCluster({
    inventory: {
      parents: [],
      members: [member('Deployment', 'api'), member('PersistentVolumeClaim', 'data')],
    },
    claims: [{ ref: { ...member('PersistentVolumeClaim', 'data-db-0').ref }, uid: 'u', why: 'made for db' }],
    nodeImages: [{ node: 'n1', reference: 'docker.io/library/api:1', size: 1, labels }],
  }),
});
const usual: readonly RemovalGroupId[] = ['live', 'objects', 'node-images', 'images', 'output'];

async function run(
  groups: readonly RemovalGroupId[],
  change: Partial<RemovalEffects> = {},
  fingerprint: string | null = null,
  signal = new AbortController().signal,
) {
  const effects = fakeEffects(world, change);
  const told: RemovedItem[] = [];
  const over = await runRemoval({ project, fingerprint, groups }, effects, {
    signal,
    emit: event => void (event.type === 'removed' && told.push(event.item)),
    report: () => {},
    podsLimitMs: 50,
  }).catch((error: unknown) => error as Error);
  return { effects, told, over };
}

describe('runRemoval', () => {
  it('takes what was agreed to in an order in which nothing is left hanging, and nothing else', async () => {
    const { effects, told, over } = await run(usual);
    expect(effects.done).toEqual([
      'hold',
      'stop sync',
      'keep data-db-0',
      'delete Deployment api',
      'n1 forgets api:1',
      'docker rmi api:1',
      'remove output',
      'release',
      'forget notes',
    ]);
    expect(told.every(({ outcome }) => outcome === 'removed')).toBe(true);
    expect(over).toMatchObject({
      summary: 'Removed 1 running thing, 1 object, 1 image on a node, 1 image in Docker, 1 folder',
      failed: [],
    });
  });

  it('takes volumes and claims only when they are chosen', async () => {
    const { effects } = await run(['objects', 'volumes']);
    expect(effects.done).toEqual([
      'hold',
      'delete Deployment api',
      'delete PersistentVolumeClaim data',
      'delete PersistentVolumeClaim data-db-0',
      'release',
      'forget notes',
    ]);
  });

  it('does not take a cluster apart that goes whole', async () => {
    const { effects } = await run([...usual, 'volumes', 'cluster']);
    expect(effects.done).toEqual([
      'hold',
      'stop sync',
      'delete cluster',
      'docker rmi api:1',
      'remove output',
      'release',
    ]);
  });

  it('goes on after what can’t be removed, and says why', async () => {
    const { told, over } = await run(usual, {
      removeImage: () => Promise.reject(new PtahError('docker-api', 'conflict: container trial is using it')),
      imageUsers: () => Promise.resolve(new Map([['docker.io/library/api:1', ['pod shop/api-1']]])),
    });
    expect(told.filter(({ outcome }) => outcome === 'failed')).toMatchObject([
      { title: 'Image api:1', where: 'n1', message: 'used by pod shop/api-1' },
      { title: 'Image api:1', where: 'Docker', message: 'conflict: container trial is using it' },
    ]);
    expect(told.at(-1)).toMatchObject({ title: 'Folder .build', outcome: 'removed' });
    expect(over).toMatchObject({ summary: expect.stringContaining('2 things could not be removed') });
  });

  it('calls gone what somebody else removed meanwhile', async () => {
    const { told } = await run(['images'], {
      removeImage: () => Promise.reject(new PtahError('not-found', 'No such image')),
    });
    expect(told).toMatchObject([{ outcome: 'gone' }]);
  });

  it('touches nothing when the list is another one by now', async () => {
    const shown = planRemoval(project, removalWorld()).fingerprint;
    const { effects, over } = await run(usual, {}, shown);
    expect(over).toMatchObject({ code: 'removal-changed' });
    expect(effects.done).toEqual([]);
    const same = await run(['output'], {}, planRemoval(project, world).fingerprint);
    expect(same.effects.done).toEqual(['remove output']);
  });

  it('stops at a cancel, and gives the project free again', async () => {
    const stop = new AbortController();
    const { effects, over } = await run(
      usual,
      {
        stopLive: () => {
          stop.abort(new PtahError('cancelled', 'Cancelled'));
          return Promise.resolve();
        },
        removeObjects: (_, __, ___, signal) => Promise.reject(signal.reason as Error),
      },
      null,
      stop.signal,
    );
    expect(over).toBeInstanceOf(Error);
    expect(effects.done).toEqual(['hold', 'keep data-db-0', 'release']);
  });

  it('touches nothing while another machine deploys the project', async () => {
    const { effects, over } = await run(usual, {
      hold: () => Promise.reject(new PtahError('lease-held', 'shop is being deployed from elsewhere.')),
    });
    expect(over).toMatchObject({ code: 'lease-held' });
    expect(effects.done).toEqual([]);
  });
});
