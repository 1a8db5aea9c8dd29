import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Api, Host } from '../../api/index.ts';
import type { Home } from '../../engine/home/index.ts';
import type { Places } from '../window/index.ts';
import { pageUrl, registerScheme, serveScheme } from './app-protocol.ts';
import { electronHost } from './electron-host.ts';
import type { BrowserWindow, ElectronModule } from './electron-module.ts';
import { givenFolders } from './given-folders.ts';
import { serveIpc } from './ipc.ts';
import type { Ipc } from './ipc.ts';
import { lockPages, lockSession } from './lockdown.ts';
import { setMenu } from './menu.ts';
import { createTrustedWindows } from './trusted-windows.ts';
import { openWindow } from './window.ts';

export interface ElectronProgram {
  readonly electron: ElectronModule;
  readonly home: Home;
  readonly places: Places;
  /** The engine, this process's or another's. */
  readonly startEngine: (host: Host) => Promise<{ readonly api: Api; close(): Promise<void> }>;
  readonly complain: (error: unknown) => void;
}

export interface RunningProgram {
  readonly ipc: Ipc;
  windows(): readonly BrowserWindow[];
  open(): Promise<BrowserWindow>;
}

/** Longer than the engine takes to remove what a cancelled job left half-made. */
const patienceMs = 65_000;

/** The Electron host from its start to its end. Null when another instance runs already: that one comes to the front. */
export async function startElectron(program: ElectronProgram): Promise<RunningProgram | null> {
  const { electron, home, places } = program;
  const { app } = electron;
  app.setName('Ptah Desktop');
  // the page's own storage; a home of its own is also an instance of its own
  const userData = join(home.config, 'window');
  // Electron refuses a folder that is not there
  mkdirSync(userData, { recursive: true, mode: 0o700 });
  app.setPath('userData', userData);
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return null;
  }
  app.enableSandbox();
  registerScheme(electron);
  lockPages(electron);
  await app.whenReady();

  const trusted = createTrustedWindows();
  lockSession(electron.session.defaultSession, trusted);
  serveScheme(electron, places.renderer);
  setMenu(electron);
  const engine = await program.startEngine(electronHost(electron, trusted, places.version));
  const ipc = serveIpc(electron, engine.api, trusted);
  const stopTheme = followTheme(electron, engine.api);

  const windows = () => electron.BrowserWindow.getAllWindows();
  const open = () =>
    openWindow(electron, trusted, {
      preload: places.preload,
      boundsFile: join(home.config, 'window.json'),
    });
  const front = () => {
    if (ending.has()) return;
    const [window] = windows();
    if (!window) {
      open().catch(program.complain);
      return;
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };
  app.on('second-instance', (_event, argv, directory) => {
    front();
    const [window] = windows();
    const folders = givenFolders(argv, directory, places.root);
    const last = folders.at(-1);
    if (ending.has() || !window || last === undefined) return;
    // the page shows the last one and asks what has to be asked; those before it go onto the list
    const { signal } = new AbortController();
    const listed = folders
      .slice(0, -1)
      .map(path => engine.api.handle('projects.open', { path }, { signal, windowId: null }));
    void Promise.allSettled(listed)
      .then(() => window.loadURL(`${pageUrl}#/open/${encodeURIComponent(last)}`))
      .catch(program.complain);
  });
  app.on('activate', () => {
    if (windows().length === 0) front();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  const ending = endInOrder(program, async () => {
    stopTheme();
    ipc.close();
    await engine.close();
  });
  await open();
  return { ipc, windows, open };
}

/** Quitting waits for the engine, so that nothing half-done stays behind, but not for ever. */
function endInOrder(
  { electron: { app }, complain }: ElectronProgram,
  close: () => Promise<void>,
): { has(): boolean } {
  let state: 'running' | 'closing' | 'closed' = 'running';
  app.on('will-quit', event => {
    if (state === 'closed') return;
    event.preventDefault();
    if (state === 'closing') return;
    state = 'closing';
    const limit = new Promise<void>(resolve => {
      setTimeout(resolve, patienceMs).unref();
    });
    void Promise.race([close(), limit])
      .catch(complain)
      .finally(() => {
        state = 'closed';
        app.quit();
      });
  });
  return { has: () => state !== 'running' };
}

const themed = z.object({ theme: z.enum(['system', 'light', 'dark', 'contrast']) });

/** Menus, dialogs and scroll bars in the colours that the user chose for the page. */
function followTheme({ nativeTheme }: ElectronModule, api: Api): () => void {
  const apply = (settings: unknown) => {
    const parsed = themed.safeParse(settings);
    if (!parsed.success) return;
    const { theme } = parsed.data;
    // the page draws high contrast itself; the system knows only two
    nativeTheme.themeSource = theme === 'contrast' ? 'system' : theme;
  };
  const controller = new AbortController();
  api.handle('settings.get', {}, { signal: controller.signal, windowId: null }).then(apply, () => undefined);
  const stop = api.onEvent((event, payload) => {
    if (event === 'settings.changed') apply(payload);
  });
  return () => {
    controller.abort();
    stop();
  };
}
