import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { differences, listContainer, listFolder } from '../../chaos/trees.ts';
import { builtProgram, output } from '../processes.ts';
import { Probe } from './probe.ts';

/** Where a side's containers are: a Deployment with one image whose Dockerfile says `COPY . /target`. */
export interface Place {
  readonly namespace: string;
  readonly image: string;
}
export const OURS: Place = { namespace: 'ptah-bench-sync', image: 'benchsync' };
/** The original looks into the namespace `default` only. */
export const THEIRS: Place = { namespace: 'default', image: 'benchsyncoriginal' };
export const MANY: Place = { namespace: 'ptah-bench-many', image: 'benchmany' };

export interface Pod {
  readonly name: string;
  readonly pid: number;
}

/** The folders, deployments and probes that all cases share. */
export class SyncWorld {
  readonly cluster: string;
  readonly folder: string;
  private probes = new Map<string, Probe>();

  constructor(cluster: string, folder: string) {
    this.cluster = cluster;
    this.folder = folder;
  }

  get context(): string {
    return `kind-${this.cluster}`;
  }
  get node(): string {
    return `${this.cluster}-control-plane`;
  }
  get home(): string {
    return join(this.folder, 'home');
  }
  root({ image }: Place): string {
    return join(this.folder, image);
  }
  /** The folder whose files `COPY . /target` takes. */
  source(place: Place): string {
    return join(this.root(place), place.image);
  }
  kubectl(...argv: string[]): Promise<string> {
    return output('kubectl', ['--context', this.context, ...argv], { timeout: 120_000 });
  }

  write(place: Place, replicas: number): void {
    const root = this.root(place);
    mkdirSync(this.source(place), { recursive: true });
    const { namespace } = place;
    writeFileSync(
      join(root, 'ptah.yml'),
      `kind:\n  name: ${this.cluster}\nname: ${place.image}\nnamespace: ${namespace}\n`,
    );
    writeFileSync(join(this.source(place), 'Dockerfile'), 'FROM python:3.13-slim\nCOPY . /target\n');
    writeFileSync(join(this.source(place), 'first.txt'), 'first\n');
    writeFileSync(join(root, 'deployment.yaml'), deployment(place.image, replicas));
  }

  /** By us: built, loaded, applied. */
  async deploy(place: Place): Promise<void> {
    const argv = [builtProgram('ptah'), 'deploy', '--yes', '--project', this.root(place)];
    await output(process.execPath, argv, { env: { PTAH_HOME: this.home } });
  }
  /** By the usual tools, under a tag that the original takes for its own. */
  async deployByHand(place: Place): Promise<void> {
    const reference = `${place.image}:bench`;
    await output('docker', ['build', '-q', '-t', reference, this.source(place)]);
    await output('kind', ['load', 'docker-image', '--name', this.cluster, reference]);
    const manifest = join(this.folder, 'by-hand.yaml');
    writeFileSync(manifest, deployment(place.image, 1).replace(`ptah://${place.image}`, reference));
    await this.kubectl('apply', '-n', place.namespace, '-f', manifest);
    writeFileSync(join(this.root(place), 'ptah.yml'), `kind:\n  name: ${this.cluster}\n`);
  }

  async scale(place: Place, replicas: number): Promise<void> {
    const deployment = `deployment/${place.image}`;
    await this.kubectl('-n', place.namespace, 'scale', deployment, `--replicas=${replicas}`);
    const deadline = Date.now() + 180_000;
    for (;;) {
      const pods = await this.pods(place);
      if (pods.length === replicas) return;
      if (Date.now() > deadline)
        throw new Error(`${pods.length} of ${replicas} containers of ${place.image} run after 3 minutes`);
      await new Promise(resolve => setTimeout(resolve, 500));
    }
  }

  async pods({ namespace, image }: Place): Promise<Pod[]> {
    const text = await this.kubectl('-n', namespace, 'get', 'pods', '-l', `app=${image}`, '-o', 'json');
    const list = JSON.parse(text) as { readonly items: readonly PodObject[] };
    const tasks = await output('docker', ['exec', this.node, 'ctr', '-n', 'k8s.io', 'tasks', 'ls']);
    const pids = new Map(
      tasks.split('\n').map(line => {
        const [id = '', pid] = line.trim().split(/\s+/);
        return [id, Number(pid)] as const;
      }),
    );
    return list.items.flatMap(({ metadata, status }) => {
      const [container] = status.containerStatuses ?? [];
      const pid = pids.get((container?.containerID ?? '').replace(/^\w+:\/\//, ''));
      return pid === undefined || metadata.deletionTimestamp !== undefined
        ? []
        : [{ name: metadata.name, pid }];
    });
  }

  async probe({ namespace }: Place, pod: Pod): Promise<Probe> {
    const key = `${namespace}/${pod.name}`;
    const probe = this.probes.get(key) ?? (await Probe.open(this.context, namespace, pod.name));
    this.probes.set(key, probe);
    return probe;
  }

  /** What differs between a folder of this machine and one of a container: content, mode, type, missing, extra. */
  async compare(local: string, pod: Pod, target: string): Promise<string[]> {
    return differences(await listFolder(local), await listContainer(this.node, pod.pid, target));
  }

  closeProbes(): void {
    for (const probe of this.probes.values()) probe.close();
    this.probes.clear();
  }

  async cleanUp(): Promise<void> {
    this.closeProbes();
    const namespaces = [OURS.namespace, MANY.namespace];
    await this.kubectl('delete', 'namespace', ...namespaces, '--ignore-not-found');
    await this.kubectl('-n', THEIRS.namespace, 'delete', 'deployment', THEIRS.image, '--ignore-not-found');
  }
}

interface PodObject {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: { readonly containerStatuses?: readonly { readonly containerID?: string }[] };
}

const deployment = (image: string, replicas: number): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${image}
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${image} } }
  template:
    metadata: { labels: { app: ${image} } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: main
          image: ptah://${image}
          command: [sleep, "86400"]
`;
