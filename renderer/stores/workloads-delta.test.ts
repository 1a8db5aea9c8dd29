import { expect, test } from 'vitest';
import type { PodView, WorkloadsSnapshot, WorkloadView } from '../../preload/contract/workloads.ts';
import { applyDelta } from './workloads-delta.ts';

const pod = (name: string, createdAt: string, status = 'Running'): PodView => ({
  namespace: 'shop',
  name,
  node: 'n',
  state: 'running',
  status,
  createdAt,
  restarts: 0,
  containers: [],
});
const workload = (name: string, pods: readonly PodView[]): WorkloadView => ({
  ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name },
  state: 'running',
  status: 'Ready',
  ready: pods.length,
  desired: pods.length,
  pods,
  createdAt: '2026-01-01T00:00:00Z',
});
const before: WorkloadsSnapshot = {
  at: '1',
  connected: true,
  disconnectedReason: null,
  workloads: [
    workload('api', [pod('api-b', '2026-01-02'), pod('api-a', '2026-01-01')]),
    workload('web', [pod('web-a', '2026-01-01')]),
  ],
  services: [],
};
const delta = { delta: true, at: '2', connected: true, disconnectedReason: null, services: null } as const;

test('changed pods change in place, new ones come in order, gone ones go, and the rest is the very same object', () => {
  const api = workload('api', [pod('api-b', '2026-01-02', 'Terminating'), pod('api-c', '2026-01-03')]);
  const after = applyDelta(before, {
    ...delta,
    workloads: [{ ...api, gonePods: ['api-a'] }],
    gone: [],
  });
  expect(after.workloads[0]?.pods.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'api-c Running',
    'api-b Terminating',
  ]);
  expect(after.workloads[1]).toBe(before.workloads[1]);
  expect(after.services).toBe(before.services);
  expect(after.at).toBe('2');
});

test('workloads come and go in the order of namespace, name and kind', () => {
  const after = applyDelta(before, {
    ...delta,
    workloads: [{ ...workload('mid', []), gonePods: [] }],
    gone: [before.workloads[1]?.ref ?? { apiVersion: '', kind: '', namespace: null, name: '' }],
  });
  expect(after.workloads.map(({ ref }) => ref.name)).toEqual(['api', 'mid']);
  expect(applyDelta(after, { ...delta, workloads: [], gone: [] }).workloads).toBe(after.workloads);
});
