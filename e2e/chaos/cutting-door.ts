import { rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';

/** A way to Docker on which connections break after so many bytes of the caller's. */
export interface CuttingDoor {
  /** What `DOCKER_HOST` is set to. */
  readonly host: string;
  /** How many connections were cut. */
  cuts(): number;
  /** From now on nothing breaks. */
  mend(): void;
  close(): Promise<void>;
}

export async function openCuttingDoor(
  path: string,
  bytesUntilCut: () => number,
  engine = '/var/run/docker.sock',
): Promise<CuttingDoor> {
  const through = new Set<Socket>();
  let cuts = 0;
  let whole = false;
  const server = createServer({ allowHalfOpen: true }, caller => {
    const docker = connect({ path: engine, allowHalfOpen: true });
    let left = bytesUntilCut();
    for (const socket of [caller, docker]) {
      through.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        through.delete(socket);
        caller.destroy();
        docker.destroy();
      });
    }
    caller.on('data', (bytes: Uint8Array) => {
      if (!whole && bytes.length >= left) {
        cuts++;
        // what came before the cut arrives, what comes after it does not
        docker.write(bytes.subarray(0, left), () => docker.destroy());
        caller.destroy();
        return;
      }
      left -= bytes.length;
      if (!docker.write(bytes)) {
        caller.pause();
        docker.once('drain', () => caller.resume());
      }
    });
    caller.on('end', () => docker.end());
    docker.pipe(caller);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    host: `unix://${path}`,
    cuts: () => cuts,
    mend: () => {
      whole = true;
    },
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of through) socket.destroy();
      await closed;
      await rm(path, { force: true });
    },
  };
}
