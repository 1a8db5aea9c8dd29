import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { headersToAnswer, headersToPass, joinUpgraded, passBody, refuseUpgrade } from '../cluster/index.ts';
import type { Cluster } from '../cluster/index.ts';
import { toPtahError } from '../errors/index.ts';
import { listen } from './listen.ts';

export interface ApiProxy {
  close(): Promise<void>;
}

/** As `kubectl proxy` refuses them: a command in a container is worth more than a page. */
const refusedPath = /^\/api\/[^?]*\/pods\/[^?]*\/(exec|attach)(\?|$)/;

/**
 * The API of the cluster at a port of this machine, with our credentials: what `kubectl proxy` serves. Programs of this machine may
 * use it; pages of other origins may not, whatever name they call it by. Null where the port is taken.
 */
export async function serveApi(port: number, cluster: () => Promise<Cluster>): Promise<ApiProxy | null> {
  const hosts = new Set(['127.0.0.1', 'localhost', '[::1]'].map(host => `${host}:${port}`));
  const sockets = new Set<Duplex>();
  const servers: Server[] = [];
  for (const host of ['127.0.0.1', '::1']) {
    const server = createServer();
    const failure = await listen(server, port, host);
    if (failure === null) servers.push(server);
    else if (host === '127.0.0.1' || failure.code === 'EADDRINUSE') {
      await close();
      if (failure.code === 'EADDRINUSE') return null;
      throw failure;
    }
  }
  for (const server of servers) {
    server.on('connection', socket => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.on('request', (incoming, outgoing) => {
      serve(incoming, outgoing).catch((error: unknown) => fail(outgoing, error));
    });
    server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      takeOver(incoming, socket, head).catch(() => socket.destroy());
    });
  }
  return { close };

  async function close(): Promise<void> {
    const closed = Promise.all(
      servers.map(server => new Promise<void>(resolve => server.close(() => resolve()))),
    );
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  /** Null, or why the request is refused. */
  function refusal({ headers, url = '/' }: IncomingMessage): string | null {
    if (!hosts.has(headers.host ?? '')) return 'This address is served to programs of this machine only.';
    const { origin } = headers;
    if (origin !== undefined && ![...hosts].some(host => origin === `http://${host}`))
      return 'Pages of other origins may not use the API.';
    const site = headers['sec-fetch-site'];
    if (site === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate')
      return 'Pages of other origins may not use the API.';
    if (refusedPath.test(decoded(url))) return 'Commands in containers are not run through this address.';
    return null;
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const refused = refusal(incoming);
    if (refused !== null) {
      outgoing.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' }).end(`${refused}\n`);
      return;
    }
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    const method = incoming.method ?? 'GET';
    const bodiless = method === 'GET' || method === 'HEAD';
    const response = await (
      await cluster()
    ).fetch(incoming.url ?? '/', {
      method,
      headers: headersToPass(incoming.headers),
      ...(!bodiless && { body: incoming }),
      signal: gone.signal,
    });
    outgoing.writeHead(response.status, headersToAnswer(response.headers));
    outgoing.flushHeaders();
    await passBody(response, outgoing);
  }

  async function takeOver(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    if (refusal(incoming) !== null) return refuseUpgrade(socket, '403 Forbidden');
    let upstream;
    try {
      upstream = await (
        await cluster()
      ).upgrade(incoming.url ?? '/', {
        ...headersToPass(incoming.headers),
        connection: 'Upgrade',
        upgrade: incoming.headers.upgrade ?? 'websocket',
      });
    } catch {
      return refuseUpgrade(socket, '502 Bad Gateway');
    }
    await joinUpgraded(socket, head, upstream);
  }
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

function fail(outgoing: ServerResponse, error: unknown): void {
  if (outgoing.headersSent || outgoing.destroyed) {
    outgoing.destroy();
    return;
  }
  const { message } = toPtahError(error);
  outgoing.writeHead(502, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
}
