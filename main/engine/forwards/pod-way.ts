import type { Cluster, PortTunnel } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import type { Aim } from './resolve-target.ts';

/** How long a refusal may take; a port that accepts says nothing. */
const refusalMs = 400;

/**
 * The way to the pod that serves now. One tunnel stands open and idle: as long as it lives the way is there, and the first
 * connection need not wait for it. The port itself is only tried when the pod is new: databases count connections that break off,
 * and shut out who makes too many (MySQL's `max_connect_errors`).
 */
export interface PodWay {
  readonly aim: Aim;
  /** For one connection. */
  tunnel(): Promise<PortTunnel>;
  close(): void;
}

/** Rejects where the pod can't be reached or nothing listens. */
export async function openPodWay(
  cluster: Cluster,
  namespace: string,
  aim: Aim,
  { signal, onLost }: { readonly signal: AbortSignal; readonly onLost: (reason: string) => void },
): Promise<PodWay> {
  const dial = () => cluster.portTunnel({ namespace, name: aim.pod }, signal);
  await tryPort(await dial(), aim.port, signal);
  let closed = false;
  let spare: PortTunnel | null = null;
  stand(await dial());
  return {
    aim,
    async tunnel() {
      if (!spare?.live) return dial();
      const taken = spare;
      spare = null;
      void renew();
      return taken;
    },
    close() {
      closed = true;
      spare?.close();
    },
  };

  function stand(tunnel: PortTunnel): void {
    if (closed) return tunnel.close();
    spare = tunnel;
    void stood(tunnel);
  }

  async function stood(tunnel: PortTunnel): Promise<void> {
    const reason = await tunnel.closed;
    // one that was taken ends with its connection
    if (spare === tunnel) lost(reason);
  }

  async function renew(): Promise<void> {
    try {
      stand(await dial());
    } catch (error) {
      lost((error as Error).message);
    }
  }

  function lost(reason: string): void {
    if (closed) return;
    closed = true;
    onLost(reason);
  }
}

async function tryPort(tunnel: PortTunnel, port: number, signal: AbortSignal): Promise<void> {
  const connection = tunnel.connect(port);
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, refusalMs);
      const settle = (error?: Error | null): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        if (error) reject(error);
        else resolve();
      };
      const abort = () => settle(new PtahError('cancelled', 'Cancelled.'));
      signal.addEventListener('abort', abort, { once: true });
      // who speaks first (a database, a mail server) listens for sure
      connection.once('data', () => settle());
      connection.once('end', () => settle());
      connection.once('error', settle);
      timer.unref();
    });
  } finally {
    connection.destroy();
    tunnel.close();
  }
}
