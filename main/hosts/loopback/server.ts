import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { PtahError } from '../../engine/errors/index.ts';
import type { Api } from '../../api/index.ts';
import { findAsset, pageHeaders } from '../window/index.ts';
import { serveConnection, webSocketChannel } from '../wire/index.ts';
import type { Connection, ConnectionLimits } from '../wire/index.ts';
import { createAccess } from './access.ts';
import type { Access } from './access.ts';

export interface LoopbackOptions {
  readonly api: Api;
  /** The folder with the bundled page. */
  readonly renderer: string;
  /** 0 for any free port. */
  readonly port?: number;
  readonly limits?: Partial<ConnectionLimits>;
  /** A message from a window that is longer closes its connection. */
  readonly mostMessageBytes?: number;
  /** An address was used: this is the next one. */
  readonly onAddress?: (url: string) => void;
}

export interface Loopback {
  /** With a ticket for one window: for the user's eyes and the browser only. After it was used it is another. */
  readonly url: string;
  readonly origin: string;
  readonly connections: ReadonlySet<Connection>;
  close(): Promise<void>;
}

const heartbeatMs = 15_000;

/** Serves the page and the contract to browser windows of this machine. For development and tests; never in a package. */
export async function startLoopback(options: LoopbackOptions): Promise<Loopback> {
  const server = createServer();
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  const port = await listen(server, options.port ?? 0);
  const access = createAccess(port);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.mostMessageBytes ?? 8 * 1024 * 1024,
    perMessageDeflate: false,
    clientTracking: true,
  });
  const connections = new Set<Connection>();

  server.on('request', (request, response) => {
    const used = () => options.onAddress?.(address());
    answer(request, response, { access, renderer: options.renderer, used }).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket: Duplex, head) => {
    socket.on('error', () => socket.destroy());
    const status = refuseUpgrade(request, access);
    if (status === null) sockets.handleUpgrade(request, socket, head, accept);
    else socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  server.on('clientError', (_error, socket) => socket.destroy());

  function accept(socket: WebSocket) {
    const connection = serveConnection(webSocketChannel(socket), options.api, {
      limits: options.limits ?? {},
    });
    connections.add(connection);
    // a browser that was put to sleep or killed leaves a socket that is open for hours
    let alive = true;
    socket.on('pong', () => {
      alive = true;
    });
    const beat = setInterval(() => {
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
    }, heartbeatMs);
    beat.unref();
    socket.on('close', () => {
      clearInterval(beat);
      connections.delete(connection);
    });
  }

  const origin = `http://127.0.0.1:${port}`;
  const address = () => `${origin}/?ticket=${access.ticket()}`;
  return {
    get url() {
      return address();
    },
    origin,
    connections,
    async close() {
      for (const connection of connections) connection.close('the engine is closing');
      const ended = new Promise(resolve => server.close(resolve));
      server.closeIdleConnections();
      setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
        server.closeAllConnections();
      }, 500).unref();
      await ended;
      sockets.close();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', error => {
      reject(
        new PtahError('port-in-use', `Port ${port} of 127.0.0.1 can't be used.`, {
          hint: 'Choose another with PTAH_PORT, or leave it out for any free one.',
          cause: error,
        }),
      );
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function refuseUpgrade(request: IncomingMessage, access: Access): string | null {
  if (request.url !== '/wire') return '404 Not Found';
  if (access.refuse(request.headers, true) !== null) return '403 Forbidden';
  return access.hasCookie(request.headers) ? null : '401 Unauthorized';
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  {
    access,
    renderer,
    used,
  }: { readonly access: Access; readonly renderer: string; readonly used: () => void },
): Promise<void> {
  for (const [name, value] of Object.entries(pageHeaders)) response.setHeader(name, value);
  response.setHeader('Cache-Control', 'no-store');
  const say = (status: number, text: string) => {
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end(request.method === 'HEAD' ? undefined : `${text}\n`);
  };
  const wrong = access.refuse(request.headers, false);
  if (wrong !== null) return say(403, `Refused: wrong ${wrong}.`);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return say(405, 'Only GET.');
  }
  // not `new URL`: it would tidy `..` away before it is seen
  const [pathname = '/', query = ''] = (request.url ?? '/').split('?', 2);
  const ticket = new URLSearchParams(query).get('ticket');
  const isIn = access.hasCookie(request.headers);
  // `HEAD` uses nothing up: programs that look at an address before they open it send one
  if (pathname === '/' && ticket !== null && !isIn && request.method === 'GET' && access.redeem(ticket)) {
    response.writeHead(303, { Location: '/', 'Set-Cookie': access.setCookie() });
    response.end();
    return used();
  }
  if (!isIn) {
    return say(401, 'Open the address that Ptah Desktop printed last: each opens one window, once.');
  }
  if (pathname === '/' && ticket !== null) {
    // a window that is in already, as after “back”: only the address is cleaned
    response.writeHead(303, { Location: '/' });
    return void response.end();
  }
  const asset = await findAsset(renderer, pathname);
  if (!asset) return say(404, 'There is no such file.');
  response.setHeader('Content-Type', asset.type);
  response.setHeader('Content-Length', asset.size);
  if (asset.immutable) response.setHeader('Cache-Control', 'private, max-age=31536000, immutable');
  response.writeHead(200);
  if (request.method === 'HEAD') return void response.end();
  await pipeline(createReadStream(asset.file), response);
}
