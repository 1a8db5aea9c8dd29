import type { IpcMainEvent, IpcMainInvokeEvent } from 'electron';
import type { BrowserWindow } from './electron-module.ts';
import { isOurs } from './app-protocol.ts';

/** The windows that we made. Only the main frame of one of them, showing our page, is listened to. */
export interface TrustedWindows {
  add(window: BrowserWindow): void;
  trusts(event: Pick<IpcMainInvokeEvent | IpcMainEvent, 'sender' | 'senderFrame'>): boolean;
  has(contentsId: number): boolean;
  windowOf(contentsId: number): BrowserWindow | null;
}

export function createTrustedWindows(): TrustedWindows {
  const windows = new Map<number, BrowserWindow>();
  return {
    add(window) {
      const { id } = window.webContents;
      windows.set(id, window);
      window.once('closed', () => windows.delete(id));
    },
    trusts({ sender, senderFrame }) {
      // null: the frame has gone or has navigated since it sent the message
      if (!senderFrame || !windows.has(sender.id)) return false;
      if (senderFrame.parent !== null || senderFrame !== sender.mainFrame) return false;
      return isOurs(senderFrame.url);
    },
    has: contentsId => windows.has(contentsId),
    windowOf: contentsId => windows.get(contentsId) ?? null,
  };
}
