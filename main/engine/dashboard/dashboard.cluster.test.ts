import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectTestCluster, testNamespace } from '../cluster/testing.ts';
import type { Cluster } from '../cluster/index.ts';
import { findDashboard, proxyPath, requestToken } from './index.ts';

let cluster: Cluster;
let namespace: Awaited<ReturnType<typeof testNamespace>>;
const ui = { service: 'dashboard-test', user: 'dashboard-test-admin' };

beforeAll(async () => {
  cluster = await connectTestCluster();
  namespace = await testNamespace(cluster, 'dashboard');
}, 60_000);

afterAll(() => namespace.remove());

test('what is missing is said', async () => {
  expect(await findDashboard(cluster, ui)).toEqual({
    service: null,
    user: null,
    missing:
      'There is no Service dashboard-test (ui.service) and no service account dashboard-test-admin (ui.user) in the cluster.',
  });
});

test('found in any namespace; the API server takes the token for that account, and it ends soon', async () => {
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: ui.service, namespace: namespace.name },
    spec: {
      ports: [
        { name: 'http', port: 80 },
        { name: 'https', port: 443 },
      ],
    },
  });
  await cluster.create({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: ui.user, namespace: namespace.name },
  });
  const { service, user, missing } = await findDashboard(cluster, ui);
  expect(missing).toBeNull();
  expect(service).toEqual({ namespace: namespace.name, name: ui.service, port: 443 });
  if (service === null || user === null) throw new Error('not found');
  expect(proxyPath(service)).toBe(
    `/api/v1/namespaces/${namespace.name}/services/https:dashboard-test:443/proxy/`,
  );
  const { token, expiresAt } = await requestToken(cluster, user);
  const review = await cluster.create({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    metadata: { name: '' },
    spec: { token },
  });
  expect(review.status).toMatchObject({
    authenticated: true,
    user: { username: `system:serviceaccount:${namespace.name}:${ui.user}` },
  });
  expect(Date.parse(expiresAt) - Date.now()).toBeLessThan(20 * 60_000);
  await expect(requestToken(cluster, { ...user, name: 'nobody' })).rejects.toMatchObject({
    code: 'token-refused',
    message: expect.stringContaining('nobody'),
  });
});
