import { copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { imagesInDocker, kubectl, output, testCluster, waitFor } from '../world/machine.ts';
import { runPtah } from './ptah.ts';
import { listContainer, listFolder, type Listing } from './trees.ts';

/** A running container, where it runs, and its first process there. */
export interface Running {
  readonly pod: string;
  readonly id: string;
  readonly node: string;
  readonly pid: number;
}

export interface BoxOptions {
  readonly name: string;
  readonly replicas?: number;
  /** Size of a file system in memory at `/srv/files/small`. */
  readonly smallMiB?: number;
  /** Files below `files/`, by relative path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A project with one image, `COPY files /srv/files`, deployed: what chaos is done to. */
export class Box {
  readonly name: string;
  readonly namespace: string;
  /** The project's folder. */
  readonly root: string;
  /** The folder that is synced. */
  readonly files: string;
  /** The engine's home; kept over several engines, as a person's is. */
  readonly home: string;
  private readonly parent: string;

  private constructor(parent: string, name: string) {
    this.parent = parent;
    this.name = name;
    this.namespace = `ptah-chaos-${name}`;
    this.root = join(parent, name);
    this.files = join(this.root, 'box', 'files');
    this.home = join(parent, 'home');
  }

  get image(): string {
    return `chaos-${this.name}`;
  }

  static async deploy(options: BoxOptions): Promise<Box> {
    const parent = await realpath(await mkdtemp(join(tmpdir(), 'ptah-chaos-')));
    const box = new Box(parent, options.name);
    await box.write(options);
    await box.forget();
    await box.apply();
    return box;
  }

  private async write({ replicas = 1, smallMiB, files = {} }: BoxOptions): Promise<void> {
    const all: Record<string, string> = {
      'ptah.yml': `kind:\n  name: ${testCluster()}\nname: ${this.namespace}\nnamespace: ${this.namespace}\ndockerfiles: (?P<name>${this.image})\\.Dockerfile$\n`,
      [`box/${this.image}.Dockerfile`]: [
        'FROM scratch',
        'COPY busybox /bin/busybox',
        'COPY busybox /bin/sh',
        'COPY files /srv/files',
        'ENTRYPOINT ["/bin/busybox", "sleep", "86400"]\n',
      ].join('\n'),
      'k8s/box.yaml': deployment(this.image, replicas, smallMiB),
      'box/files/first.txt': 'first\n',
    };
    for (const [path, text] of Object.entries(files)) all[`box/files/${path}`] = text;
    for (const [path, text] of Object.entries(all)) {
      await mkdir(dirname(join(this.root, path)), { recursive: true });
      await writeFile(join(this.root, path), text);
    }
    await copyFile('/bin/busybox', join(this.root, 'box', 'busybox'));
    await mkdir(this.home, { recursive: true });
  }

  async apply(): Promise<void> {
    const { code, out, err } = await runPtah(['deploy', '--yes'], this.root, this.home);
    if (code !== 0) throw new Error(`ptah deploy ended with ${code}:\n${out}\n${err}`);
  }

  kubectl(...argv: string[]): Promise<string> {
    return kubectl('-n', this.namespace, ...argv);
  }

  /** The containers that run now and are not on their way out. */
  async running(): Promise<Running[]> {
    const list = JSON.parse(await this.kubectl('get', 'pods', '-o', 'json')) as { items: Pod[] };
    const found: Running[] = [];
    for (const { metadata, spec, status } of list.items) {
      const [container] = status.containerStatuses ?? [];
      if (metadata.deletionTimestamp !== undefined || !container?.state.running) continue;
      const id = (container.containerID ?? '').replace(/^\w+:\/\//, '');
      const pid = (await processes(spec.nodeName)).get(id);
      if (pid !== undefined) found.push({ pod: metadata.name, id, node: spec.nodeName, pid });
    }
    return found;
  }
  async one(): Promise<Running> {
    return waitFor('a running container', async () => (await this.running())[0] ?? null);
  }
  inContainer(running: Running): Promise<Listing> {
    return listContainer(running.node, running.pid, '/srv/files');
  }
  inFolder(): Promise<Listing> {
    return listFolder(this.files);
  }
  /** Runs a program of the container behind the engine's back. */
  inside(running: Running, ...argv: string[]): Promise<string> {
    return this.kubectl('exec', running.pod, '--', '/bin/busybox', ...argv);
  }

  async forget(): Promise<void> {
    await kubectl('delete', 'namespace', this.namespace, '--ignore-not-found', '--wait');
  }
  async remove(): Promise<void> {
    await this.forget();
    for (const reference of await imagesInDocker(this.image)) {
      await output('docker', 'rmi', '-f', reference);
      const held = `docker.io/library/${reference}`;
      const node = `${testCluster()}-control-plane`;
      await output('docker', 'exec', node, 'ctr', '-n', 'k8s.io', 'images', 'rm', held).catch(() => '');
    }
    await rm(this.parent, { recursive: true, force: true });
  }
}

/** The first process of each container of a node, by its ID. */
async function processes(node: string): Promise<ReadonlyMap<string, number>> {
  const list = await output('docker', 'exec', node, 'ctr', '-n', 'k8s.io', 'tasks', 'ls');
  const rows = list.split('\n').map(line => line.trim().split(/\s+/));
  return new Map(
    rows.filter(([, , state]) => state === 'RUNNING').map(([id = '', pid]) => [id, Number(pid)]),
  );
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName: string };
  readonly status: {
    readonly containerStatuses?: readonly {
      readonly containerID?: string;
      readonly state: { readonly running?: object };
    }[];
  };
}

const deployment = (image: string, replicas: number, smallMiB?: number): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: box
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: box } }
  template:
    metadata: { labels: { app: box } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: box
          image: ptah://${image}
${
  smallMiB === undefined
    ? ''
    : `          volumeMounts: [{ name: small, mountPath: /srv/files/small }]
      volumes:
        - name: small
          emptyDir: { medium: Memory, sizeLimit: ${smallMiB}Mi }
`
}`;
