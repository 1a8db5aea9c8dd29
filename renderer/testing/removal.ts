import type { JobEvent } from '../../preload/contract/activity.ts';
import type { RemovalGroup, RemovalPlan } from '../../preload/contract/removal.ts';
import type { RemovedItem } from '../../preload/contract/deploy.ts';
import type { Answers, Feeds } from './fake-client.ts';
import { closedFeed, openFeed } from './fake-client.ts';
import { ago, runningJob } from './shop.ts';

type Item = RemovalGroup['items'][number];
const MB = 1_000_000;

const object = (
  kind: string,
  name: string,
  where: string | null = 'shop',
  more: Partial<Item> = {},
): Item => ({
  id: `apps/${kind}/${where ?? ''}/${name}#1`,
  kind,
  name,
  where,
  bytes: null,
  note: null,
  ref: { apiVersion: 'v1', kind, namespace: where, name },
  ...more,
});
const image = (name: string, where: string, bytes: number): Item => ({
  id: `${where}:${name}`,
  kind: 'Image',
  name,
  where,
  bytes,
  note: null,
  ref: null,
});
const group = (
  id: RemovalGroup['id'],
  title: string,
  items: readonly Item[],
  askedApart = false,
  unavailable: string | null = null,
): RemovalGroup => ({ id, title, askedApart, items, unavailable });
const nodes = ['dev-control-plane', 'dev-worker', 'dev-worker2'];

export const removalPlan: RemovalPlan = {
  project: { name: 'shop', root: '/home/me/code/shop' },
  cluster: { name: 'dev', context: 'kind-dev' },
  createdAt: ago(1),
  fingerprint: '5d41402abc4b2a76',
  groups: [
    group('live', 'What runs by our doing', [
      { ...object('Forward', '127.0.0.1:8080', 'Service api'), ref: null },
      { ...object('Live sync', 'of the containers', null), ref: null },
    ]),
    group('objects', 'Objects in the cluster', [
      object('Deployment', 'api'),
      object('Deployment', 'web'),
      object('Deployment', 'worker'),
      object('StatefulSet', 'mariadb'),
      object('Service', 'api'),
      object('Service', 'mariadb'),
      object('Service', 'web'),
      object('ConfigMap', 'settings'),
      object('Secret', 'mariadb'),
    ]),
    group(
      'node-images',
      'Images on the nodes',
      nodes.map(node => image('api:b3c3fbc', node, 212 * MB)),
    ),
    group('images', 'Images in Docker', [
      image('api:b3c3fbc', 'Docker', 212 * MB),
      {
        ...image('api:9f04d1e', 'Docker', 212 * MB),
        note: 'used by the container trial: Docker keeps it until that is gone',
      },
      image('web:41c0a2b', 'Docker', 61 * MB),
    ]),
    group('output', 'Written manifests', [
      {
        ...object('Folder', '.build', 'the project'),
        bytes: 14_200,
        note: '9 files that Deploy wrote, and writes again',
        ref: null,
      },
    ]),
    group(
      'volumes',
      'Volumes and claims',
      [
        object('PersistentVolumeClaim', 'data-mariadb-0', 'shop', {
          bytes: 1_073_741_824,
          note: 'made for StatefulSet mariadb; its data goes with it',
        }),
      ],
      true,
    ),
    group('namespaces', 'Namespaces and definitions', [object('Namespace', 'shop', null)], true),
    group(
      'cluster',
      'Kind cluster',
      [
        {
          ...object('Kind cluster', 'dev', 'Docker', {
            note: 'with everything in it, claims and volumes too',
          }),
          ref: null,
        },
      ],
      true,
    ),
  ],
  keeps: [
    { title: 'my-api:test in Docker', reason: 'someone else gave it this name or built it' },
    {
      title: 'Helm release kube-system/dashboard',
      reason: 'Helm owns it: “helmfile destroy” in the folder of shop removes it',
    },
    { title: '/home/me/code/shop', reason: 'your files stay as they are, and the project stays in the list' },
  ],
  nothingToRemove: false,
};

export const removalAnswers: Answers = {
  'removal.plan': () => removalPlan,
  'removal.start': () => ({ jobId: 'job-21' }),
};

export const removalJob = {
  ...runningJob,
  id: 'job-21',
  kind: 'remove' as const,
  title: 'Remove shop',
  status: 'Waiting until the pods have ended',
  progress: 0.6,
};

const went = (item: Item, outcome: RemovedItem['outcome'] = 'removed', message = ''): RemovedItem => ({
  id: item.id,
  group: 'objects',
  title: `${item.kind} ${item.name}`,
  where: item.where,
  outcome,
  message,
});
const ticked = removalPlan.groups.filter(({ askedApart }) => !askedApart).flatMap(({ items }) => items);
const events = (items: readonly RemovedItem[]): readonly JobEvent[] =>
  items.map((item, at) => ({ seq: at + 1, at: ago(10 - at / 10), event: { type: 'removed', item } }));

/** Half gone, and the rest on its way. */
export const removing: { readonly answers: Answers; readonly feeds: Feeds } = {
  answers: { 'activity.list': () => [removalJob] },
  feeds: {
    'activity.follow': (_, signal) => openFeed(events(ticked.slice(0, 11).map(item => went(item))), signal),
  },
};

/** Over, with one that Docker kept. */
export const removalFailed: { readonly answers: Answers; readonly feeds: Feeds } = {
  answers: {
    'activity.list': () => [
      {
        ...removalJob,
        state: 'failed' as const,
        finishedAt: ago(0),
        error: {
          code: 'removal-incomplete',
          message: 'Removed 9 objects, 2 images in Docker; 1 thing could not be removed.',
          hint: 'What could be removed is gone. Remove again when the reasons are.',
          details: {},
        },
      },
    ],
  },
  feeds: {
    'activity.follow': () =>
      closedFeed(
        events(
          ticked.map(item =>
            item.name === 'api:9f04d1e'
              ? went(item, 'failed', 'conflict: the container trial is using its referenced image 5f2c0d1a')
              : went(item),
          ),
        ),
      ),
  },
};
