import { json } from 'node:stream/consumers';
import type { Docker } from '../../docker/index.ts';
import { PtahError, toPtahError } from '../../errors/index.ts';
import { labels } from '../labels.ts';
import type { RunRequest } from './types.ts';

/** On every container that was started by hand; image labels are inherited, this one is not. */
export const runLabel = 'ptah-desktop/run';

/** Between the two something can be listened to from its first byte. */
export interface CreatedContainer {
  readonly id: string;
  readonly name: string;
  start(signal?: AbortSignal): Promise<void>;
}

/** `docker run --rm`, in its two halves. What is created and not started is removed again. */
export async function createContainer(
  docker: Docker,
  request: RunRequest,
  signal?: AbortSignal,
): Promise<CreatedContainer> {
  const name = nameOf(request.image);
  const id = await create(docker, request, name, signal);
  return {
    id,
    name,
    async start(given) {
      try {
        const { body } = await docker.stream({
          method: 'POST',
          path: `/containers/${id}/start`,
          signal: given,
        });
        body.resume();
      } catch (error) {
        await removeContainer(docker, id).catch(() => undefined);
        throw taken(error, request);
      }
    },
  };
}

async function create(
  docker: Docker,
  request: RunRequest,
  name: string,
  signal?: AbortSignal,
): Promise<string> {
  const ports = request.ports.map(({ container, protocol, host }) => ({
    key: `${container}/${protocol}`,
    host,
  }));
  const { body } = await docker.stream({
    method: 'POST',
    path: `/containers/create?name=${encodeURIComponent(name)}`,
    headers: { 'Content-Type': 'application/json' },
    body: Buffer.from(
      JSON.stringify({
        Image: request.reference,
        ...(request.command !== null && { Cmd: request.command }),
        Env: request.environment.map(({ name, value }) => `${name}=${value}`),
        ExposedPorts: Object.fromEntries(ports.map(({ key }) => [key, {}])),
        Labels: {
          [labels.project]: request.project,
          [labels.image]: request.image,
          [runLabel]: 'by-hand',
        },
        HostConfig: {
          AutoRemove: true,
          PortBindings: bindings(ports, isLocal(docker)),
          Mounts: request.mounts.map(({ source, target, readOnly }) => ({
            Type: 'bind',
            Source: source,
            Target: target,
            ReadOnly: readOnly,
          })),
          ...(request.network != null && { NetworkMode: request.network }),
        },
      }),
    ),
    signal,
  });
  return ((await json(body)) as { readonly Id: string }).Id;
}

/** One port of a container may be had at several of this machine. */
function bindings(
  ports: readonly { readonly key: string; readonly host: number }[],
  local: boolean,
): Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>> {
  const found: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { key, host } of ports)
    // for this machine alone, not for everybody in its network; a Docker elsewhere is reached by its address
    (found[key] ??= []).push({ HostIp: local ? '127.0.0.1' : '', HostPort: host === 0 ? '' : String(host) });
  return found;
}

export const isLocal = ({ endpoint }: Docker): boolean => /^(unix|npipe):/.test(endpoint.host);

/** Names of images may have what names of containers may not. */
function nameOf(image: string): string {
  const plain = image
    .replace(/[^a-zA-Z0-9_.-]+/g, '-')
    .replace(/^[^a-zA-Z0-9]+/, '')
    .slice(0, 40);
  return `ptah-run-${plain || 'image'}-${Math.random().toString(36).slice(2, 7)}`;
}

/** Ends and removes. A container that is gone, or is just going, is fine. */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  try {
    const { body } = await docker.stream({ method: 'DELETE', path: `/containers/${id}?force=1&v=1` });
    body.resume();
  } catch (error) {
    const { code, message } = toPtahError(error);
    if (code !== 'not-found' && !/already in progress/.test(message)) throw error;
  }
}

/** Docker tells it in three ways: its own ports, those of the machine, and the kernel's rights. */
function taken(error: unknown, { ports }: RunRequest): unknown {
  const { message } = toPtahError(error);
  if (
    !/port is already allocated|address already in use|bind: permission denied|Ports are not available/i.test(
      message,
    )
  )
    return error;
  const port = /:(\d+)(?: failed| ->|: bind)/.exec(message)?.[1] ?? ports.map(({ host }) => host).join(', ');
  return new PtahError('port-taken', `Port ${port} of this machine is taken.`, {
    hint: 'Choose another port, then run it again.',
    details: { output: [message] },
    cause: error,
  });
}
