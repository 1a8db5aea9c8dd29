import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectTestCluster, testNamespace } from '../../cluster/testing.ts';
import type { Cluster } from '../../cluster/index.ts';
import { connectDocker } from '../../docker/index.ts';
import type { Docker } from '../../docker/index.ts';
import { PtahError } from '../../errors/index.ts';
import { kindTarget } from '../../targets/index.ts';
import type { Node } from '../../targets/index.ts';
import type { ContainerAddress } from '../types.ts';

export const images = {
  python: 'python:3.13-slim',
  busybox: 'sync-channels-busybox:1',
  bare: 'sync-channels-bare:1',
  hostile: 'sync-channels-hostile:1',
} as const;

const applets =
  'sh cat mv rm mkdir rmdir chmod chown ln ls readlink stat sha256sum head tar id touch sleep kill ps test find df dd wc';

/** Links that an image may lay out to lead a writer on the node astray. */
export const hostileLinks = {
  app: '/etc',
  'work/x': '/',
  'work/up': '../../../../../../etc',
  'work/proc': '/proc/1/root',
  loop: '/loop',
} as const;

/** A real cluster with a container of each kind that the channels have to cope with. */
export interface ChannelWorld {
  readonly cluster: Cluster;
  readonly docker: Docker;
  readonly node: Node;
  start(name: string, spec: Record<string, unknown>): Promise<ContainerAddress>;
  /** Runs `sh -c` on the node. */
  onNode(script: string): Promise<string>;
  end(): Promise<void>;
}

export async function openWorld(): Promise<ChannelWorld> {
  const cluster = await connectTestCluster();
  const docker = connectDocker({ env: process.env });
  const [node] = await kindTarget(docker, cluster.pinned.clusterName).nodes();
  if (node === undefined) throw new PtahError('not-found', 'The cluster has no node.');
  await makeImages();
  await intoNode(node.name);
  const namespace = await testNamespace(cluster, 'sync-channels');
  return {
    cluster,
    docker,
    node,
    async start(name, spec) {
      await cluster.create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: namespace.name },
        spec: { terminationGracePeriodSeconds: 0, nodeName: node.name, ...spec },
      });
      return runningContainer(cluster, namespace.name, name);
    },
    onNode: async script => (await node.exec(['sh', '-c', script], { allowFailure: true })).stdout,
    end: () => namespace.remove(),
  };
}

interface PodStatus {
  readonly containerStatuses?: readonly {
    readonly name: string;
    readonly containerID?: string;
    readonly state?: { readonly running?: unknown };
  }[];
}

/** Waits for the container to run, by another ID than `not` where one is given. */
export async function runningContainer(
  cluster: Cluster,
  namespace: string,
  name: string,
  not = '',
): Promise<ContainerAddress> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const pod = await cluster.get({ apiVersion: 'v1', kind: 'Pod', namespace, name });
    const [status] = (pod?.status as PodStatus | undefined)?.containerStatuses ?? [];
    if (status?.state?.running !== undefined && status.containerID && status.containerID !== not) {
      return {
        namespace,
        pod: name,
        podUid: String(pod?.metadata.uid),
        container: status.name,
        containerId: status.containerID,
        node: String((pod?.spec as { readonly nodeName?: string } | undefined)?.nodeName),
      };
    }
    if (Date.now() > deadline)
      throw new PtahError('timeout', `Pod ${name} does not run: ${JSON.stringify(pod?.status)}`);
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}

async function makeImages(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ptah-channels-'));
  try {
    const bare = join(folder, 'bare');
    await mkdir(join(bare, 'bin'), { recursive: true });
    for (const name of ['tmp', 'proc', 'etc', 'srv']) await mkdir(join(bare, name));
    await cp('/bin/busybox', join(bare, 'bin', 'busybox'));
    await importImage(bare, images.bare);
    for (const applet of applets.split(' ')) await symlink('busybox', join(bare, 'bin', applet));
    await importImage(bare, images.busybox);
    await mkdir(join(bare, 'work'));
    for (const [path, target] of Object.entries(hostileLinks)) await symlink(target, join(bare, path));
    await importImage(bare, images.hostile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function importImage(folder: string, name: string): Promise<void> {
  await piped(
    ['tar', '-C', folder, '--owner=0', '--group=0', '-cf', '-', '.'],
    ['docker', 'import', '-', name],
  );
}

async function intoNode(node: string): Promise<void> {
  await piped(
    ['docker', 'save', ...Object.values(images)],
    ['docker', 'exec', '-i', node, 'ctr', '-n', 'k8s.io', 'images', 'import', '-'],
  );
}

async function piped(from: readonly string[], to: readonly string[]): Promise<void> {
  const source = spawn(from[0] ?? '', from.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  const sink = spawn(to[0] ?? '', to.slice(1), { stdio: ['pipe', 'ignore', 'inherit'] });
  source.stdout.pipe(sink.stdin);
  const [[first], [second]] = await Promise.all([once(source, 'exit'), once(sink, 'exit')]);
  if (first !== 0 || second !== 0) throw new PtahError('load-failed', `${to.join(' ')} failed.`);
}
