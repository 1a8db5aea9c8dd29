import type { Api } from '../../api/index.ts';
import { serveConnection } from '../wire/index.ts';
import type { Connection } from '../wire/index.ts';
import type { ElectronModule } from './electron-module.ts';
import type { TrustedWindows } from './trusted-windows.ts';
import { windowChannel } from './window-channel.ts';
import type { WindowChannel } from './window-channel.ts';

export interface Ipc {
  readonly connections: ReadonlyMap<number, Connection>;
  close(): void;
}

/** The two channels that the preload script uses; there is no third. Whoever is not one of our pages gets nothing. */
export function serveIpc(
  { ipcMain }: Pick<ElectronModule, 'ipcMain'>,
  api: Api,
  trusted: TrustedWindows,
): Ipc {
  const connections = new Map<number, Connection>();
  const channels = new Map<number, WindowChannel>();

  ipcMain.handle('ptah:request', (event, message: unknown) => {
    if (!trusted.trusts(event)) throw new Error('Refused: not a page of Ptah Desktop.');
    const channel = channels.get(event.sender.id);
    if (!channel) throw new Error('Refused: the page has not connected.');
    return channel.invoke(message);
  });

  ipcMain.on('ptah:connect', event => {
    const [port, ...more] = event.ports;
    if (!trusted.trusts(event) || !port || more.length > 0) {
      for (const refused of event.ports) refused.close();
      return;
    }
    const { id } = event.sender;
    // the page was loaded anew: what its predecessor asked for is of no use
    connections.get(id)?.close('the page connected again');
    const channel = windowChannel(port);
    const connection = serveConnection(channel, api, { windowId: id });
    channels.set(id, channel);
    connections.set(id, connection);
    const forget = () => {
      event.sender.off('destroyed', end);
      event.sender.off('render-process-gone', end);
      if (connections.get(id) !== connection) return;
      connections.delete(id);
      channels.delete(id);
    };
    const end = () => {
      connection.close('the page is gone');
      forget();
    };
    port.once('close', forget);
    event.sender.once('destroyed', end);
    event.sender.once('render-process-gone', end);
  });

  return {
    connections,
    close() {
      ipcMain.removeHandler('ptah:request');
      ipcMain.removeAllListeners('ptah:connect');
      for (const connection of connections.values()) connection.close('the application is closing');
      connections.clear();
      channels.clear();
    },
  };
}
