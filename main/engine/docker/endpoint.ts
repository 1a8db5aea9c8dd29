import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PtahError } from '../errors/index.ts';
import { readDockerConfig, readDockerContext, readTls, userHome } from './docker-config.ts';
import type { TlsMaterial } from './docker-config.ts';
import type { DockerEndpoint } from './types.ts';

/** An endpoint with what is needed to open a connection to it. */
export interface ResolvedEndpoint extends DockerEndpoint {
  readonly tls: TlsMaterial | null;
}

export interface EndpointOptions {
  /** The setting *Docker host*; wins over everything. */
  readonly host?: string | null;
  readonly platform?: NodeJS.Platform;
  /** Replaced in tests. */
  readonly exists?: (path: string) => boolean;
}

/**
 * Decides which engine to talk to, in the docker command's own order: the setting, `DOCKER_HOST`, the context
 * (`DOCKER_CONTEXT`, then `currentContext`), then the sockets that engines are known to make.
 */
export function resolveEndpoint(
  env: NodeJS.ProcessEnv = process.env,
  options: EndpointOptions = {},
): ResolvedEndpoint {
  if (options.host) return { host: withScheme(options.host), from: 'setting', tls: environmentTls(env) };
  if (env.DOCKER_HOST)
    return { host: withScheme(env.DOCKER_HOST), from: 'DOCKER_HOST', tls: environmentTls(env) };
  const named = env.DOCKER_CONTEXT || readDockerConfig(env).currentContext;
  if (named && named !== 'default') return fromContext(env, named);
  return knownSocket(env, options.platform ?? process.platform, options.exists ?? existsSync);
}

function fromContext(env: NodeJS.ProcessEnv, name: string): ResolvedEndpoint {
  const context = readDockerContext(env, name);
  if (!context) {
    throw new PtahError('docker-unreachable', `The Docker context “${name}” does not exist.`, {
      hint: 'Choose another with `docker context use default`, or unset DOCKER_CONTEXT.',
    });
  }
  return { host: withScheme(context.host), from: `context ${name}`, tls: context.tls };
}

function knownSocket(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  exists: (path: string) => boolean,
): ResolvedEndpoint {
  if (platform === 'win32')
    return { host: 'npipe:////./pipe/docker_engine', from: 'default pipe', tls: null };
  const home = userHome(env);
  const candidates: readonly (readonly [string, string])[] = [
    ['/var/run/docker.sock', 'default socket'],
    [join(home, '.docker', 'run', 'docker.sock'), 'socket of Docker Desktop'],
    [join(home, '.docker', 'desktop', 'docker.sock'), 'socket of Docker Desktop'],
    ...(env.XDG_RUNTIME_DIR
      ? [[join(env.XDG_RUNTIME_DIR, 'docker.sock'), 'socket of rootless Docker'] as const]
      : []),
    [join(home, '.colima', 'default', 'docker.sock'), 'socket of Colima'],
    [join(home, '.orbstack', 'run', 'docker.sock'), 'socket of OrbStack'],
    [join(home, '.rd', 'docker.sock'), 'socket of Rancher Desktop'],
  ];
  const [path, from] =
    candidates.find(([path]) => exists(path)) ?? (['/var/run/docker.sock', 'default socket'] as const);
  return { host: `unix://${path}`, from, tls: null };
}

function environmentTls(env: NodeJS.ProcessEnv): TlsMaterial | null {
  if (!env.DOCKER_CERT_PATH) return null;
  return readTls(env.DOCKER_CERT_PATH, env.DOCKER_TLS_VERIFY !== '1');
}

/** The docker command takes a bare `host:port` and a bare path too. */
function withScheme(host: string): string {
  if (host.includes('://')) return host;
  return host.startsWith('/') ? `unix://${host}` : `tcp://${host}`;
}
