import type { Duplex } from 'node:stream';
import { PtahError } from '../errors/index.ts';
import { cancelled } from './cancellation.ts';
import { resolveEndpoint } from './endpoint.ts';
import { attachToContainer } from './exec-session.ts';
import { execOnTerminal } from './exec-terminal.ts';
import { execInContainer } from './exec.ts';
import { apiFailure, connectionFailure } from './failures.ts';
import { readJsonLines } from './json-lines.ts';
import { registryCredentials } from './registry-credentials.ts';
import { createTransport } from './transport.ts';
import type { Transport } from './transport.ts';
import type { Docker, DockerContainer, DockerImage, DockerInfo } from './types.ts';

export interface ConnectOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** The setting *Docker host*; null or absent: decided by the environment. */
  readonly host?: string | null;
}

interface ImageSummary {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly Size: number;
  readonly Created: number;
}

interface ImageInspect {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly Config: { readonly Labels: Readonly<Record<string, string>> | null } | null;
  readonly Size: number;
  readonly Created: string;
}

interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly State: string;
  readonly Ports?: readonly { readonly PrivatePort: number; readonly PublicPort?: number }[] | null;
}

/** The real `Docker`. Nothing is contacted before the first call. */
export function connectDocker(options: ConnectOptions = {}): Docker {
  const env = options.env ?? process.env;
  const endpoint = resolveEndpoint(env, { host: options.host });
  const transport = createTransport(endpoint);

  return {
    endpoint: { host: endpoint.host, from: endpoint.from },
    info: signal => readInfo(transport, signal),

    async listImages(filter = {}, signal) {
      const filters = withoutEmpty({
        label: filter.labels,
        reference: filter.reference === undefined ? undefined : [filter.reference],
      });
      const images = await transport.json<readonly ImageSummary[]>('GET', `/images/json?filters=${filters}`, {
        signal,
      });
      return images.map((image): DockerImage => ({
        id: image.Id,
        tags: realTags(image.RepoTags),
        labels: image.Labels ?? {},
        size: image.Size,
        createdAt: new Date(image.Created * 1000).toISOString(),
      }));
    },

    async inspectImage(reference, signal) {
      try {
        const image = await transport.json<ImageInspect>('GET', `/images/${imagePath(reference)}/json`, {
          signal,
        });
        return {
          id: image.Id,
          tags: realTags(image.RepoTags),
          labels: image.Config?.Labels ?? {},
          size: image.Size,
          createdAt: isoTime(image.Created),
        };
      } catch (error) {
        if (error instanceof PtahError && error.code === 'not-found') return null;
        throw error;
      }
    },

    async removeImage(reference, { force = false } = {}) {
      await transport.json('DELETE', `/images/${imagePath(reference)}?force=${force ? 1 : 0}`);
    },

    async tagImage(source, target) {
      const { repository, tag } = splitTag(target);
      await transport.json(
        'POST',
        `/images/${imagePath(source)}/tag?repo=${encodeURIComponent(repository)}&tag=${encodeURIComponent(tag)}`,
      );
    },

    async pullImage(reference, onProgress, signal) {
      const { repository, tag } = splitTag(reference);
      const credentials = await registryCredentials(registryHost(repository), env);
      const headers: Record<string, string> = {};
      if (credentials)
        headers['X-Registry-Auth'] = Buffer.from(
          JSON.stringify({ ...credentials, serveraddress: registryHost(repository) }),
        ).toString('base64url');
      const { body } = await transport.stream({
        method: 'POST',
        path: `/images/create?fromImage=${encodeURIComponent(repository)}&tag=${encodeURIComponent(tag)}`,
        headers,
        signal,
      });
      await interruptible(endpoint, signal, async () => {
        for await (const message of readJsonLines(body)) {
          if (typeof message.error === 'string')
            throw apiFailure(endpoint, 500, message.error, `pull ${reference}`);
          const parts = [message.id, message.status, message.progress].filter(
            part => typeof part === 'string' && part !== '',
          );
          if (parts.length > 0) onProgress(parts.join(' '));
        }
      });
    },

    async saveImages(references, signal) {
      const names = references.map(reference => `names=${encodeURIComponent(reference)}`).join('&');
      return (await transport.stream({ method: 'GET', path: `/images/get?${names}`, signal })).body;
    },

    async listContainers({ labels, all = false }, signal) {
      const containers = await transport.json<readonly ContainerSummary[]>(
        'GET',
        `/containers/json?all=${all ? 1 : 0}&filters=${withoutEmpty({ label: labels })}`,
        { signal },
      );
      return containers.map((container): DockerContainer => ({
        id: container.Id,
        name: (container.Names[0] ?? '').replace(/^\//, ''),
        image: container.Image,
        labels: container.Labels ?? {},
        running: container.State === 'running',
        ports: (container.Ports ?? []).flatMap(({ PrivatePort, PublicPort }) =>
          PublicPort === undefined ? [] : [{ container: PrivatePort, host: PublicPort }],
        ),
      }));
    },

    exec: (container, argv, execOptions) =>
      interruptible(endpoint, execOptions?.signal, () =>
        execInContainer(transport, container, argv, execOptions),
      ),
    attach: (container, argv, signal) =>
      interruptible(endpoint, signal, () => attachToContainer(transport, container, argv, signal)),
    terminal: (container, argv, signal) =>
      interruptible(endpoint, signal, () => execOnTerminal(transport, container, argv, signal)),
    stream: request => transport.stream(request),
    upgrade: async (path, headers, signal): Promise<Duplex> =>
      transport.upgrade(path, { protocol: 'h2c', headers, signal }),
  };
}

/** A stream that breaks in the middle is the engine going away, or our own signal. */
async function interruptible<T>(
  endpoint: Docker['endpoint'],
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted) throw cancelled();
    throw error instanceof PtahError ? error : connectionFailure(endpoint, error);
  }
}

