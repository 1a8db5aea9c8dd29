import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The parts of `config.json` of the docker command that we honour. */
export interface DockerConfig {
  readonly currentContext?: string;
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** Key material of a context or of `DOCKER_CERT_PATH`. */
export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly skipVerify: boolean;
}

interface ContextMeta {
  readonly Endpoints?: { readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean } };
}

/** A stored context: where its engine is. */
export interface DockerContext {
  readonly host: string;
  readonly tls: TlsMaterial | null;
}

export function userHome(env: NodeJS.ProcessEnv): string {
  return env.HOME || env.USERPROFILE || homedir();
}

export function dockerConfigDir(env: NodeJS.ProcessEnv): string {
  return env.DOCKER_CONFIG || join(userHome(env), '.docker');
}

/** Reads `config.json`; a missing or broken file counts as empty, as it does for the docker command. */
export function readDockerConfig(env: NodeJS.ProcessEnv): DockerConfig {
  return readJson(join(dockerConfigDir(env), 'config.json')) ?? {};
}

/** Contexts lie below the SHA-256 of their name. Null when there is no context of that name. */
export function readDockerContext(env: NodeJS.ProcessEnv, name: string): DockerContext | null {
  const store = join(dockerConfigDir(env), 'contexts');
  const id = createHash('sha256').update(name).digest('hex');
  const meta: ContextMeta | null = readJson(join(store, 'meta', id, 'meta.json'));
  const docker = meta?.Endpoints?.docker;
  if (!docker?.Host) return null;
  const tls = readTls(join(store, 'tls', id, 'docker'), docker.SkipTLSVerify ?? false);
  return { host: docker.Host, tls };
}

/** `ca.pem`, `cert.pem` and `key.pem` of a folder; null when it holds none of them. */
export function readTls(dir: string, skipVerify: boolean): TlsMaterial | null {
  const ca = readBytes(join(dir, 'ca.pem'));
  const cert = readBytes(join(dir, 'cert.pem'));
  const key = readBytes(join(dir, 'key.pem'));
  return ca || cert || key ? { ca, cert, key, skipVerify } : null;
}

function readBytes(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function readJson(path: string): object | null {
  const bytes = readBytes(path);
  if (!bytes) return null;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}
