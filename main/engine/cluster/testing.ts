import { connectCluster } from './connect.ts';
import { createPortTunnels } from './open-tunnel.ts';
import { pinKindContext } from './pin.ts';
import type { Cluster } from './types.ts';
import { PtahError } from '../errors/index.ts';

export { startFakeApi } from './fake-api.ts';
export type { FakeApi } from './fake-api.ts';

/** The real Kind cluster of `*.cluster.test.ts`; without one these tests fail, they are never skipped. */
export async function connectTestCluster(): Promise<Cluster> {
  return connectCluster(await pinKindContext(process.env.PTAH_TEST_CLUSTER || 'ptah-test'));
}

/** The same cluster as before 1.31, or behind a proxy that lets no WebSocket through. `asked` counts how often one was tried. */
export function withoutWebSockets(cluster: Cluster): { readonly cluster: Cluster; asked(): number } {
  let asked = 0;
  const portTunnel = createPortTunnels({
    webSocket() {
      asked += 1;
      return Promise.reject(new PtahError('forbidden', 'Requested protocols are not supported.'));
    },
    upgrade: (...request) => cluster.upgrade(...request),
  });
  return { cluster: { ...cluster, portTunnel }, asked: () => asked };
}

/** Makes a namespace for a test; `remove` deletes it without waiting for the end. */
export async function testNamespace(
  cluster: Cluster,
  prefix: string,
): Promise<{ readonly name: string; remove(): Promise<void> }> {
  const name = `${prefix}-${Math.random().toString(36).slice(2, 8)}`;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const deadline = Date.now() + 30_000;
  while (
    (await cluster.get({ apiVersion: 'v1', kind: 'ServiceAccount', namespace: name, name: 'default' })) ===
    null
  ) {
    if (Date.now() > deadline)
      throw new PtahError('cluster-not-ready', `The namespace ${name} got no default service account.`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return {
    name,
    async remove() {
      await cluster.remove({ apiVersion: 'v1', kind: 'Namespace', namespace: null, name });
    },
  };
}

/** An image with a shell that every Kind node brings along (the helper of its storage class): nothing has to be pulled. */
export async function shellImage(cluster: Cluster): Promise<string> {
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Node' });
  const images = items
    .flatMap(({ status }) => (status as { images?: { names?: string[] }[] }).images ?? [])
    .flatMap(({ names }) => names ?? []);
  const image = images.find(name => name.includes('local-path-helper') && !name.includes('@'));
  if (image === undefined) throw new PtahError('not-found', 'The nodes hold no local-path-helper image.');
  return image;
}
