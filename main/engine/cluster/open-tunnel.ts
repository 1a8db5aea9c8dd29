import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { PtahError } from '../errors/index.ts';
import type { Credentials } from './credentials.ts';
import { framesInWebSocket, framesOnSocket } from './frame-socket.ts';
import { tunnelOver } from './port-tunnel.ts';
import { socketOpened } from './socket-opened.ts';
import type { Cluster, PodPort, PortTunnel } from './types.ts';

/**
 * SPDY inside a WebSocket (Kubernetes 1.31 and later). The older way, `v4.channel.k8s.io`, can't tell the end of one direction from
 * the end of both, so that bytes on their way are lost.
 */
const protocol = 'SPDY/3.1+portforward.k8s.io';
/** RFC 6455 wants a token, and the slash in the real name is none: `ws` is given this one, the wire the real one. */
const stand = 'spdy-3.1-portforward';
const openTimeoutMs = 30_000;

/** The older handshake, which every Kubernetes has: the connection itself is upgraded. */
const spdy = {
  connection: 'Upgrade',
  upgrade: 'SPDY/3.1',
  'x-stream-protocol-version': 'portforward.k8s.io',
};

/**
 * WebSocket first; where the server, a proxy or a role does not let it through, the older handshake, and from then on that one first.
 * A role for `kubectl port-forward` of old allows `create`, which a WebSocket (a GET) is not.
 */
export function createPortTunnels(ways: {
  readonly webSocket: Cluster['portTunnel'];
  readonly upgrade: Cluster['upgrade'];
}): Cluster['portTunnel'] {
  let older = false;
  const byUpgrade = async (pod: PodPort, signal?: AbortSignal) => {
    const { socket, head } = await ways.upgrade(portForwardPath(pod), spdy, signal, 'POST');
    return tunnelOver(framesOnSocket(socket, head), pod);
  };
  return async (pod, signal) => {
    if (older)
      try {
        return await byUpgrade(pod, signal);
      } catch (error) {
        if (signal?.aborted || !isRefused(error)) throw error;
        older = false;
      }
    try {
      return await ways.webSocket(pod, signal);
    } catch (error) {
      if (signal?.aborted || !isUpgradeFailure(error)) throw error;
      const tunnel = await byUpgrade(pod, signal).catch(() => {
        // the first refusal says more
        throw error;
      });
      older = true;
      return tunnel;
    }
  };
}

const isRefused = (error: unknown): boolean => error instanceof PtahError && error.code === 'upgrade-refused';

/** The server or something on the way does not know the protocol, or a role does not allow it; a missing pod or network is no reason. */
function isUpgradeFailure(error: unknown): boolean {
  if (!(error instanceof PtahError)) return false;
  if (error.code === 'unreachable')
    // what `ws` says of an answer that is none of a WebSocket
    return error.cause instanceof Error && /^(Server sent|Invalid|Unexpected)/.test(error.cause.message);
  return !['cancelled', 'unauthorized', 'not-found'].includes(error.code);
}

const portForwardPath = ({ namespace, name }: PodPort): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/portforward`;

/** SPDY inside a WebSocket: a way to one pod, open and idle. */
export async function openPortTunnel(
  credentials: Credentials,
  pod: PodPort,
  signal?: AbortSignal,
): Promise<PortTunnel> {
  if (signal?.aborted) throw new PtahError('cancelled', 'Cancelled.');
  const socket = dial(credentials, pod);
  const { namespace, name } = pod;
  await socketOpened(
    socket,
    {
      verb: 'forward a port of',
      namespace,
      name,
      none: `No way to pod ${name} in namespace ${namespace}`,
      hint: 'Is the cluster running, and does a proxy on the way let upgraded connections through?',
    },
    signal,
  );
  return tunnelOver(framesInWebSocket(socket), pod);
}

function dial({ server, tls, headers, agent }: Credentials, pod: PodPort): WebSocket {
  const url = new URL(server);
  url.protocol = server.protocol === 'http:' ? 'ws:' : 'wss:';
  url.pathname = `${server.pathname.replace(/\/$/, '')}${portForwardPath(pod)}`;
  return new WebSocket(url, stand, {
    ...tls,
    ...(agent && { agent }),
    headers: { 'user-agent': 'ptah-desktop', ...headers },
    perMessageDeflate: false,
    handshakeTimeout: openTimeoutMs,
    finishRequest(request) {
      request.setHeader('sec-websocket-protocol', protocol);
      request.prependListener('upgrade', ({ headers }: IncomingMessage) => {
        if (headers['sec-websocket-protocol'] === protocol) headers['sec-websocket-protocol'] = stand;
      });
      request.end();
    },
  });
}
