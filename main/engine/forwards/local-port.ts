import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { PtahError } from '../errors/index.ts';
import { listen } from './listen.ts';

export interface LocalPort {
  readonly port: number;
  close(): Promise<void>;
}

/** Other machines never reach it; `localhost` means the second one for many programs. */
const loopbacks = ['127.0.0.1', '::1'];
const mostTries = 200;

/** Listens at a port of both loopback addresses. Null where another program has it at one of them. */
export async function listenAt(port: number, accept: (socket: Socket) => void): Promise<LocalPort | null> {
  const servers: Server[] = [];
  for (const host of loopbacks) {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, accept);
    const failure = await listen(server, port, host);
    if (failure === null) servers.push(server);
    else if (failure.code === 'EADDRINUSE') {
      await closeAll(servers);
      return null;
    } else if (failure.code === 'EACCES') {
      await closeAll(servers);
      throw new PtahError('port-not-allowed', `Port ${port} of this machine needs a privilege.`, {
        hint: 'Choose one above 1023.',
        cause: failure,
      });
    } else if (host === '127.0.0.1')
      throw new PtahError('port-failed', `Port ${port} of this machine can't be used: ${failure.message}`, {
        cause: failure,
      });
    // a machine without IPv6 has no ::1
  }
  return { port, close: () => closeAll(servers) };
}

/** The next port from `from` on that nobody has now. */
export async function freePort(from: number, isTaken: (port: number) => boolean): Promise<number | null> {
  for (let port = from; port <= 65_535 && port < from + mostTries; port++) {
    if (isTaken(port)) continue;
    const tried = await listenAt(port, socket => socket.destroy()).catch(() => null);
    if (tried === null) continue;
    await tried.close();
    return port;
  }
  return null;
}

/** The port of this machine for one of a pod: the same, unless it needs a privilege. */
export function proposedPort(port: number): number {
  return port < 1024 ? port + 8000 : port;
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map(server => new Promise<void>(resolve => server.close(() => resolve()))));
}
