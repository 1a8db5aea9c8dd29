import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { PtahError } from '../errors/index.ts';
import { connectDocker } from './connect.ts';
import type {
  ContainerExecOptions,
  ContainerExecResult,
  ContainerSession,
  ContainerTerminal,
  Docker,
  DockerContainer,
  DockerImage,
  DockerInfo,
  DockerRequest,
} from './types.ts';

export interface FakeDockerOptions {
  readonly info?: Partial<DockerInfo>;
  readonly images?: readonly DockerImage[];
  readonly containers?: readonly DockerContainer[];
  /** Rejects where absent: a call that a test did not expect is a failure. */
  readonly exec?: (
    container: string,
    argv: readonly string[],
    options: ContainerExecOptions,
  ) => Promise<Partial<ContainerExecResult>>;
  readonly attach?: (container: string, argv: readonly string[]) => Promise<ContainerSession>;
  readonly terminal?: (container: string, argv: readonly string[]) => Promise<ContainerTerminal>;
  readonly saveImages?: (references: readonly string[]) => Readable;
  readonly stream?: (
    request: DockerRequest,
  ) => Promise<{ readonly status?: number; readonly body: Readable | string }>;
  readonly upgrade?: (path: string) => Promise<Duplex>;
  /** Every call rejects with it: Docker is stopped. */
  readonly failure?: PtahError;
}

export interface FakeDocker extends Docker {
  /** Names of the methods called, with their first argument. */
  readonly calls: readonly string[];
  setImages(images: readonly DockerImage[]): void;
  setFailure(failure: PtahError | null): void;
}

/** A `Docker` in memory: images and containers as given, tagging and removing work, everything else is what the test says. */
export function fakeDocker(options: FakeDockerOptions = {}): FakeDocker {
  const calls: string[] = [];
  let images = [...(options.images ?? [])];
  let failure = options.failure ?? null;

  function called(name: string, argument = ''): void {
    calls.push(argument === '' ? name : `${name} ${argument}`);
    if (failure) throw failure;
  }

  const find = (reference: string): DockerImage | undefined =>
    images.find(
      image =>
        image.id === reference ||
        image.tags.includes(reference) ||
        image.tags.includes(`${reference}:latest`),
    );

  return {
    calls,
    endpoint: { host: 'unix:///fake/docker.sock', from: 'test' },
    setImages(next) {
      images = [...next];
    },
    setFailure(next) {
      failure = next;
    },
    async info() {
      called('info');
      return {
        version: '28.5.2',
        apiVersion: '1.51',
        os: 'linux',
        arch: 'amd64',
        containerdStore: false,
        builders: ['buildkit', 'classic'],
        rootDir: '/var/lib/docker',
        ...options.info,
      };
    },
    async listImages(filter = {}) {
      called('listImages');
      return images.filter(
        image =>
          (filter.reference === undefined || image.tags.includes(filter.reference)) &&
          (filter.labels ?? []).every(label => hasLabel(image.labels, label)),
      );
    },
    async inspectImage(reference) {
      called('inspectImage', reference);
      return find(reference) ?? null;
    },
    async removeImage(reference) {
      called('removeImage', reference);
      const image = find(reference);
      if (!image) throw new PtahError('not-found', `No such image: ${reference}`);
      const tags = image.tags.filter(tag => tag !== reference);
      images = images.flatMap(other =>
        other !== image ? [other] : tags.length > 0 && reference !== image.id ? [{ ...image, tags }] : [],
      );
    },
    async tagImage(source, target) {
      called('tagImage', `${source} ${target}`);
      const image = find(source);
      if (!image) throw new PtahError('not-found', `No such image: ${source}`);
      images = images.map(other => {
        const tags = other.tags.filter(tag => tag !== target);
        return { ...other, tags: other === image ? [...tags, target] : tags };
      });
    },
    async pullImage(reference) {
      called('pullImage', reference);
      throw new PtahError('docker-api', `pull access denied for ${reference}`);
    },
    async saveImages(references) {
      called('saveImages', references.join(' '));
      return options.saveImages?.(references) ?? unexpected('saveImages');
    },
    async listContainers(filter) {
      called('listContainers');
      return (options.containers ?? []).filter(
        container =>
          (filter.all || container.running) &&
          (filter.labels ?? []).every(label => hasLabel(container.labels, label)),
      );
    },
    async attach(container, argv) {
      called('attach', `${container} ${argv.join(' ')}`);
      return (await options.attach?.(container, argv)) ?? unexpected('attach');
    },
    async terminal(container, argv) {
      called('terminal', `${container} ${argv.join(' ')}`);
      return (await options.terminal?.(container, argv)) ?? unexpected('terminal');
    },
    async exec(container, argv, execOptions = {}) {
      called('exec', `${container} ${argv.join(' ')}`);
      const result = (await options.exec?.(container, argv, execOptions)) ?? unexpected('exec');
      return { exitCode: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), ...result };
    },
    async stream(request) {
      called('stream', `${request.method} ${request.path}`);
      const { status = 200, body } = (await options.stream?.(request)) ?? unexpected('stream');
      return {
        status,
        headers: {},
        body: typeof body === 'string' ? Readable.from([Buffer.from(body)]) : body,
      };
    },
    async upgrade(path) {
      called('upgrade', path);
      return (await options.upgrade?.(path)) ?? unexpected('upgrade');
    },
  };
}

function hasLabel(labels: Readonly<Record<string, string>>, filter: string): boolean {
  const equals = filter.indexOf('=');
  return equals < 0 ? filter in labels : labels[filter.slice(0, equals)] === filter.slice(equals + 1);
}

function unexpected(method: string): never {
  throw new Error(`The test did not expect Docker.${method}.`);
}

/** A real engine that a test runs against. */
export interface TestEngine {
  readonly host: string;
  readonly docker: Docker;
  /** Containers of the modern test engine have no network of their own. */
  readonly network: string | null;
}

const defaultHosts = 'unix:///var/run/docker.sock,unix:///run/docker-next.sock';

/** The engines that the builds are tested against: the classic image store and containerd's. `PTAH_TEST_DOCKER_HOSTS` names others. */
export function testEngines(env: NodeJS.ProcessEnv = process.env): readonly TestEngine[] {
  return (env.PTAH_TEST_DOCKER_HOSTS || defaultHosts)
    .split(',')
    .map(host => host.trim())
    .filter(host => host !== '')
    .map(host => ({
      host,
      docker: connectDocker({ env, host }),
      network: host.includes('docker-next') ? 'host' : null,
    }));
}
