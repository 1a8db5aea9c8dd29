import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../manifests/index.ts';
import type { Board } from './board.ts';
import { deltaOf, isSameSnapshot } from './share-snapshot.ts';
import { createSnapshots } from './snapshot.ts';

const recorded = JSON.parse(
  readFileSync(new URL('recorded/running.json', import.meta.url), 'utf8'),
) as KubernetesObject;
const labels = { 'ptah-desktop/project': 'shop' };
const deployment = (name: string): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop', uid: name, labels },
  spec: { replicas: 1 },
  status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
});
const podOf = (owner: string, name: string): KubernetesObject => ({
  ...recorded,
  metadata: {
    ...recorded.metadata,
    name,
    namespace: 'shop',
    uid: name,
    ownerReferences: [{ kind: 'ReplicaSet', name: owner, uid: `${owner}-rs`, controller: true }],
  },
});
const replicaSet = (owner: string): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name: `${owner}-rs`,
    namespace: 'shop',
    uid: `${owner}-rs`,
    ownerReferences: [{ kind: 'Deployment', name: owner, uid: owner, controller: true }],
  },
});
const board = (...objects: readonly KubernetesObject[]): Board => ({
  complete: true,
  disconnected: null,
  denied: [],
  limitedTo: null,
  of: kind => objects.filter(object => object.kind === kind),
  add: () => undefined,
  changed: () => Promise.resolve(),
});

test('what did not change is the same object again, and a delta holds only what did', () => {
  const images = new Map<string, string>();
  const snapshot = createSnapshots({ projectName: 'shop', namespaces: null, images: () => images });
  const world = [deployment('api'), replicaSet('api'), deployment('web'), replicaSet('web')];
  const first = snapshot(board(...world, podOf('api', 'api-1'), podOf('web', 'web-1')), '1');
  expect(first.workloads.map(({ ref, pods }) => [ref.name, pods.map(({ name }) => name)])).toEqual([
    ['api', ['api-1']],
    ['web', ['web-1']],
  ]);
  const again = snapshot(board(...world, podOf('api', 'api-1'), podOf('web', 'web-1')), '2');
  expect(isSameSnapshot(first, again)).toBe(true);
  expect(deltaOf(first, again)).toMatchObject({ workloads: [], gone: [], services: null });

  const next = snapshot(board(...world.slice(0, 2), podOf('api', 'api-1'), podOf('api', 'api-2')), '3');
  expect(isSameSnapshot(again, next)).toBe(false);
  expect(next.workloads[0]?.pods.find(({ name }) => name === 'api-1')).toBe(first.workloads[0]?.pods[0]);
  const delta = deltaOf(again, next);
  expect(
    delta.workloads.map(({ ref, pods, gonePods }) => [ref.name, pods.map(({ name }) => name), gonePods]),
  ).toEqual([['api', ['api-2'], []]]);
  expect(delta.gone.map(({ name }) => name)).toEqual(['web']);
});

test('an image that is old only since now changes its pods', () => {
  let images = new Map<string, string>();
  const image = (recorded.spec as { containers: { image: string }[] }).containers[0]?.image ?? '';
  const snapshot = createSnapshots({ projectName: 'shop', namespaces: null, images: () => images });
  const pod = podOf('api', 'api-1');
  const world = board(deployment('api'), replicaSet('api'), pod);
  const first = snapshot(world, '1');
  images = new Map([[image.replace(/^docker\.io\//, '').replace(/:[^:]+$/, ''), 'x:newer']]);
  const next = snapshot(world, '2');
  expect(next.workloads[0]?.pods[0]?.containers[0]).toMatchObject({ ours: true, old: true });
  expect(deltaOf(first, next).workloads[0]?.pods.map(({ name }) => name)).toEqual(['api-1']);
});

test('a state begins as a sentence does, and a Service without an address of its own is headless', () => {
  const snapshot = createSnapshots({ projectName: 'shop', namespaces: null, images: () => new Map() });
  const job: KubernetesObject = {
    ...deployment('migrate'),
    apiVersion: 'batch/v1',
    kind: 'Job',
    spec: {},
    status: { succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] },
  };
  const service: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'db', namespace: 'shop', uid: 'db', labels },
    spec: { type: 'ClusterIP', clusterIP: 'None' },
  };
  const { workloads, services } = snapshot(board(job, service), '1');
  expect(workloads.map(({ state, status }) => [state, status])).toEqual([['completed', 'Completed']]);
  expect(services.map(({ type, ports }) => [type, ports])).toEqual([['Headless', []]]);
});
