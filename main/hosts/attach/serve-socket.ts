import type { Socket } from 'node:net';
import type { Api } from '../../api/index.ts';
import { lineChannel, serveConnection } from '../wire/index.ts';
import type { Connection } from '../wire/index.ts';
import { claimSocket } from './claim-socket.ts';
import { protocol, worldOf } from './hello.ts';
import type { Hello } from './hello.ts';
import { socketPlace } from './socket-place.ts';

export interface SocketServer {
  /** Whoever connected meanwhile is served from now on. */
  serve(api: Api): void;
  readonly connections: ReadonlySet<Connection>;
  close(): Promise<void>;
}

/** Becomes the user's one engine for `socket`; null when another process is that already. */
export async function openSocketServer(
  socket: string,
  version: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<SocketServer | null> {
  const connections = new Set<Connection>();
  const sockets = new Set<Socket>();
  let serving: Api | null = null;
  let waiting: Socket[] = [];

  const greet = (peer: Socket, api: Api) => {
    const channel = lineChannel(peer);
    channel.send({
      type: 'hello',
      program: 'ptah-desktop',
      protocol,
      version,
      pid: process.pid,
      world: worldOf(env),
    } satisfies Hello);
    const connection = serveConnection(channel, api);
    connections.add(connection);
    peer.once('close', () => connections.delete(connection));
  };
  const server = await claimSocket(socketPlace(socket), peer => {
    sockets.add(peer);
    peer.once('close', () => sockets.delete(peer));
    peer.on('error', () => peer.destroy());
    if (serving) greet(peer, serving);
    else waiting.push(peer);
  });
  if (!server) return null;
  return {
    serve(api) {
      serving = api;
      for (const peer of waiting) if (!peer.destroyed) greet(peer, api);
      waiting = [];
    },
    connections,
    close: () =>
      new Promise(resolve => {
        // removes the socket's file, too
        server.close(() => resolve());
        for (const connection of connections) connection.close('the engine is closing');
        for (const peer of sockets) peer.destroySoon();
        setTimeout(() => sockets.forEach(peer => peer.destroy()), 500).unref();
      }),
  };
}
