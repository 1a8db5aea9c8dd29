import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../renderer/client/index.ts';
import { openBridgeChannel } from '../../../renderer/client/bridge-channel.ts';
import { createApi } from '../../api/index.ts';
import { createSampleEngine } from '../../api/testing.ts';
import { describeContract } from '../testing/contract-suite.ts';
import { eventually } from '../testing/host-under-test.ts';
import type { SampleEngine } from '../testing/host-under-test.ts';
import { contentSecurityPolicy } from '../window/index.ts';
import { isOurs } from './app-protocol.ts';
import { mayLoad } from './lockdown.ts';
import { menuTemplate } from './menu.ts';
import { startElectron } from './start.ts';
import type { RunningProgram } from './start.ts';
import { createFakeElectron } from './testing/fake-electron.ts';
import type { FakeElectron, FakeFrame, FakeOptions, FakeWindow } from './testing/fake-electron.ts';
import { guard } from './testing/guard.ts';
import { bundledPreload, loadPreload } from './testing/load-preload.ts';

let preload: string;
beforeAll(async () => {
  preload = await bundledPreload();
});

async function started(options: FakeOptions = {}, home?: string) {
  const config = home ?? (await mkdtemp(join(tmpdir(), 'ptah-electron-')));
  const fake = createFakeElectron(options);
  const engine = createSampleEngine(config);
  const closed = { count: 0 };
  const program = (await startElectron({
    electron: fake.electron,
    home: { config, cache: join(config, 'cache'), socket: join(config, 'engine.sock') },
    places: {
      root: config,
      version: '0.1.0',
      renderer: join(config, 'renderer'),
      preload: '/app/bridge.cjs',
      examples: join(config, 'examples'),
    },
    complain: error => {
      throw error;
    },
    startEngine: host =>
      Promise.resolve({
        api: createApi(engine, host),
        close: () => Promise.resolve(void closed.count++),
      }),
  })) as RunningProgram;
  return { fake, engine, program, config, closed, window: fake.windows[0] as FakeWindow };
}
type Started = Awaited<ReturnType<typeof started>>;

describeContract('Electron', async () => {
  const { fake, engine, program, config } = await started();
  fake.chosen = { canceled: false, filePaths: ['/home/me/code/shop'] };
  // a window has one connection, so each client gets a window of its own
  const bridge = async () => {
    await program.open();
    return loadPreload(preload, fake, fake.windows.at(-1) as FakeWindow);
  };
  const sum = (what: 'requests' | 'streams') =>
    [...program.ipc.connections.values()].reduce((total, { open }) => total + open[what], 0);
  return {
    engine,
    // one is the host's own: it follows the theme
    listeners: () => engine.listeners(),
    client: async () =>
      connect({ location: new URL('app://ptah/') as unknown as Location, ptah: await bridge() }),
    raw: async () => openBridgeChannel(await bridge()),
    open: () => ({ requests: sum('requests'), streams: sum('streams') }),
    clipboard: () => fake.copied.text,
    close: () => rm(config, { recursive: true, force: true }),
  };
});

