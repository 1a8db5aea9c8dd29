import { describe, expect, it } from 'vitest';
import { snapshot } from '../../testing/shop.ts';
import { opensItself, podName, treeRows } from './tree.ts';

describe('the tree of workloads', () => {
  it('shows what is opened, no deeper', () => {
    expect(treeRows(snapshot.workloads, () => false)).toHaveLength(snapshot.workloads.length);
    const all = treeRows(snapshot.workloads, () => true);
    expect(all.filter(row => row.kind === 'pod')).toHaveLength(9);
    expect(all.filter(row => row.kind === 'container')).toHaveLength(10);
    expect(new Set(all.map(row => row.key)).size).toBe(all.length);
  });

  it('stands open where something is not settled', () => {
    expect(snapshot.workloads.filter(opensItself).map(workload => workload.ref.name)).toEqual([
      'api',
      'migrate',
    ]);
  });

  it('stays closed where nothing is meant to run now, unless a pod of it failed', () => {
    const [some] = snapshot.workloads;
    const [pod] = some?.pods ?? [];
    if (some === undefined || pod === undefined) throw new Error('no pod');
    const waiting = { ...some, state: 'waiting' as const, pods: [{ ...pod, state: 'completed' as const }] };
    expect(opensItself(waiting)).toBe(false);
    expect(opensItself({ ...waiting, pods: [] })).toBe(false);
    expect(opensItself({ ...waiting, pods: [{ ...pod, state: 'starting' }] })).toBe(false);
    expect(opensItself({ ...waiting, pods: [{ ...pod, state: 'failed' }] })).toBe(true);
  });

  it('keeps the end of a long pod name', () => {
    const name = `${'very-long-name-'.repeat(5)}7c9f6d5b8-2xk4q`;
    expect(podName(name)).toHaveLength(40);
    expect(podName(name)).toMatch(/…-2xk4q$/);
  });
});
