import { expect, test } from 'vitest';
import type { Workload } from './kube-types.ts';
import { currentPods } from './owned-pods.ts';
import { workloadStatus } from './workload-status.ts';

const workload = (
  kind: string,
  spec: Workload['spec'],
  status: Workload['status'],
  generation = 2,
): Workload => ({ apiVersion: 'apps/v1', kind, metadata: { name: 'x', uid: 'u', generation }, spec, status });

test.each<[string, Workload, boolean, string]>([
  [
    'not observed yet',
    workload(
      'Deployment',
      { replicas: 1 },
      { observedGeneration: 1, updatedReplicas: 1, availableReplicas: 1 },
    ),
    false,
    'waiting for its controller',
  ],
  [
    'new pods missing',
    workload(
      'Deployment',
      { replicas: 3 },
      { observedGeneration: 2, replicas: 3, updatedReplicas: 1, availableReplicas: 3 },
    ),
    false,
    '1 of 3 new pods made',
  ],
  [
    'old pods left',
    workload(
      'Deployment',
      { replicas: 2 },
      { observedGeneration: 2, replicas: 3, updatedReplicas: 2, availableReplicas: 3 },
    ),
    false,
    '1 old pod still to end',
  ],
  [
    'not available',
    workload(
      'Deployment',
      { replicas: 2 },
      { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 1 },
    ),
    false,
    '1 of 2 pods available',
  ],
  [
    'settled',
    workload(
      'Deployment',
      { replicas: 2 },
      { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2 },
    ),
    true,
    '2 of 2 ready',
  ],
  [
    'scaled to none',
    workload('Deployment', { replicas: 0 }, { observedGeneration: 2 }),
    true,
    '0 of 0 ready',
  ],
  [
    'set renewing',
    workload(
      'StatefulSet',
      { replicas: 2 },
      {
        observedGeneration: 2,
        readyReplicas: 2,
        updatedReplicas: 1,
        currentRevision: 'a',
        updateRevision: 'b',
      },
    ),
    false,
    '1 of 2 pods renewed',
  ],
  [
    'set settled',
    workload(
      'StatefulSet',
      { replicas: 2 },
      {
        observedGeneration: 2,
        readyReplicas: 2,
        updatedReplicas: 2,
        currentRevision: 'b',
        updateRevision: 'b',
      },
    ),
    true,
    '2 of 2 ready',
  ],
  [
    'set with a partition',
    workload(
      'StatefulSet',
      { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
      {
        observedGeneration: 2,
        readyReplicas: 3,
        updatedReplicas: 1,
        currentRevision: 'a',
        updateRevision: 'b',
      },
    ),
    true,
    '3 of 3 ready',
  ],
  [
    'daemon on one of two nodes',
    workload(
      'DaemonSet',
      {},
      { observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 1 },
    ),
    false,
    '1 of 2 nodes have the new pod',
  ],
  ['job running', workload('Job', { completions: 2 }, { succeeded: 1 }), false, '1 of 2 completed'],
  [
    'job done',
    workload('Job', {}, { succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] }),
    true,
    'completed',
  ],
])('%s', (_, object, settled, message) => {
  expect(workloadStatus(object)).toMatchObject({ settled, message, gaveUp: false });
});

test('a Deployment beyond its deadline and a failed Job give up', () => {
  const late = workload(
    'Deployment',
    { replicas: 1 },
    {
      observedGeneration: 2,
      conditions: [
        { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'timed out' },
      ],
    },
  );
  expect(workloadStatus(late)).toMatchObject({ gaveUp: true, message: 'timed out' });
  expect(
    workloadStatus(
      workload('Job', {}, { conditions: [{ type: 'Failed', status: 'True', message: 'too often' }] }),
    ),
  ).toMatchObject({ gaveUp: true, message: 'too often' });
});

test('only pods of the newest revision count, and none that end', () => {
  const revision = (value: string) => ({ 'deployment.kubernetes.io/revision': value });
  const owner = (uid: string) => [{ kind: 'X', name: 'x', uid, controller: true }];
  const set = (uid: string, value: string): Workload => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: uid, uid, annotations: revision(value), ownerReferences: owner('u') },
  });
  const pod = (name: string, uid: string, deleted = false) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, ownerReferences: owner(uid), ...(deleted && { deletionTimestamp: 'now' }) },
  });
  const deployment: Workload = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'x', uid: 'u', annotations: revision('2') },
  };
  const pods = [pod('old', 'rs1'), pod('new', 'rs2'), pod('leaving', 'rs2', true), pod('stranger', 'rs9')];
  expect(
    currentPods(deployment, pods, [set('rs1', '1'), set('rs2', '2')]).map(({ metadata }) => metadata.name),
  ).toEqual(['new']);
  // the controller has not seen the change: the pods are all of before, whatever is wrong with them
  const unseen: Workload = {
    ...deployment,
    metadata: { ...deployment.metadata, generation: 3, annotations: revision('1') },
    status: { observedGeneration: 2 },
  };
  expect(currentPods(unseen, pods, [set('rs1', '1')])).toEqual([]);
});

test('a DaemonSet whose template changed has no current pod until the first is made', () => {
  const daemons = (generation: string): Workload => ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: {
      name: 'd',
      uid: 'd',
      annotations: { 'deprecated.daemonset.template.generation': generation },
    },
  });
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'p',
      uid: 'p',
      labels: { 'pod-template-generation': '1' },
      ownerReferences: [{ kind: 'DaemonSet', name: 'd', uid: 'd', controller: true }],
    },
  };
  expect(currentPods(daemons('1'), [pod], [])).toEqual([pod]);
  expect(currentPods(daemons('2'), [pod], [])).toEqual([]);
});
