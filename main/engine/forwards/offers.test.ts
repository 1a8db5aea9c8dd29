import { expect, test } from 'vitest';
import type { Cluster } from '../cluster/index.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import { projectOffers } from './offers.ts';

/** Answers lists as the API server does, by label. */
const clusterOf = (...objects: readonly KubernetesObject[]): Cluster =>
  ({
    async list({ apiVersion, kind, labelSelector }: Parameters<Cluster['list']>[0]) {
      const [key = '', value] = (labelSelector ?? '').split('=');
      const items = objects.filter(
        object =>
          object.apiVersion === apiVersion && object.kind === kind && object.metadata.labels?.[key] === value,
      );
      return { items, resourceVersion: '1' };
    },
  }) as unknown as Cluster;

const deployment = (
  name: string,
  containerPort: number,
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>> = {},
): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'web', labels, annotations },
  spec: { template: { spec: { containers: [{ name: 'c', ports: [{ containerPort }] }] } } },
});
const chart = (name: string, containerPort: number, namespace: string) =>
  deployment(
    name,
    containerPort,
    { 'app.kubernetes.io/managed-by': 'Helm' },
    { 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': namespace },
  );

const cluster = clusterOf(
  deployment('api', 8000, { 'ptah-desktop/project': 'shop' }),
  deployment('other', 8001, { 'ptah-desktop/project': 'blog' }),
  chart('board', 8443, 'shop'),
  chart('grafana', 3000, 'somebody'),
  deployment('claims-to-be', 9000, { 'app.kubernetes.io/managed-by': 'Helm' }),
);
const names = async (releases: readonly string[]) =>
  (await projectOffers(cluster, { name: 'shop', releases })).map(({ target }) => target.name);

test('only what the project deployed and the releases of its own Helmfile are offered', async () => {
  expect(await names([])).toEqual(['api']);
  expect(await names(['shop/board'])).toEqual(['api', 'board']);
  // the same name in another namespace is another release
  expect(await names(['other/board', 'shop/grafana'])).toEqual(['api']);
});
