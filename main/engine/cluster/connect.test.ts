import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PtahError } from '../errors/index.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import { startFakeApi } from './testing.ts';
import type { FakeApi } from './testing.ts';
import type { Cluster } from './types.ts';

let api: FakeApi;
let cluster: Cluster;

beforeEach(async () => {
  api = await startFakeApi();
  cluster = await api.cluster();
  api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
});

afterEach(async () => {
  await api.close();
});

const configMap: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'conf', namespace: 'shop' },
  data: { a: '1' },
};
const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'conf' };

async function failure(promise: Promise<unknown>): Promise<PtahError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof PtahError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('requests', () => {
  test('server-side apply says who applies, strictly, and dry runs store nothing', async () => {
    expect(await cluster.apply(configMap, { dryRun: true })).toMatchObject({ data: { a: '1' } });
    expect(await cluster.get(ref)).toBeNull();
    await cluster.apply(configMap);
    expect(await cluster.get(ref)).toMatchObject({ data: { a: '1' } });
    expect(api.requests.find(line => line.startsWith('PATCH'))).toBe(
      'PATCH /api/v1/namespaces/shop/configmaps/conf?fieldManager=ptah-desktop&fieldValidation=Strict&dryRun=All',
    );
  });

  test('the case of names and their special characters reach the server as they are', async () => {
    const role: KubernetesObject = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'Shop:Reader.Of-Pods' },
    };
    await cluster.apply(role);
    expect(api.requests.at(-1)).toContain('/clusterroles/Shop%3AReader.Of-Pods?');
    expect(
      await cluster.get({
        apiVersion: role.apiVersion,
        kind: role.kind,
        namespace: null,
        name: role.metadata.name,
      }),
    ).not.toBeNull();
  });

  test('fields that nobody knows survive the way there and back', async () => {
    await cluster.apply({ ...configMap, data: { a: '1' }, somethingNew: { deep: [1, 'x', null] } });
    expect((await cluster.get(ref))?.somethingNew).toEqual({ deep: [1, 'x', null] });
  });

  test('items of a list get their kind back', async () => {
    await cluster.apply(configMap);
    const { items } = await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop' });
    expect(items).toMatchObject([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'conf' } }]);
  });

  test('discovery is asked once, and again after a refresh', async () => {
    const count = (): number => api.requests.filter(line => line === 'GET /apis').length;
    await Promise.all([
      cluster.resource('v1', 'Pod'),
      cluster.resource('apps/v1', 'Deployment'),
      cluster.resources(),
    ]);
    await cluster.resources();
    expect(count()).toBe(1);
    cluster.refreshResources();
    expect(await cluster.resource('apps/v1', 'Deployment')).toMatchObject({
      resource: 'deployments',
      namespaced: true,
    });
    expect(count()).toBe(2);
    expect(await cluster.resource('shop.example/v1', 'Basket')).toBeNull();
  });

  test('fetch hands any status and header through', async () => {
    const response = await cluster.fetch('/api/v1/namespaces/shop/configmaps/none');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/json');
  });
});

describe('errors', () => {
  test('a kind that the cluster does not know', async () => {
    expect(
      await failure(
        cluster.apply({ apiVersion: 'shop.example/v1', kind: 'Basket', metadata: { name: 'x' } }),
      ),
    ).toMatchObject({
      code: 'unknown-kind',
      message: 'The cluster fake does not know Basket in shop.example/v1.',
    });
  });

  test('no permission names verb, resource and namespace', async () => {
    api.failNext('PATCH', 403, { reason: 'Forbidden', message: 'User "dev" cannot patch' });
    const error = await failure(cluster.apply(configMap));
    expect(error).toMatchObject({ code: 'forbidden', details: { status: 403 } });
    expect(error.message).toBe(
      'Not allowed to apply configmaps "conf" in namespace shop: User "dev" cannot patch',
    );
  });

  test('a conflict names the owner of each field', async () => {
    api.failNext('PATCH', 409, {
      reason: 'Conflict',
      message: 'Apply failed',
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "kubectl-client-side-apply" using apps/v1',
            field: '.spec.replicas',
          },
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "hpa \\"x\\"" with subresource "scale" using apps/v1',
            field: '.spec.other',
          },
        ],
      },
    });
    const error = await failure(cluster.apply(configMap));
    expect(error).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('kubectl-client-side-apply'),
    });
    expect(error.details.problems?.map(({ message }) => message)[0]).toBe(
      '.spec.replicas: conflict with "kubectl-client-side-apply" using apps/v1',
    );
  });

  test('an invalid object names its fields', async () => {
    api.failNext('PATCH', 422, {
      reason: 'Invalid',
      message: 'ConfigMap "conf" is invalid',
      details: {
        causes: [{ reason: 'FieldValueInvalid', message: 'Invalid value', field: 'metadata.name' }],
      },
    });
    expect(await failure(cluster.apply(configMap))).toMatchObject({
      code: 'invalid',
      details: { problems: [{ message: 'metadata.name: Invalid value' }] },
    });
  });

  test.each([
    [410, 'gone'],
    [401, 'unauthorized'],
    [404, 'not-found'],
    [503, 'busy'],
    [429, 'busy'],
  ])('%i is %s', async (status, code) => {
    api.failNext('PATCH', status, { message: 'words' });
    if (status === 401) api.failNext('PATCH', status, { message: 'words' });
    expect(await failure(cluster.apply(configMap))).toMatchObject({ code });
  });

  test('credentials that were renewed are read again after a 401', async () => {
    api.failNext('GET /version', 401, {});
    expect(await cluster.version()).toBe('v1.34.0-fake');
    expect(api.requests.filter(line => line === 'GET /version')).toHaveLength(2);
  });

  test('a server that went away is unreachable, with the next step', async () => {
    await cluster.version();
    await api.stop();
    const error = await failure(cluster.version());
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining('kind-fake') });
    expect(error.hint).toContain('io.x-k8s.kind.cluster=fake');
  });

  test('cancelling rejects with the reason of the signal', async () => {
    await expect(cluster.version(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
