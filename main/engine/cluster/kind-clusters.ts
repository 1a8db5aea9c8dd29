import type { Docker } from '../docker/index.ts';
import type { KindCluster } from './types.ts';

const CLUSTER_LABEL = 'io.x-k8s.kind.cluster';
const ROLE_LABEL = 'io.x-k8s.kind.role';
/** Where the API server listens inside of a node. */
const API_PORT = 6443;

/** The Kind clusters that Docker's labels tell of, by name. A cluster's load balancer is no node. */
export async function listKindClusters(
  docker: Docker,
  signal?: AbortSignal,
): Promise<readonly KindCluster[]> {
  const containers = await docker.listContainers({ labels: [CLUSTER_LABEL], all: true }, signal);
  const apiPorts = new Map<string, number[]>();
  const clusters = new Map<string, KindCluster['nodes'][number][]>();
  for (const { name, image, labels, running, ports } of containers) {
    const cluster = labels[CLUSTER_LABEL];
    const role = labels[ROLE_LABEL];
    // with several control planes, their load balancer is what clients talk to
    if (cluster !== undefined && ports !== undefined) {
      const published = ports.filter(({ container }) => container === API_PORT).map(({ host }) => host);
      apiPorts.set(cluster, [...(apiPorts.get(cluster) ?? []), ...published]);
    }
    if (cluster === undefined || (role !== 'control-plane' && role !== 'worker')) continue;
    clusters.set(cluster, [
      ...(clusters.get(cluster) ?? []),
      { name: name.replace(/^\//, ''), role, running, image },
    ]);
  }
  return [...clusters]
    .map(([name, nodes]) => ({
      name,
      nodes: nodes.sort((a, b) => order(a.name, b.name)),
      ...((apiPorts.get(name)?.length ?? 0) > 0 && { apiPorts: apiPorts.get(name) }),
    }))
    .sort((a, b) => order(a.name, b.name));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
