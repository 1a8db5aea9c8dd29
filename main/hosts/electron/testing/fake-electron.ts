import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import type { BrowserWindowConstructorOptions, Rectangle } from 'electron';
import type { ElectronModule } from '../electron-module.ts';
import { acrossWorlds } from './fake-context-bridge.ts';
import { fakePortMain } from './fake-ports.ts';
import { guard } from './guard.ts';

type Listener = (...args: never[]) => unknown;
export interface FakeFrame {
  url: string;
  readonly parent: FakeFrame | null;
}
interface FakeContents {
  readonly id: number;
  readonly emitter: EventEmitter;
  /** What the program gets to see. */
  readonly proxy: { readonly mainFrame: FakeFrame };
  mainFrame: FakeFrame;
  windowOpenHandler: ((details: { url: string }) => unknown) | null;
}
export interface FakeWindow {
  readonly options: BrowserWindowConstructorOptions;
  readonly contents: FakeContents;
  readonly emitter: EventEmitter;
  readonly shown: { visible: boolean; focused: number; maximized: boolean; minimized: boolean };
  bounds: Rectangle;
}

/** What a test sees and does behind the stand-in's back. */
export interface FakeElectron {
  readonly electron: ElectronModule;
  readonly windows: FakeWindow[];
  readonly handlers: Map<string, Listener>;
  readonly schemes: Map<string, (request: Request) => Promise<Response>>;
  readonly privileged: unknown[];
  readonly session: {
    request: Listener | null;
    check: Listener | null;
    device: Listener | null;
    beforeRequest: Listener | null;
    spellChecker: boolean;
    readonly emitter: EventEmitter;
  };
  readonly opened: string[];
  readonly copied: { text: string };
  readonly dialogs: unknown[];
  readonly order: string[];
  readonly app: EventEmitter;
  chosen: { canceled: boolean; filePaths: string[] };
  saved: { canceled: boolean; filePath: string };
  readonly menus: unknown[];
  theme(): string;
  readonly quits: { asked: number; done: boolean };
  /** `electron` as the preload script of a window sees it, sending from `frame` (the window's main frame else). */
  preload(
    window: FakeWindow,
    frame?: FakeFrame | null,
  ): { readonly module: object; readonly world: Record<string, unknown> };
}

export interface FakeOptions {
  readonly packaged?: boolean;
  readonly singleInstance?: boolean;
  readonly displays?: readonly Rectangle[];
}

