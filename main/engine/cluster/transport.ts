import http from 'node:http';
import https from 'node:https';
import type { Agent, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { PtahError } from '../errors/index.ts';
import type { Credentials } from './credentials.ts';
import type { UpgradedConnection } from './types.ts';

export interface TransportRequest {
  readonly method?: string;
  /** Below the server's own path, with its query; never re-encoded or lower-cased. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Uint8Array | string | Readable;
  readonly signal?: AbortSignal;
  /** Until the head of the answer; 0 for none. */
  readonly timeoutMs?: number;
}

/** HTTP to one API server: keeps connections, renews credentials, and says `unreachable` in one way. */
export interface Transport {
  request(request: TransportRequest): Promise<IncomingMessage>;
  upgrade(request: TransportRequest): Promise<UpgradedConnection>;
  /** Fresh enough to open a connection of one's own; `renew` after the server has refused them. */
  credentials(renew?: boolean): Promise<Credentials>;
}

const SHORT_LIVED_MS = 60_000;
const HEAD_TIMEOUT_MS = 60_000;

export interface TransportOptions {
  /** Called at the first request, every minute for short-lived credentials, and after a 401. */
  readonly credentials: () => Promise<Credentials>;
  /** For messages: `kind-shop`. */
  readonly context: string;
  readonly clusterName: string;
}

interface Session {
  readonly credentials: Credentials;
  readonly agent: Agent;
  readonly at: number;
}

export function createTransport(options: TransportOptions): Transport {
  let current: { readonly credentials: Credentials; readonly agent: Agent; readonly at: number } | null =
    null;
  let loading: Promise<Session> | null = null;

  async function ready(): Promise<Session> {
    if (current !== null && !(current.credentials.shortLived && Date.now() - current.at > SHORT_LIVED_MS))
      return current;
    loading ??= load().finally(() => {
      loading = null;
    });
    return loading;
  }

  async function load(): Promise<Session> {
    const credentials = await options.credentials();
    const same = current !== null && sameCredentials(current.credentials, credentials);
    const agent = same && current !== null ? current.agent : newAgent(credentials);
    current = { credentials, agent, at: Date.now() };
    return current;
  }

  async function send(request: TransportRequest): Promise<IncomingMessage> {
    const { credentials, agent } = await ready();
    return new Promise((resolve, reject) => {
      request.signal?.throwIfAborted();
      const outgoing = open(credentials, agent, request);
      let timer: NodeJS.Timeout | undefined;
      const timeout = request.timeoutMs ?? HEAD_TIMEOUT_MS;
      if (timeout > 0)
        timer = setTimeout(
          () => outgoing.destroy(new Error(`no answer within ${timeout / 1000} s`)),
          timeout,
        );
      outgoing.once('response', response => {
        clearTimeout(timer);
        resolve(response);
      });
      // 'upgrade' without our asking cannot happen; a server that tries is cut off by node itself.
      outgoing.once('error', error => {
        clearTimeout(timer);
        reject(unreachable(error, credentials, request.signal));
      });
      finish(outgoing, request.body);
    });
  }

  function unreachable(error: Error, credentials: Credentials, signal?: AbortSignal): unknown {
    if (signal?.aborted) return signal.reason;
    return unreachableError(error, credentials.server.origin, options.context, options.clusterName);
  }

  return {
    async credentials(renew = false) {
      return (await (renew ? load() : ready())).credentials;
    },
    async request(request) {
      const reused = current !== null;
      try {
        const response = await send(request);
        if (response.statusCode !== 401 || !repeatable(request)) return response;
        response.resume();
        await load();
      } catch (error) {
        // A kept connection that the server closed meanwhile, or a cluster made anew behind the same name: once more
        // with the credentials of now. Only for requests that change nothing when they are repeated.
        if (!reused || !repeatable(request) || request.signal?.aborted || !isBrokenConnection(error))
          throw error;
        await load();
      }
      return send(request);
    },
    async upgrade(request) {
      const { credentials } = await ready();
      const agent = credentials.agent ?? undefined;
      return new Promise((resolve, reject) => {
        request.signal?.throwIfAborted();
        const outgoing = open(credentials, agent, request);
        outgoing.once('upgrade', (response, socket, head) =>
          resolve({ socket, head, rawHeaders: response.rawHeaders }),
        );
        outgoing.once('response', response => {
          response.resume();
          reject(
            new PtahError(
              'upgrade-refused',
              `The API server answered ${response.statusCode} instead of switching protocols.`,
              {
                details: { status: response.statusCode },
              },
            ),
          );
        });
        outgoing.once('error', error => reject(unreachable(error, credentials, request.signal)));
        finish(outgoing, request.body);
      });
    },
  };
}

function open(
  credentials: Credentials,
  agent: Agent | undefined,
  request: TransportRequest,
): http.ClientRequest {
  const { server, tls, headers } = credentials;
  const base = server.pathname.replace(/\/$/, '');
  // Node frames the body of a DELETE only when its length is given.
  const length =
    typeof request.body === 'string' || request.body instanceof Uint8Array
      ? { 'content-length': Buffer.byteLength(request.body) }
      : {};
  const options: https.RequestOptions = {
    protocol: server.protocol,
    hostname: server.hostname.replace(/^\[|\]$/g, ''),
    port: server.port,
    method: request.method ?? 'GET',
    path: `${base}${request.path}`,
    headers: {
      'user-agent': 'ptah-desktop',
      ...length,
      ...(request.headers as http.OutgoingHttpHeaders),
      ...headers,
    },
    ...(agent && { agent }),
    ...(request.signal && { signal: request.signal }),
    ...tls,
  };
  return server.protocol === 'http:' ? http.request(options) : https.request(options);
}

function finish(outgoing: http.ClientRequest, body: TransportRequest['body']): void {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    outgoing.end(body);
    return;
  }
  body.once('error', error => outgoing.destroy(error));
  body.pipe(outgoing);
}

function newAgent(credentials: Credentials): Agent {
  if (credentials.agent !== null) return credentials.agent;
  // TCP keep-alive finds a peer that vanished under a silent watch.
  const settings = { keepAlive: true, keepAliveMsecs: 15_000, maxFreeSockets: 16 };
  return credentials.server.protocol === 'http:'
    ? new http.Agent(settings)
    : new https.Agent({ ...settings, ...credentials.tls });
}

function sameCredentials(a: Credentials, b: Credentials): boolean {
  return (
    a.server.href === b.server.href && a.agent === b.agent && JSON.stringify(a.tls) === JSON.stringify(b.tls)
  );
}

function repeatable(request: TransportRequest): boolean {
  const method = request.method ?? 'GET';
  const sent = request.body;
  return (
    (method === 'GET' || method === 'PATCH') &&
    (sent === undefined || typeof sent === 'string' || sent instanceof Uint8Array)
  );
}

function isBrokenConnection(error: unknown): boolean {
  return error instanceof PtahError && error.code === 'unreachable';
}

function unreachableError(error: Error, origin: string, context: string, clusterName: string): PtahError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const certificate = /CERT|SIGNATURE|SSL|ALTNAME/i.test(code);
  const hint = certificate
    ? `The certificate is not that of the cluster in your kubeconfig; it may have been made anew. Run: kind export kubeconfig --name ${clusterName}`
    : `Is the Kind cluster running? Docker may have been stopped or restarted; see: docker ps --filter label=io.x-k8s.kind.cluster=${clusterName}`;
  const said = error.message || code || 'no reason given';
  return new PtahError(
    'unreachable',
    `The API server of ${context} at ${origin} cannot be reached: ${said}`,
    { hint, cause: error },
  );
}
