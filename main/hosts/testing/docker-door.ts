import { rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';

/** A door before the real Docker that a test can slam: to whoever came through it, Docker has stopped. */
export interface DockerDoor {
  /** What `DOCKER_HOST` is set to. */
  readonly host: string;
  /** Cuts every connection and takes the socket away, as a stopped engine does. */
  shut(): Promise<void>;
  /** Lets callers in again. */
  open(): Promise<void>;
}

export async function openDockerDoor(path: string, engine = '/var/run/docker.sock'): Promise<DockerDoor> {
  const through = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, caller => {
    const docker = connect({ path: engine, allowHalfOpen: true });
    for (const socket of [caller, docker]) {
      through.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        through.delete(socket);
        caller.destroy();
        docker.destroy();
      });
    }
    caller.pipe(docker).pipe(caller);
  });
  const open = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  const door: DockerDoor = {
    host: `unix://${path}`,
    open,
    async shut() {
      if (!server.listening) return;
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of through) socket.destroy();
      await closed;
      await rm(path, { force: true });
    },
  };
  await open();
  return door;
}
