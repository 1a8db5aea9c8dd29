import type { BrowserWindow, ElectronModule } from './electron-module.ts';
import { pageUrl } from './app-protocol.ts';
import type { TrustedWindows } from './trusted-windows.ts';
import { webPreferences } from './web-preferences.ts';
import { readBounds, writeBounds } from './window-bounds.ts';

export interface WindowOptions {
  readonly preload: string;
  /** Where its place on the screen is kept. */
  readonly boundsFile: string;
  readonly icon?: string;
}

/** The one place where a window is made. */
export async function openWindow(
  electron: ElectronModule,
  trusted: TrustedWindows,
  options: WindowOptions,
): Promise<BrowserWindow> {
  const displays = electron.screen.getAllDisplays().map(display => display.workArea);
  const { maximized, ...bounds } = await readBounds(options.boundsFile, displays);
  const window = new electron.BrowserWindow({
    ...bounds,
    minWidth: 800,
    minHeight: 560,
    title: 'Ptah Desktop',
    // shown when it has something to show, in the colour that the page will have
    show: false,
    backgroundColor: electron.nativeTheme.shouldUseDarkColors ? '#16181d' : '#ffffff',
    ...(options.icon === undefined ? {} : { icon: options.icon }),
    webPreferences: webPreferences(options.preload, electron.app.isPackaged),
  });
  trusted.add(window);
  if (maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  rememberBounds(window, options.boundsFile);
  await window.loadURL(pageUrl);
  // `ready-to-show` may never come where nothing is painted while hidden (Wayland)
  if (!window.isDestroyed() && !window.isVisible()) window.show();
  return window;
}

function rememberBounds(window: BrowserWindow, file: string): void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const now = () => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (window.isDestroyed() || window.isMinimized() || window.isFullScreen()) return;
    void writeBounds(file, { ...window.getNormalBounds(), maximized: window.isMaximized() });
  };
  const later = () => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(now, 500);
  };
  window.on('resize', later);
  window.on('move', later);
  window.on('close', now);
}
