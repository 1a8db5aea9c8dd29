import { createServer } from 'node:net';

const tries = 100;
/** Below this a port needs rights that nobody should need. */
const firstPlain = 1024;

/** A free port of this machine, as near to the wanted one as there is. `taken` are given away already. */
export async function freePort(wanted: number, taken: ReadonlySet<number>): Promise<number> {
  const first = wanted < firstPlain ? wanted + 8000 : wanted;
  for (let port = first; port < first + tries && port <= 65_535; port++) {
    // oxlint-disable-next-line no-await-in-loop -- the first that is free
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  return anyPort();
}

const isFree = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });

const anyPort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
