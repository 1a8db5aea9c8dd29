import { chmod, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { PtahError } from '../../engine/errors/index.ts';
import { withFileLock } from './file-lock.ts';
import { isPipe, privateFolder } from './socket-place.ts';

/** Listens at `path` if nobody answers there; null when somebody does. Of several processes that try at once one gets it. */
export async function claimSocket(path: string, accept: (socket: Socket) => void): Promise<Server | null> {
  const server = createServer(accept);
  if (isPipe(path)) return (await listen(server, path)) ? server : null;
  await privateFolder(path);
  return withFileLock(`${path}.lock`, async () => {
    if (!(await listen(server, path))) {
      if (await connectTo(path).then(discard)) return null;
      // left by a process that was killed
      await rm(path, { force: true });
      if (!(await listen(server, path))) return null;
    }
    await chmod(path, 0o600);
    return server;
  });
}

function discard(socket: Socket | null): boolean {
  socket?.destroy();
  return socket !== null;
}

/** A connection to whoever listens at `path`; null when nobody does. */
export function connectTo(path: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // ENOTSOCK: a file of that name that is no socket
      if (['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ENOTDIR'].includes(error.code ?? '')) return resolve(null);
      reject(
        new PtahError('engine-unreachable', `The running engine can't be reached at ${path}.`, {
          cause: error,
          details: { file: path },
        }),
      );
    });
  });
}

function listen(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') return resolve(false);
      reject(new PtahError('socket-failed', `The engine can't listen at ${path}.`, { cause: error }));
    };
    server.once('error', failed);
    // a socket is made with the permissions that the mask leaves; nobody else may slip in before the chmod
    const mask = isPipe(path) ? null : process.umask(0o177);
    server.listen(path, () => {
      server.off('error', failed);
      resolve(true);
    });
    if (mask !== null) process.umask(mask);
  });
}
