// The only code that stands between the page and the main process. Sandboxed: built into one file, with nothing of others in it.
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { BridgeLine, PtahBridge } from './contract/channel.ts';

const bridge: PtahBridge = Object.freeze({
  host: 'electron',

  invoke: (message: unknown): Promise<unknown> => ipcRenderer.invoke('ptah:request', message),

  connect(onMessage: (message: unknown) => void, onClose: () => void): BridgeLine {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', ({ data }) => onMessage(data));
    // the main process closes its end, or is gone
    port1.addEventListener('close', () => onClose());
    port1.start();
    ipcRenderer.postMessage('ptah:connect', null, [port2]);
    return Object.freeze({
      send: (message: unknown) => port1.postMessage(message),
      close: () => port1.close(),
    });
  },

  pathOfDropped(file: unknown): string | null {
    try {
      return webUtils.getPathForFile(file as File) || null;
    } catch {
      // not a file, or one that a script made
      return null;
    }
  },
});

contextBridge.exposeInMainWorld('ptah', bridge);