describe('Electron host', () => {
  let host: Started;
  const page = (window = host.window, frame?: FakeFrame | null) =>
    loadPreload(preload, host.fake, window, frame);
  const request = (id = 1) => ({ type: 'request', id, method: 'settings.get', input: {} });
  beforeEach(async () => {
    host = await started();
  });
  // the window's place may still be on its way to the disk
  afterEach(() => rm(host.config, { recursive: true, force: true, maxRetries: 10 }));

  describe('window', () => {
    it('has exactly these preferences', () => {
      expect(host.window.options.webPreferences).toEqual({
        preload: '/app/bridge.cjs',
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        webviewTag: false,
        navigateOnDragDrop: false,
        safeDialogs: true,
        spellcheck: false,
        devTools: true,
      });
    });

    it('has no developer tools in a package, not in the menu either', async () => {
      const packaged = await started({ packaged: true });
      expect(packaged.window.options.webPreferences?.devTools).toBe(false);
      expect(JSON.stringify(packaged.fake.menus)).not.toContain('DevTools');
      expect(JSON.stringify(menuTemplate('darwin', true))).not.toMatch(/DevTools|forceReload/);
      await rm(packaged.config, { recursive: true, force: true });
    });

    it('shows the page of our own scheme, once it has something to show', () => {
      expect(host.window.options.show).toBe(false);
      expect(host.window.contents.mainFrame.url).toBe('app://ptah/');
      expect(host.window.shown.visible).toBe(true);
    });

    it('asks for the sandbox and the scheme before it is ready', () => {
      expect(host.fake.order.slice(-1)).toEqual(['ready']);
      expect(host.fake.order).toContain('enableSandbox');
      expect(host.fake.privileged).toEqual([
        {
          scheme: 'app',
          privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
        },
      ]);
    });

    it('goes nowhere and opens nothing', () => {
      for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate', 'will-attach-webview']) {
        let prevented = false;
        host.window.contents.emitter.emit(event, {
          url: 'https://evil.test/',
          preventDefault: () => (prevented = true),
        });
        expect([event, prevented]).toEqual([event, true]);
      }
      expect(host.window.contents.windowOpenHandler?.({ url: 'https://example.test/' })).toEqual({
        action: 'deny',
      });
    });

    it('comes to the front when it is started again, and a second instance ends at once', async () => {
      host.window.shown.minimized = true;
      host.fake.app.emit('second-instance', {}, ['ptah', '--evil'], '/');
      expect([host.window.shown.minimized, host.window.shown.focused]).toEqual([false, 1]);
      const fake = createFakeElectron({ singleInstance: false });
      const second = await startElectron({
        electron: fake.electron,
        home: { config: host.config, cache: '', socket: '' },
        places: { root: '', version: '', renderer: '', preload: '', examples: '' },
        complain: () => undefined,
        startEngine: () => Promise.reject(new Error('must not start')),
      });
      expect([second, fake.quits.asked, fake.windows.length]).toEqual([null, 1, 0]);
    });

    it('opens the folders that a second start was given, and looks at nothing else of its words', async () => {
      const folders = await Promise.all(
        ['one', 'two words'].map(name => mkdtemp(join(tmpdir(), `${name}-`))),
      );
      const [first = '', last = ''] = folders;
      const words = ['ptah', '--no-sandbox', first, basename(last), '/no/such/folder', join(first, 'file')];
      host.fake.app.emit('second-instance', {}, words, tmpdir());
      const page = () => host.window.contents.mainFrame.url;
      await eventually(() => page().includes('#/open/'), 'the page');
      expect(decodeURIComponent(page().split('#/open/')[1] ?? '')).toBe(last);
      expect(host.engine.calls).toContainEqual({ method: 'projects.open', input: { path: first } });
      await Promise.all(folders.map(folder => rm(folder, { recursive: true })));
    });
  });

  describe('where the window stands', () => {
    const file = () => join(host.config, 'window.json');
    const place = async (content: string, options: FakeOptions = {}) => {
      await writeFile(file(), content);
      const { fake } = await started(options, host.config);
      const { x, y, width, height } = (fake.windows[0] as FakeWindow).options;
      return { x, y, width, height, maximized: fake.windows[0]?.shown.maximized };
    };

    it('is kept, whole or not at all, for this user alone', async () => {
      host.window.bounds = { x: 10, y: 20, width: 1000, height: 700 };
      host.window.emitter.emit('close');
      await eventually(() => host.fake.windows.length === 1, 'the window');
      await expect
        .poll(() => readFile(file(), 'utf8').catch(() => ''))
        .toBe('{"x":10,"y":20,"width":1000,"height":700,"maximized":false}\n');
      expect((await stat(file())).mode & 0o777).toBe(0o600);
      const again = await started({}, host.config);
      expect(again.window.options).toMatchObject({ x: 10, y: 20, width: 1000, height: 700 });
    });
    it('is the default where the file is wrong', async () => {
      const standard = { x: undefined, y: undefined, width: 1280, height: 820, maximized: false };
      for (const wrong of [
        '',
        '{',
        '[]',
        '{"width":"x"}',
        '{"x":0,"y":0,"width":1,"height":1,"maximized":false}',
      ]) {
        expect(await place(wrong)).toEqual(standard);
      }
    });
    it('is on a display that is there', async () => {
      const content = '{"x":3000,"y":50,"width":1000,"height":700,"maximized":true}';
      expect(await place(content)).toEqual({
        x: undefined,
        y: undefined,
        width: 1000,
        height: 700,
        maximized: true,
      });
      const displays = [{ x: 1920, y: 0, width: 1920, height: 1080 }];
      expect(await place(content, { displays })).toMatchObject({ x: 3000, y: 50 });
    });
  });

  describe('session', () => {
    it('grants nothing but the clipboard, to our windows only', () => {
      const { request: ask, check } = host.fake.session as unknown as {
        request: (contents: unknown, permission: string, answer: (granted: boolean) => void) => void;
        check: (contents: unknown, permission: string, origin: string) => boolean;
      };
      const ours = { id: host.window.contents.id };
      const asked = (contents: unknown, permission: string) => {
        const answers: boolean[] = [];
        ask(contents, permission, answer => answers.push(answer));
        return [...answers, check(contents, permission, 'app://ptah')];
      };
      for (const permission of ['clipboard-sanitized-write', 'clipboard-read']) {
        expect(asked(ours, permission)).toEqual([true, true]);
        expect(asked({ id: 999 }, permission)).toEqual([false, false]);
        expect(check(null, permission, 'app://ptah')).toBe(false);
      }
      for (const permission of ['media', 'geolocation', 'notifications', 'usb', 'openExternal']) {
        expect([permission, asked(ours, permission)]).toEqual([permission, [false, false]]);
      }
      expect((host.fake.session.device as () => boolean)()).toBe(false);
    });

    it('downloads nothing, fetches no dictionaries, loads nothing from elsewhere', () => {
      let prevented = false;
      host.fake.session.emitter.emit('will-download', { preventDefault: () => (prevented = true) });
      expect([prevented, host.fake.session.spellChecker]).toEqual([true, false]);
      const cancels = (url: string) => {
        let cancel: boolean | undefined;
        const handler = host.fake.session.beforeRequest as (
          details: { url: string },
          answer: (response: { cancel: boolean }) => void,
        ) => void;
        handler({ url }, response => (cancel = response.cancel));
        return cancel;
      };
      expect(cancels('https://example.test/x.js')).toBe(true);
      expect(cancels('app://ptah/index.html')).toBe(false);
    });

    it('knows our addresses from others', () => {
      for (const url of [
        'app://ptah/',
        'app://ptah/assets/x.js',
        'data:image/png;base64,',
        'blob:app://ptah/1',
      ]) {
        expect([url, mayLoad(url)]).toEqual([url, true]);
      }
      for (const url of [
        'http://127.0.0.1/',
        'https://ptah/',
        'file:///etc/passwd',
        'app://ptah.evil/',
        'app://evil/',
        'app://me@ptah/',
        'app://ptah:80/',
        'ws://127.0.0.1/',
        'about:blank',
        '',
      ]) {
        expect([url, mayLoad(url), isOurs(url)]).toEqual([url, false, false]);
      }
    });
  });

  describe('page', () => {
    const get = async (url: string, init?: RequestInit) => {
      const handler = host.fake.schemes.get('app') as (request: Request) => Promise<Response>;
      // as it came: a `Request` of Node would tidy the address
      return handler({ method: 'GET', ...init, url } as Request);
    };
    beforeEach(async () => {
      const renderer = join(host.config, 'renderer');
      await mkdir(renderer, { recursive: true });
      await writeFile(join(renderer, 'index.html'), '<!doctype html>');
      await writeFile(join(host.config, 'secret.json'), '{"secret":1}');
    });

    it('comes with its policy', async () => {
      const response = await get('app://ptah/');
      expect([response.status, await response.text()]).toEqual([200, '<!doctype html>']);
      expect(response.headers.get('content-security-policy')).toBe(contentSecurityPolicy);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect((await get('app://ptah/index.html?x#y')).status).toBe(200);
    });
    it('is all there is', async () => {
      for (const url of [
        'app://ptah/../secret.json',
        'app://ptah/%2e%2e/secret.json',
        'app://ptah/..%2fsecret.json',
        'app://ptah/x.js',
        'app://ptah//etc/passwd',
      ]) {
        expect([url, (await get(url)).status]).toEqual([url, 404]);
      }
      expect((await get('app://evil/index.html')).status).toBe(403);
      expect((await get('app://ptah/', { method: 'POST' })).status).toBe(405);
    });
  });

  describe('senders', () => {
    const foreign: [string, (frame: FakeFrame) => FakeFrame | null][] = [
      ['a frame that is gone', () => null],
      ['a frame inside the page', frame => guard('WebFrameMain', { url: 'app://ptah/', parent: frame })],
      ['another page', () => guard('WebFrameMain', { url: 'https://evil.test/', parent: null })],
      ['another host of the scheme', () => guard('WebFrameMain', { url: 'app://ptah.evil/', parent: null })],
      ['an empty page', () => guard('WebFrameMain', { url: 'about:blank', parent: null })],
      ['no address', () => guard('WebFrameMain', { url: '', parent: null })],
    ];
    it.each(foreign)('refuses %s', async (_what, make) => {
      const before = host.engine.calls.length;
      const frame = make(host.window.contents.mainFrame);
      const ours = page();
      const line = ours.connect(
        () => undefined,
        () => undefined,
      );
      await expect(ours.invoke(request())).resolves.toMatchObject({ type: 'result' });
      const theirs = page(host.window, frame);
      await expect(theirs.invoke(request(2))).rejects.toThrow('Refused');
      let closed = false;
      theirs.connect(
        () => undefined,
        () => (closed = true),
      );
      await eventually(() => closed, 'its line is closed');
      expect(host.engine.calls.length).toBe(before + 1);
      line.close();
    });

    it('refuses the main frame itself once it shows another page', async () => {
      host.window.contents.mainFrame.url = 'https://evil.test/';
      await expect(page().invoke(request())).rejects.toThrow('Refused');
    });

    it('refuses a window that is not ours', async () => {
      const stranger = { id: 77, mainFrame: host.window.contents.mainFrame };
      const handler = host.fake.handlers.get('ptah:request') as unknown as (
        event: unknown,
        message: unknown,
      ) => unknown;
      expect(() => handler({ sender: stranger, senderFrame: stranger.mainFrame }, request())).toThrow(
        'Refused',
      );
    });

    it('needs the page to connect first, and takes only requests by invocation', async () => {
      await expect(page().invoke(request())).rejects.toThrow('has not connected');
      const bridge = page();
      const line = bridge.connect(
        () => undefined,
        () => undefined,
      );
      for (const wrong of [{ ...request(), type: 'open' }, { type: 'request' }, 'x', null, [], 7]) {
        await expect(bridge.invoke(wrong)).resolves.toMatchObject({ error: { code: 'invalid-message' } });
      }
      const circle: Record<string, unknown> = { type: 'request', id: 5 };
      circle['input'] = circle;
      const handler = host.fake.handlers.get('ptah:request') as unknown as (
        event: unknown,
        message: unknown,
      ) => unknown;
      const event = {
        sender: { id: host.window.contents.id, mainFrame: host.window.contents.mainFrame },
        senderFrame: host.window.contents.mainFrame,
      };
      await expect(handler(event, circle)).resolves.toMatchObject({ error: { code: 'too-large' } });
      line.close();
    });

    it('closes the line when a request comes by it', async () => {
      let closed = false;
      const line = page().connect(
        () => undefined,
        () => (closed = true),
      );
      line.send(request());
      await eventually(() => closed, 'the line is closed');
      expect(host.engine.calls.filter(call => call.method === 'settings.get')).toHaveLength(1);
    });
  });

  describe('preload script', () => {
    it('has nothing of others in it, and one frozen object comes out of it', () => {
      expect(preload.length).toBeLessThan(4000);
      expect([...preload.matchAll(/require\(["'`]([^"'`]+)["'`]\)/g)].map(match => match[1])).toEqual([
        'electron',
      ]);
      expect(preload).not.toMatch(/zod|eval|new Function|process\./);
      const bridge = page();
      expect(Object.keys(bridge).sort()).toEqual(['connect', 'host', 'invoke', 'pathOfDropped']);
      expect(Object.isFrozen(bridge)).toBe(true);
      expect(bridge.host).toBe('electron');
    });

    it('knows the path of what was dropped, and of nothing else', () => {
      const dropped = Object.assign(new File([], 'shop'), { droppedFrom: '/home/me/code/shop' });
      expect(page().pathOfDropped(dropped)).toBe('/home/me/code/shop');
      for (const other of [new File(['x'], 'made-by-script'), {}, null, '/etc/passwd', undefined]) {
        expect(page().pathOfDropped(other)).toBeNull();
      }
    });
  });

  describe('life', () => {
    const client = (window = host.window) =>
      connect({ location: new URL('app://ptah/') as unknown as Location, ptah: page(window) });
    const running = (engine: SampleEngine) => {
      const state = { running: 0 };
      engine.feed('activity.follow', async function* (_input, signal) {
        state.running++;
        yield { seq: 1, at: '', event: { type: 'log', step: 'build', text: '' } };
        await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()));
        state.running--;
      });
      return state;
    };
    const follow = async (window?: FakeWindow) => {
      const view = client(window);
      const stream = view.stream('activity.follow', { jobId: 'j', after: 0 })[Symbol.asyncIterator]();
      await stream.next();
      return { view, stream };
    };

    it('stops what a page asked for when the page is loaded anew, crashes or is closed', async () => {
      const state = running(host.engine);
      await follow();
      expect(state.running).toBe(1);
      const second = await follow();
      await eventually(() => state.running === 1, 'the first has stopped');
      host.window.contents.emitter.emit('render-process-gone', {}, { reason: 'crashed' });
      await eventually(() => state.running === 0, 'nothing is left of a page that crashed');
      expect(host.program.ipc.connections.size).toBe(0);
      second.view.close();
      const third = await follow();
      expect(state.running).toBe(1);
      host.program.windows()[0]?.close();
      await eventually(() => state.running === 0, 'nothing is left of a window that was closed');
      third.view.close();
      expect(host.window.contents.emitter.listenerCount('destroyed')).toBe(0);
    });

    it('waits for the engine when it ends, once', async () => {
      host.fake.electron.app.quit();
      host.fake.electron.app.quit();
      expect(host.fake.quits.done).toBe(false);
      await eventually(() => host.fake.quits.done, 'it has ended');
      expect(host.closed.count).toBe(1);
      expect(host.fake.handlers.size).toBe(0);
    });

    it('ends with its last window, but not on a Mac', () => {
      host.program.windows()[0]?.close();
      expect(host.fake.quits.asked).toBe(process.platform === 'darwin' ? 0 : 1);
    });

    it('follows the theme of the settings', async () => {
      const sample = {
        kindNodeImage: null,
        dockerHost: null,
        rolloutTimeoutSeconds: 60,
      };
      for (const [theme, native] of [
        ['dark', 'dark'],
        ['light', 'light'],
        ['contrast', 'system'],
      ] as const) {
        host.engine.emit('settings.changed', { ...sample, theme });
        await eventually(() => host.fake.theme() === native, native);
      }
    });

    it('opens addresses of the engine outside, and folders by a dialog of its window', async () => {
      const view = client();
      await view.request('app.openExternal', { url: 'https://example.test/a b' });
      await view.request('app.openExternal', { url: 'http://127.0.0.1:8000/' });
      expect(host.fake.opened).toEqual(['https://example.test/a%20b', 'http://127.0.0.1:8000/']);
      for (const url of [
        'file:///etc/passwd',
        'javascript:alert(1)',
        'smb://x/y',
        'http://example.test/',
        'https://me:secret@example.test/',
        'http://127.0.0.1.evil.test/',
        'no address',
      ]) {
        await expect(view.request('app.openExternal', { url })).rejects.toMatchObject({
          code: 'address-refused',
        });
      }
      expect(host.fake.opened).toHaveLength(2);
      expect(await view.request('projects.chooseFolder', {})).toEqual({ path: null });
      host.fake.chosen = { canceled: false, filePaths: ['/home/me/code/shop'] };
      expect(await view.request('projects.chooseFolder', {})).toEqual({ path: '/home/me/code/shop' });
      // modal to the window that asked
      expect((host.fake.dialogs[0] as unknown[])[0]).toBe(host.program.windows()[0]);
      view.close();
    });

    it('asks for a file to write by a dialog of its window, which asks before it replaces one', async () => {
      const view = client();
      const asked = { title: 'Export the log of shop', proposed: '~/shop.log' };
      expect(await view.request('app.chooseFile', asked)).toEqual({ path: null });
      host.fake.saved = { canceled: false, filePath: '/home/me/logs/shop.log' };
      expect(await view.request('app.chooseFile', asked)).toEqual({ path: '/home/me/logs/shop.log' });
      const [window, options] = host.fake.dialogs.at(-1) as unknown[];
      expect(window).toBe(host.program.windows()[0]);
      expect(options).toMatchObject({
        title: 'Export the log of shop',
        defaultPath: join(homedir(), 'shop.log'),
      });
      expect((options as { properties: string[] }).properties).toContain('showOverwriteConfirmation');
      view.close();
    });
  });
});

describe('stand-in for Electron', () => {
  it('refuses what the typings lack', () => {
    const fake: FakeElectron = createFakeElectron();
    const app = fake.electron.app as unknown as Record<string, unknown>;
    expect(() => app['inventedMethod']).toThrow('electron.d.ts has no App.inventedMethod');
    expect(() => app['getGPUInfo']).toThrow('the stand-in lacks App.getGPUInfo');
    expect(() => fake.electron.app.on('invented' as 'activate', () => undefined)).toThrow(
      'no event invented',
    );
    expect(() => guard('Shell', { invented: 1 })).toThrow('electron.d.ts has no Shell.invented');
  });
});
