import type { PtahBridge } from '../../preload/contract/channel.ts';
import { createClient } from '../../preload/contract/wire-client.ts';
import type { WireClient } from '../../preload/contract/wire-client.ts';
import { openBridgeChannel } from './bridge-channel.ts';
import { openWebSocketChannel } from './web-socket-channel.ts';

declare global {
  interface Window {
    /** Put there by the preload script; absent in a browser. */
    readonly ptah?: PtahBridge;
  }
}

/** The engine behind this window: by Electron's bridge where there is one, else by a WebSocket to where the page came from. */
export function connect(where: Pick<Window, 'ptah' | 'location'> = window): WireClient {
  const bridge = where.ptah;
  if (bridge) {
    return createClient(() => openBridgeChannel(bridge), {
      pathOfDropped: file => bridge.pathOfDropped(file),
    });
  }
  const address = new URL('/wire', where.location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  address.search = '';
  address.hash = '';
  return createClient(() => openWebSocketChannel(address.href));
}
