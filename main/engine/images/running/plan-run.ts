import { json } from 'node:stream/consumers';
import type { Docker } from '../../docker/index.ts';
import { freePort } from './free-port.ts';
import type { RunPlan, RunPort } from './types.ts';

interface ImageConfig {
  readonly Config?: {
    readonly ExposedPorts?: Readonly<Record<string, unknown>> | null;
    readonly Env?: readonly string[] | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly WorkingDir?: string;
    readonly User?: string;
    readonly Volumes?: Readonly<Record<string, unknown>> | null;
  } | null;
}

/** What running an image would be. Rejects with `not-found` where Docker has no such image. */
export async function planRun(
  docker: Docker,
  { image, reference }: { readonly image: string; readonly reference: string },
  signal?: AbortSignal,
): Promise<RunPlan> {
  const path = reference.split('/').map(encodeURIComponent).join('/');
  const [answer, containers] = await Promise.all([
    docker.stream({ method: 'GET', path: `/images/${path}/json`, signal }),
    docker.listContainers({}, signal),
  ]);
  const { Config: config } = (await json(answer.body)) as ImageConfig;
  // ports of Docker need no process that listens here
  const taken = new Set(containers.flatMap(({ ports = [] }) => ports.map(({ host }) => host)));
  const ports: (RunPort & { readonly note: string | null })[] = [];
  for (const { container, protocol } of exposed(config?.ExposedPorts ?? {})) {
    // oxlint-disable-next-line no-await-in-loop -- each takes its port before the next looks
    const host = await freePort(container, taken);
    taken.add(host);
    ports.push({ container, protocol, host, note: noteOn(container, host) });
  }
  return {
    image,
    reference,
    ports,
    environment: (config?.Env ?? []).map(pair => {
      const equals = pair.indexOf('=');
      return equals < 0
        ? { name: pair, value: '' }
        : { name: pair.slice(0, equals), value: pair.slice(equals + 1) };
    }),
    entrypoint: config?.Entrypoint ?? [],
    command: config?.Cmd ?? [],
    workdir: config?.WorkingDir || '/',
    user: config?.User ?? '',
    volumes: Object.keys(config?.Volumes ?? {}).toSorted(),
  };
}

/** `EXPOSE` in the order of its numbers; what is no port is left out. */
export function exposed(
  ports: Readonly<Record<string, unknown>>,
): readonly Pick<RunPort, 'container' | 'protocol'>[] {
  return Object.keys(ports)
    .flatMap(text => {
      const match = /^(\d+)(?:\/(tcp|udp))?$/.exec(text);
      const container = Number(match?.[1]);
      if (match === null || container < 1 || container > 65_535) return [];
      return [{ container, protocol: match[2] === 'udp' ? ('udp' as const) : ('tcp' as const) }];
    })
    .toSorted((a, b) => a.container - b.container || a.protocol.localeCompare(b.protocol));
}

const noteOn = (container: number, host: number): string | null =>
  host === container
    ? null
    : container < 1024 && host === container + 8000
      ? `Ports below 1024 may need rights: ${host} needs none.`
      : `${container < 1024 ? container + 8000 : container} is taken on this machine.`;
