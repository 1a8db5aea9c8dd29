import type { Server } from 'node:net';

/** Opens a port on one address of this machine; null when it is open, else why it is not. */
export function listen(server: Server, port: number, host: string): Promise<NodeJS.ErrnoException | null> {
  return new Promise(resolve => {
    server.once('error', resolve);
    server.listen({ port, host, ipv6Only: true }, () => {
      server.off('error', resolve);
      // of one connection, as when descriptors run out: the next may succeed
      server.on('error', () => undefined);
      resolve(null);
    });
  });
}