async function readInfo(transport: Transport, signal: AbortSignal | undefined): Promise<DockerInfo> {
  const [version, info] = await Promise.all([
    transport.json<{ Version: string; ApiVersion: string; Os: string; Arch: string }>('GET', '/version', {
      signal,
    }),
    transport.json<{
      DockerRootDir?: string;
      DriverStatus?: readonly (readonly string[])[] | null;
      OSType?: string;
    }>('GET', '/info', { signal }),
  ]);
  const driverType = info.DriverStatus?.find(([key]) => key === 'driver-type')?.[1] ?? '';
  const buildkit = atLeast(version.ApiVersion, 1, 39) && version.Os !== 'windows';
  return {
    version: version.Version,
    apiVersion: version.ApiVersion,
    os: version.Os,
    arch: version.Arch,
    containerdStore: driverType.startsWith('io.containerd.snapshotter'),
    builders: buildkit ? ['buildkit', 'classic'] : ['classic'],
    rootDir: info.DockerRootDir ?? '',
  };
}

export function atLeast(version: string, major: number, minor: number): boolean {
  const [theirMajor = 0, theirMinor = 0] = version.split('.').map(part => Number.parseInt(part, 10) || 0);
  return theirMajor > major || (theirMajor === major && theirMinor >= minor);
}

/** `repository` and `tag` of a reference; a port of the registry is not a tag. */
export function splitTag(reference: string): { readonly repository: string; readonly tag: string } {
  const colon = reference.lastIndexOf(':');
  if (reference.includes('@') || colon <= reference.lastIndexOf('/'))
    return { repository: reference, tag: reference.includes('@') ? '' : 'latest' };
  return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}

/** The first part of a name is a registry when it looks like a host; else the name is Docker Hub's. */
export function registryHost(repository: string): string {
  const [first = '', ...rest] = repository.split('/');
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io';
}

/** Slashes of a name stay: the engine's router wants them as they are. */
function imagePath(reference: string): string {
  return reference.split('/').map(encodeURIComponent).join('/');
}

function realTags(tags: readonly string[] | null): readonly string[] {
  return (tags ?? []).filter(tag => tag !== '<none>:<none>');
}

function isoTime(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString();
}

function withoutEmpty(filters: Readonly<Record<string, readonly string[] | undefined>>): string {
  return encodeURIComponent(
    JSON.stringify(
      Object.fromEntries(Object.entries(filters).filter(([, values]) => values && values.length > 0)),
    ),
  );
}
