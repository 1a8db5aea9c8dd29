import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../cluster/index.ts';
import { connectTestCluster, testNamespace } from '../cluster/testing.ts';
import { holdLease, leaseProblem } from './lease.ts';
import { someProject } from './testing.ts';

const { signal } = new AbortController();
let cluster: Cluster;
let namespace: Awaited<ReturnType<typeof testNamespace>>;
const project = (name = 'shop') => {
  const plain = someProject({ name });
  return { ...plain, config: { ...plain.config, namespace: namespace.name } };
};

beforeAll(async () => {
  cluster = await connectTestCluster();
  namespace = await testNamespace(cluster, 'deploy-lease');
});
afterAll(() => namespace.remove());

describe('the Lease of a project', () => {
  it('keeps the engine of another machine from deploying, and says who holds it', async () => {
    const letGo = await holdLease(cluster, project(), 'laptop-1', signal);
    expect(await leaseProblem(cluster, project(), 'laptop-1', signal)).toBeNull();
    expect(await leaseProblem(cluster, project(), 'laptop-2', signal)).toMatchObject({
      code: 'lease-held',
      severity: 'error',
      message: 'shop is being deployed from laptop-1.',
    });
    await expect(holdLease(cluster, project(), 'laptop-2', signal)).rejects.toMatchObject({
      code: 'lease-held',
    });
    // another project is not concerned
    await (
      await holdLease(cluster, project('Büro & Co'), 'laptop-2', signal)
    )();
    await letGo();
  });

  it('is free soon after it was let go, and at once for the same holder', async () => {
    await (
      await holdLease(cluster, project(), 'laptop-1', signal)
    )();
    await (
      await holdLease(cluster, project(), 'laptop-1', signal)
    )();
    await expect
      .poll(() => leaseProblem(cluster, project(), 'laptop-2', signal), { timeout: 3_000 })
      .toBeNull();
    const letGo = await holdLease(cluster, project(), 'laptop-2', signal);
    expect(await leaseProblem(cluster, project(), 'laptop-1', signal)).toMatchObject({ code: 'lease-held' });
    await letGo();
  });

  it('of a machine that died is taken over when it has run out', async () => {
    await holdLease(cluster, project('died'), 'laptop-1', signal);
    const later = Date.now() + 31_000;
    expect(await leaseProblem(cluster, project('died'), 'laptop-2', signal, later)).toBeNull();
  });

  it('is not needed where the namespace is still to be made', async () => {
    const away = { ...project(), config: { ...project().config, namespace: 'deploy-lease-not-there' } };
    await (
      await holdLease(cluster, away, 'laptop-1', signal)
    )();
    expect(await leaseProblem(cluster, away, 'laptop-2', signal)).toBeNull();
  });
});
