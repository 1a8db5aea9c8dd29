import { readFile } from 'node:fs/promises';
import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { PtahError } from '../errors/index.ts';
import type { Kubeconfig, NamedCluster, NamedUser } from './kubeconfig.ts';

/** What a request to the API server needs. */
export interface Credentials {
  readonly server: URL;
  readonly tls: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'>;
  readonly headers: Readonly<Record<string, string>>;
  /** An agent that goes through a proxy; null to connect directly. */
  readonly agent: Agent | null;
  /** The credentials change by themselves (a token file, a program that makes tokens): ask again now and then. */
  readonly shortLived: boolean;
}

/** The entries that a context points to. */
export function entriesOf(
  config: Kubeconfig,
  context: string,
): { cluster: NamedCluster; user: NamedUser } | null {
  const entry = config.contexts.find(({ name }) => name === context)?.context;
  const cluster = config.clusters.find(({ name }) => name === entry?.cluster);
  if (entry === undefined || cluster === undefined || typeof cluster.cluster.server !== 'string') return null;
  return {
    cluster,
    user: config.users.find(({ name }) => name === entry.user) ?? { name: entry.user, user: {} },
  };
}

/** Resolves certificates and tokens of a context. Reads files, and runs the user's credential plug-in where one is named. */
export async function resolveCredentials(config: Kubeconfig, context: string): Promise<Credentials> {
  const entry = entriesOf(config, context);
  if (entry === null) {
    throw new PtahError('context-missing', `The kubeconfig has no usable context ${context}.`);
  }
  const { cluster, user } = entry;
  const server = new URL(`${String(cluster.cluster.server).replace(/\/+$/, '')}/`);
  const byLibrary =
    ['exec', 'auth-provider'].some(key => user.user[key] !== undefined) ||
    cluster.cluster['proxy-url'] !== undefined;
  if (byLibrary) return credentialsByLibrary(config, context, server);

  const token =
    typeof user.user.tokenFile === 'string'
      ? (await readFile(user.user.tokenFile, 'utf8')).trim()
      : text(user.user.token);
  const headers: Record<string, string> = {};
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  else if (text(user.user.username) !== undefined) {
    const pair = `${text(user.user.username)}:${text(user.user.password) ?? ''}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  const as = text(user.user.as);
  if (as !== undefined) headers['impersonate-user'] = as;
  const tls: Credentials['tls'] = {
    ca: await dataOrFile(cluster.cluster, 'certificate-authority'),
    cert: await dataOrFile(user.user, 'client-certificate'),
    key: await dataOrFile(user.user, 'client-key'),
    servername: text(cluster.cluster['tls-server-name']),
    rejectUnauthorized: cluster.cluster['insecure-skip-tls-verify'] === true ? false : undefined,
  };
  return {
    server,
    tls: withoutUndefined(tls),
    headers,
    agent: null,
    shortLived: user.user.tokenFile !== undefined,
  };
}

// The library takes 0.4 s to load, and Kind's contexts carry plain certificates: it is loaded only for contexts that
// need one of its authenticators or proxies.
async function credentialsByLibrary(config: Kubeconfig, context: string, server: URL): Promise<Credentials> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const library = new KubeConfig();
  library.loadFromString(JSON.stringify({ ...config, 'current-context': context }), {
    onInvalidEntry: 'filter',
  });
  const options: RequestOptions = {};
  try {
    await library.applyToHTTPSOptions(options);
  } catch (error) {
    throw new PtahError(
      'unreachable',
      `The credentials of the context ${context} could not be had: ${String(error)}`,
      {
        hint: 'Run the credential plug-in that the kubeconfig names by hand.',
        cause: error,
      },
    );
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {}))
    headers[name.toLowerCase()] = String(value);
  if (options.auth) headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  const proxied = entriesOf(config, context)?.cluster.cluster['proxy-url'] !== undefined;
  const agent = proxied && typeof options.agent === 'object' ? options.agent : null;
  return {
    server,
    tls: withoutUndefined({ ca, cert, key, servername, rejectUnauthorized }),
    headers,
    agent,
    shortLived: true,
  };
}

async function dataOrFile(
  entry: Readonly<Record<string, unknown>>,
  key: string,
): Promise<Buffer | undefined> {
  const data = entry[`${key}-data`];
  if (typeof data === 'string' && data !== '') return Buffer.from(data, 'base64');
  const path = entry[key];
  if (typeof path !== 'string' || path === '') return undefined;
  try {
    return await readFile(path);
  } catch (error) {
    throw new PtahError('kubeconfig-invalid', `The kubeconfig names ${path}, which cannot be read.`, {
      details: { file: path },
      cause: error,
    });
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
}
