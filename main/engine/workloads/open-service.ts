import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { headersToAnswer, headersToPass, joinUpgraded, passBody, refuseUpgrade } from '../cluster/index.ts';
import type { Cluster } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import type { OpenedService } from './types.ts';

export interface OpenServiceRequest {
  readonly namespace: string;
  readonly name: string;
  readonly port: number | string;
  /** How the program behind the Service speaks; http unless said otherwise. */
  readonly scheme?: 'http' | 'https';
}

/**
 * Serves a Service of the cluster at a loopback address, through the API server's proxy and with our credentials. So
 * that no web page can reach it by guessing the port, every request brings a token: in the path of the first one, in a
 * cookie from then on (pages keep their absolute paths), and a `Host` other than ours (DNS rebinding) is refused.
 */
export async function openService(
  cluster: Cluster,
  request: OpenServiceRequest,
  signal?: AbortSignal,
): Promise<OpenedService> {
  const { namespace, name, port, scheme = 'http' } = request;
  const service = await cluster.get({ apiVersion: 'v1', kind: 'Service', namespace, name }, signal);
  if (service === null) {
    throw new PtahError('not-found', `There is no Service ${name} in the namespace ${namespace}.`, {
      hint: 'Deploy first, or refresh the list.',
    });
  }
  const target = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${scheme}:${encodeURIComponent(name)}:${port}/proxy`;
  const token = randomBytes(32).toString('hex');
  const server = createServer();
  const sockets = new Set<Duplex>();
  server.on('connection', socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : 0;
  const door = createDoor(token, listening);
  server.on('request', (incoming, outgoing) => {
    serve(cluster, door, target, incoming, outgoing).catch((error: unknown) => fail(outgoing, error));
  });
  server.on('upgrade', (incoming, socket, head) => {
    takeOver(cluster, door, target, incoming, socket, head).catch(() => socket.destroy());
  });
  const close = async (): Promise<void> => {
    const closed = new Promise<void>(resolve => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  signal?.addEventListener('abort', () => void close(), { once: true });
  return { url: `http://127.0.0.1:${listening}/${token}/`, close };
}

interface Door {
  readonly token: string;
  readonly cookie: string;
  /** Where a request that may pass wants to go; null for one that may not. */
  admit(incoming: IncomingMessage): { readonly path: string; readonly byToken: boolean } | null;
}

function createDoor(token: string, port: number): Door {
  // Cookies do not know ports: two opened Services must not overwrite each other's.
  const cookie = `ptah-${port}`;
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  return {
    token,
    cookie,
    admit({ headers, url = '/' }) {
      if (!hosts.has(headers.host ?? '')) return null;
      const origin = headers.origin;
      if (origin !== undefined && ![...hosts].some(host => origin === `http://${host}`)) return null;
      const [, first = ''] = url.split(/[/?]/, 2);
      if (isSame(first, token))
        return { path: url.slice(token.length + 1).replace(/^(?!\/)/, '/'), byToken: true };
      return isSame(cookieValue(headers.cookie, cookie), token) ? { path: url, byToken: false } : null;
    },
  };
}

async function serve(
  cluster: Cluster,
  door: Door,
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const admitted = door.admit(incoming);
  if (admitted === null) {
    outgoing
      .writeHead(403, { 'content-type': 'text/plain; charset=utf-8' })
      .end('Open this Service from Ptah Desktop: its address holds a token.\n');
    return;
  }
  if (admitted.byToken && incoming.headers['sec-fetch-mode'] === 'navigate') {
    outgoing
      .writeHead(302, {
        location: admitted.path,
        'set-cookie': `${door.cookie}=${door.token}; Path=/; HttpOnly; SameSite=Strict`,
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      })
      .end();
    return;
  }
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  const method = incoming.method ?? 'GET';
  const bodiless = method === 'GET' || method === 'HEAD';
  const response = await cluster.fetch(upstreamPath(target, admitted.path), {
    method,
    headers: forwarded(incoming, door),
    ...(!bodiless && { body: incoming }),
    signal: gone.signal,
  });
  outgoing.writeHead(response.status, answerHeaders(response.headers, target));
  await passBody(response, outgoing);
}

async function takeOver(
  cluster: Cluster,
  door: Door,
  target: string,
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  // before anything is written: who asked may be gone
  socket.on('error', () => socket.destroy());
  const admitted = door.admit(incoming);
  if (admitted === null) return refuseUpgrade(socket, '403 Forbidden');
  const headers = {
    ...forwarded(incoming, door),
    connection: 'Upgrade',
    upgrade: incoming.headers.upgrade ?? 'websocket',
  };
  let upstream;
  try {
    upstream = await cluster.upgrade(upstreamPath(target, admitted.path), headers);
  } catch {
    return refuseUpgrade(socket, '502 Bad Gateway');
  }
  await joinUpgraded(socket, head, upstream);
}

// The API server rewrites absolute links of HTML pages to its own proxy path: such a request means the path behind it.
function upstreamPath(target: string, path: string): string {
  return path === target || path.startsWith(`${target}/`) || path.startsWith(`${target}?`)
    ? path
    : `${target}${path}`;
}

function forwarded(incoming: IncomingMessage, door: Door): Record<string, string | readonly string[]> {
  // A page's own `Authorization` would be taken for credentials of the API server, which also never hands it on.
  const { cookie: _own, ...headers } = headersToPass(incoming.headers);
  const cookies = (incoming.headers.cookie ?? '').split(';').map(cookie => cookie.trim());
  const own = cookies.filter(cookie => cookie !== '' && !cookie.startsWith(`${door.cookie}=`));
  if (own.length > 0) headers.cookie = own.join('; ');
  return headers;
}

function answerHeaders(headers: Headers, target: string): Record<string, string | string[]> {
  const result = headersToAnswer(headers);
  const location = result.location;
  if (typeof location === 'string' && location.startsWith(target))
    result.location = location.slice(target.length) || '/';
  const cookies = result['set-cookie'];
  if (Array.isArray(cookies)) result['set-cookie'] = cookies.map(cookie => cookie.replaceAll(target, ''));
  return result;
}

function fail(outgoing: ServerResponse, error: unknown): void {
  if (outgoing.headersSent || outgoing.destroyed) {
    outgoing.destroy();
    return;
  }
  const message = error instanceof PtahError ? error.message : 'The request to the cluster failed.';
  outgoing.writeHead(502, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
}

function cookieValue(header: string | undefined, name: string): string {
  const found = (header ?? '')
    .split(';')
    .map(cookie => cookie.trim())
    .find(cookie => cookie.startsWith(`${name}=`));
  return found?.slice(name.length + 1) ?? '';
}

function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
