import { clusterScript } from '../../scripts/test-machine.mjs';
import { output } from './processes.ts';

/** The cluster of the tests, made where it is missing. It is left running: the next run wants it as well. */
export async function ensureCluster(): Promise<string> {
  const name = process.env.PTAH_TEST_CLUSTER ?? 'ptah-test';
  const clusters = (await output('kind', ['get', 'clusters']).catch(() => '')).split('\n');
  if (!clusters.includes(name)) await clusterScript('up', name, '1');
  await output('kind', ['export', 'kubeconfig', '--name', name]);
  return name;
}

export async function inControlPlane(cluster: string, argv: readonly string[]): Promise<string> {
  return output('docker', ['exec', `${cluster}-control-plane`, ...argv]);
}

const ctr = ['ctr', '-n', 'k8s.io', 'images'] as const;

/** Takes images whose name starts so out of the node. */
export async function forgetOnNode(cluster: string, prefix: string): Promise<void> {
  const list = await inControlPlane(cluster, [...ctr, 'ls', '-q', `name~="^docker.io/library/${prefix}"`]);
  const names = list.split('\n').filter(name => name !== '');
  if (names.length === 0) return;
  // With the record that the CRI keeps by the ID of each image: it would hold the content.
  const ids = await Promise.all(
    names.map(name =>
      inControlPlane(cluster, [
        'crictl',
        'inspecti',
        '-o',
        'go-template',
        '--template',
        '{{.status.id}}',
        name,
      ]).catch(() => ''),
    ),
  );
  const records = [...new Set([...names, ...ids.map(id => id.trim()).filter(id => id !== '')])];
  await inControlPlane(cluster, [...ctr, 'rm', '--sync', ...records]);
}

/** Takes them out of the node and of Docker. */
export async function forgetImages(cluster: string, prefix: string): Promise<void> {
  await forgetOnNode(cluster, prefix);
  const list = await output('docker', ['images', '--format', '{{.Repository}}:{{.Tag}}']);
  const names = list.split('\n').filter(name => name.startsWith(prefix));
  if (names.length > 0) await output('docker', ['rmi', '--force', ...names]);
}