/** A stand-in for Electron: structured clone, `senderFrame`, transferred ports; throws on whatever `electron.d.ts` lacks. */
export function createFakeElectron(options: FakeOptions = {}): FakeElectron {
  let nextId = 1;
  let ready = false;
  const order: string[] = [];
  const windows: FakeWindow[] = [];
  const proxies = new Map<FakeWindow, object>();
  const handlers = new Map<string, Listener>();
  const schemes: FakeElectron['schemes'] = new Map();
  const privileged: unknown[] = [];
  const quits = { asked: 0, done: false };
  const opened: string[] = [];
  const copied = { text: '' };
  const dialogs: unknown[] = [];
  const menus: unknown[] = [];
  const beforeReady = (what: string) => {
    if (ready) throw new Error(`${what} has to be called before the application is ready`);
    order.push(what);
  };

  const appEmitter = new EventEmitter();
  const app = guard(
    'App',
    Object.assign(appEmitter, {
      isPackaged: options.packaged ?? false,
      setName: () => order.push('setName'),
      setPath(name: string, path: string) {
        if (!existsSync(path)) throw new Error(`Failed to set path: ${path} is not there`);
        order.push(`setPath ${name} ${path}`);
      },
      requestSingleInstanceLock: () => options.singleInstance ?? true,
      enableSandbox: () => beforeReady('enableSandbox'),
      whenReady: () => {
        ready = true;
        order.push('ready');
        return Promise.resolve();
      },
      quit() {
        quits.asked++;
        let prevented = false;
        appEmitter.emit('will-quit', { preventDefault: () => (prevented = true) });
        if (!prevented) quits.done = true;
      },
      exit: () => (quits.done = true),
    }),
  );

  const session: FakeElectron['session'] = {
    request: null,
    check: null,
    device: null,
    beforeRequest: null,
    spellChecker: true,
    emitter: new EventEmitter(),
  };
  const defaultSession = guard(
    'Session',
    Object.assign(session.emitter, {
      setPermissionRequestHandler: (handler: Listener) => (session.request = handler),
      setPermissionCheckHandler: (handler: Listener) => (session.check = handler),
      setDevicePermissionHandler: (handler: Listener) => (session.device = handler),
      setSpellCheckerEnabled: (enabled: boolean) => (session.spellChecker = enabled),
      webRequest: guard('WebRequest', {
        onBeforeRequest: (handler: Listener) => (session.beforeRequest = handler),
      }),
    }),
  );

  const ipcEmitter = new EventEmitter();
  const ipcMain = guard(
    'IpcMain',
    Object.assign(ipcEmitter, {
      handle(channel: string, listener: Listener) {
        // as the real one does
        if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
        handlers.set(channel, listener);
      },
      removeHandler: (channel: string) => handlers.delete(channel),
    }),
  );

  function createContents(): FakeContents {
    const emitter = new EventEmitter();
    const id = nextId++;
    const proxy = guard(
      'WebContents',
      Object.assign(emitter, {
        id,
        mainFrame: guard<FakeFrame>('WebFrameMain', { url: '', parent: null }),
        setWindowOpenHandler: (handler: FakeContents['windowOpenHandler']) => {
          contents.windowOpenHandler = handler;
        },
      }),
    );
    const contents: FakeContents = {
      id,
      emitter,
      proxy,
      get mainFrame() {
        return proxy.mainFrame;
      },
      set mainFrame(frame) {
        proxy.mainFrame = frame;
      },
      windowOpenHandler: null,
    };
    return contents;
  }

  class BrowserWindow {
    static getAllWindows() {
      return windows.map(window => proxies.get(window));
    }
    constructor(constructorOptions: BrowserWindowConstructorOptions) {
      if (!ready) throw new Error('Cannot create BrowserWindow before app is ready');
      const contents = createContents();
      appEmitter.emit('web-contents-created', {}, contents.proxy);
      const emitter = new EventEmitter();
      const shown = { visible: false, focused: 0, maximized: false, minimized: false };
      const { x = 0, y = 0, width = 800, height = 600 } = constructorOptions;
      const fake: FakeWindow = {
        options: constructorOptions,
        contents,
        emitter,
        shown,
        bounds: { x, y, width, height },
      };
      let destroyed = false;
      const proxy = guard(
        'BrowserWindow',
        Object.assign(emitter, {
          webContents: contents.proxy,
          loadURL(url: string) {
            contents.mainFrame = guard('WebFrameMain', { url, parent: null }) as FakeFrame;
            emitter.emit('ready-to-show');
            return Promise.resolve();
          },
          show: () => (shown.visible = true),
          focus: () => shown.focused++,
          maximize: () => (shown.maximized = true),
          restore: () => (shown.minimized = false),
          isVisible: () => shown.visible,
          isMinimized: () => shown.minimized,
          isMaximized: () => shown.maximized,
          isFullScreen: () => false,
          isDestroyed: () => destroyed,
          getNormalBounds: () => fake.bounds,
          close() {
            emitter.emit('close', {});
            destroyed = true;
            windows.splice(windows.indexOf(fake), 1);
            contents.emitter.emit('destroyed');
            emitter.emit('closed');
            if (windows.length === 0) appEmitter.emit('window-all-closed');
          },
        }),
      );
      proxies.set(fake, proxy);
      windows.push(fake);
      return proxy;
    }
  }

  const nativeTheme = guard('NativeTheme', { themeSource: 'system', shouldUseDarkColors: false });
  const result: FakeElectron = {
    electron: {
      app,
      BrowserWindow,
      dialog: guard('Dialog', {
        showOpenDialog: (...args: unknown[]) => {
          dialogs.push(args);
          return Promise.resolve(result.chosen);
        },
        showSaveDialog: (...args: unknown[]) => {
          dialogs.push(args);
          return Promise.resolve(result.saved);
        },
        showErrorBox: (...args: unknown[]) => dialogs.push(args),
      }),
      ipcMain,
      Menu: {
        buildFromTemplate: (template: unknown) => template,
        setApplicationMenu: (menu: unknown) => menus.push(menu),
      },
      nativeTheme,
      protocol: guard('Protocol', {
        registerSchemesAsPrivileged(list: unknown[]) {
          beforeReady('registerSchemesAsPrivileged');
          privileged.push(...list);
        },
        handle(scheme: string, handler: (request: Request) => Promise<Response>) {
          if (!ready) throw new Error('protocol.handle before ready');
          schemes.set(scheme, handler);
        },
      }),
      screen: guard('Screen', {
        getAllDisplays: () =>
          (options.displays ?? [{ x: 0, y: 0, width: 1920, height: 1080 }]).map(workArea => ({ workArea })),
      }),
      session: { defaultSession },
      clipboard: guard('Clipboard', {
        writeText: (text: string) => Promise.resolve(void (copied.text = text)),
        readText: () => Promise.resolve(copied.text),
        clear: () => void (copied.text = ''),
      }),
      shell: guard('Shell', { openExternal: (url: string) => Promise.resolve(void opened.push(url)) }),
    } as unknown as ElectronModule,
    windows,
    handlers,
    schemes,
    privileged,
    session,
    opened,
    copied,
    dialogs,
    order,
    app: appEmitter,
    chosen: { canceled: true, filePaths: [] },
    saved: { canceled: true, filePath: '' },
    menus,
    theme: () => nativeTheme.themeSource,
    quits,
    preload(window, frame = window.contents.mainFrame) {
      const sender = window.contents.proxy;
      const world: Record<string, unknown> = {};
      const event = () => ({ sender, senderFrame: frame, frameId: 1, processId: 1, type: 'frame' });
      const ipcRenderer = guard('IpcRenderer', {
        async invoke(channel: string, ...args: unknown[]) {
          const sent = structuredClone(args);
          await new Promise(resolve => setImmediate(resolve));
          const handler = handlers.get(channel);
          try {
            if (!handler) throw new Error(`No handler registered for '${channel}'`);
            return structuredClone(await handler(...([event(), ...sent] as never[])));
          } catch (error) {
            // Electron keeps of an error only its text
            throw new Error(`Error invoking remote method '${channel}': ${String(error)}`, { cause: error });
          }
        },
        postMessage(channel: string, message: unknown, transfer: MessagePort[] = []) {
          const sent: unknown = structuredClone(message);
          const ports = transfer.map(fakePortMain);
          setImmediate(() => ipcEmitter.emit(channel, { ...event(), ports }, sent));
        },
      });
      const module = {
        ipcRenderer,
        contextBridge: guard('ContextBridge', {
          exposeInMainWorld: (key: string, api: unknown) => (world[key] = acrossWorlds(api)),
        }),
        webUtils: guard('WebUtils', {
          getPathForFile(file: unknown) {
            if (!(file instanceof File)) throw new TypeError('not a File');
            return (file as File & { readonly droppedFrom?: string }).droppedFrom ?? '';
          },
        }),
      };
      return { module, world };
    },
  };
  return result;
}
