import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WireClient } from '../../../preload/contract/wire-client.ts';
import { createApi } from '../../api/index.ts';
import type { Api } from '../../api/index.ts';
import { createSampleEngine, createSampleHost } from '../../api/testing.ts';
import { describeContract } from '../testing/contract-suite.ts';
import { eventually } from '../testing/host-under-test.ts';
import { memoryChannels, serveConnection } from '../wire/index.ts';
import { createClient } from '../../../preload/contract/wire-client.ts';
import { attachClient } from './attach-client.ts';
import { connectTo } from './claim-socket.ts';
import { createEngineOrAttach } from './engine-or-attach.ts';
import type { EngineHandle } from './engine-or-attach.ts';
import { openSocketServer } from './serve-socket.ts';
import { socketPlace } from './socket-place.ts';
import { lineChannel } from '../wire/line-channel.ts';

const version = '0.1.0';
const temporaryHome = async () => {
  const config = await mkdtemp(join(tmpdir(), 'ptah-home-'));
  return { config, socket: join(config, 'engine.sock') };
};
const sum = (server: { connections: ReadonlySet<{ open: { requests: number; streams: number } }> }) => ({
  requests: [...server.connections].reduce((total, { open }) => total + open.requests, 0),
  streams: [...server.connections].reduce((total, { open }) => total + open.streams, 0),
});

describeContract('the private socket', async () => {
  const home = await temporaryHome();
  const engine = createSampleEngine();
  const server = await openSocketServer(home.socket, version);
  if (!server) throw new Error('somebody listens there');
  server.serve(createApi(engine, createSampleHost()));
  return {
    engine,
    listeners: () => engine.listeners(),
    async client() {
      const client = await attachClient(home, version);
      if (!client) throw new Error('nobody answers');
      return client;
    },
    async raw() {
      const channel = lineChannel((await connectTo(home.socket)) as Socket);
      await new Promise<void>(resolve =>
        channel.listen({ message: () => resolve(), close: () => resolve() }),
      );
      return channel;
    },
    open: () => sum(server),
    async close() {
      await server.close();
      await rm(home.config, { recursive: true, force: true });
    },
  };
});

describeContract('a window that is attached to the engine of another', async () => {
  const home = await temporaryHome();
  const engine = createSampleEngine(home.config);
  const startEngine = () => engine;
  const owner = await createEngineOrAttach({ home, host: createSampleHost(), startEngine });
  // its own clipboard, not the owner's, gets the token of the dashboard
  let copied = '';
  const copySecret = (secret: string) => Promise.resolve((copied = secret) !== '');
  const host = { ...createSampleHost('electron'), copySecret };
  const attached = await createEngineOrAttach({ home, host, startEngine });
  if (!attached.isAttached()) throw new Error('it has an engine of its own');
  // the engine sees one listener, the attached process itself, however many windows that has
  let listening = 0;
  const api: Api = {
    ...attached.api,
    onEvent(listener) {
      listening++;
      const stop = attached.api.onEvent(listener);
      return () => {
        listening--;
        stop();
      };
    },
  };
  const connections = new Set<ReturnType<typeof serveConnection>>();
  const raw = () => {
    const [near, far] = memoryChannels();
    connections.add(serveConnection(far, api));
    return near;
  };
  return {
    engine,
    listeners: () => listening,
    client: () => Promise.resolve(createClient(raw, { reconnect: null })),
    raw: () => Promise.resolve(raw()),
    open: () => sum({ connections }),
    clipboard: () => copied,
    async close() {
      await attached.close();
      await owner.close();
      await rm(home.config, { recursive: true, force: true });
    },
  };
});

describe('one engine per user', () => {
  let home: { config: string; socket: string };
  const handles: EngineHandle[] = [];
  const start = async (engine = createSampleEngine(home.config)) => {
    const handle = await createEngineOrAttach({ home, host: createSampleHost(), startEngine: () => engine });
    handles.push(handle);
    return handle;
  };
  const ask = (handle: EngineHandle) =>
    handle.api.handle('settings.get', {}, { signal: AbortSignal.timeout(5000), windowId: null });
  beforeEach(async () => {
    home = await temporaryHome();
  });
  afterEach(async () => {
    await Promise.all(handles.splice(0).map(handle => handle.close()));
    await rm(home.config, { recursive: true, force: true });
  });

  it('gives null where none runs', async () => {
    expect(await attachClient(home, version)).toBeNull();
  });

  it('keeps the socket to the user alone', async () => {
    const folder = join(home.config, 'new', 'place');
    home.socket = join(folder, 'engine.sock');
    await start();
    expect((await stat(home.socket)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('narrows a folder of ours that others may enter', async () => {
    const folder = join(home.config, 'wide');
    await mkdir(folder, { mode: 0o777 });
    home.socket = join(folder, 'engine.sock');
    await start();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('shares one engine between windows, and leaves no file behind', async () => {
    const [first, second] = [await start(), await start()];
    expect([first.isAttached(), second.isAttached()]).toEqual([false, true]);
    await expect(ask(second)).resolves.toMatchObject({ theme: 'system' });
    await second.close();
    await expect(ask(first)).resolves.toBeDefined();
    await first.close();
    expect(await readdir(home.config)).toEqual([]);
  });

  it('has one engine however many start at once', async () => {
    let started = 0;
    const all = await Promise.all(
      Array.from({ length: 8 }, () =>
        createEngineOrAttach({
          home,
          host: createSampleHost(),
          async startEngine() {
            started++;
            await new Promise(resolve => setTimeout(resolve, 50));
            return createSampleEngine(home.config);
          },
        }),
      ),
    );
    handles.push(...all);
    expect(started).toBe(1);
    await Promise.all(all.map(ask));
  });

  it('takes over from a process that was killed and left its socket', async () => {
    const script = join(home.config, 'listener.mjs');
    await writeFile(
      script,
      `import { createServer } from 'node:net';
       createServer().listen(${JSON.stringify(home.socket)}, () => process.send('up'));`,
    );
    const child = fork(script, { execArgv: [] });
    await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await stat(home.socket)).isSocket()).toBe(true);
    const handle = await start();
    expect(handle.isAttached()).toBe(false);
    expect((await start()).isAttached()).toBe(true);
  });

  it('takes over a lock whose holder died, and a plain file of that name', async () => {
    await writeFile(`${home.socket}.lock`, '999999999');
    await writeFile(home.socket, 'not a socket');
    expect((await start()).isAttached()).toBe(false);
    expect((await start()).isAttached()).toBe(true);
  });

  it('finds a short place for a path that is too long', async () => {
    const deep = join(home.config, 'x'.repeat(120), 'engine.sock');
    const place = socketPlace(deep, { XDG_RUNTIME_DIR: home.config });
    expect(Buffer.byteLength(place)).toBeLessThanOrEqual(107);
    expect(socketPlace(deep, { XDG_RUNTIME_DIR: home.config })).toBe(place);
    expect(socketPlace(`${deep}2`, { XDG_RUNTIME_DIR: home.config })).not.toBe(place);
    expect(socketPlace(home.socket)).toBe(home.socket);
    home.socket = deep;
    expect((await start()).isAttached()).toBe(false);
    expect((await start()).isAttached()).toBe(true);
    const client = await attachClient(home, version);
    await expect(client?.request('settings.get', {})).resolves.toBeDefined();
    client?.close();
  });

  it('takes over when the engine that it was attached to ends, and its windows start anew', async () => {
    const first = await start();
    const own = createSampleEngine(home.config);
    own.answer('settings.get', () => ({
      theme: 'dark',
      kindNodeImage: null,
      dockerHost: null,
      rolloutTimeoutSeconds: 60,
    }));
    const second = await start(own);
    const client = createClient(
      () => {
        const [near, far] = memoryChannels();
        serveConnection(far, second.api);
        return near;
      },
      { reconnect: { first: 5, longest: 20 } },
    );
    const told: boolean[] = [];
    client.onConnection(connected => told.push(connected));
    expect((await client.request('settings.get', {})).theme).toBe('system');
    const jobs: unknown[] = [];
    client.on('projects.changed', payload => jobs.push(payload));
    await first.close();
    await eventually(() => !second.isAttached(), 'it has an engine of its own');
    await eventually(() => told.join() === 'true,false,true', 'the window connected anew');
    expect((await client.request('settings.get', {})).theme).toBe('dark');
    own.emit('projects.changed', { ids: ['p-1'] });
    await eventually(() => jobs.length === 1, 'events of the new engine');
    expect((await start()).isAttached()).toBe(true);
    client.close();
  });

  it('opens nothing in the window of another process', async () => {
    const host = createSampleHost();
    const owner = await createEngineOrAttach({ home, host, startEngine: () => createSampleEngine() });
    handles.push(owner);
    const client = (await attachClient(home, version)) as WireClient;
    const opening = client.request('app.openExternal', { url: 'https://example.test/' });
    await expect(opening).rejects.toMatchObject({ code: 'no-window' });
    expect(await client.request('projects.chooseFolder', {})).toEqual({ path: null });
    expect(host.opened).toEqual([]);
    client.close();
  });

  it('refuses an engine of another version and a program that is not ours', async () => {
    await start();
    await expect(attachClient(home, '9.9.9')).rejects.toMatchObject({ code: 'engine-of-other-version' });
    const other = createServer(socket => socket.write('{"type":"welcome"}\n'));
    const path = join(home.config, 'other.sock');
    await new Promise<void>(resolve => other.listen(path, resolve));
    await expect(attachClient({ socket: path }, version)).rejects.toMatchObject({
      code: 'engine-of-other-version',
    });
    other.close();
  });

  it('says so when the engine does not answer', async () => {
    const silent = createServer();
    await new Promise<void>(resolve => silent.listen(home.socket, resolve));
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const attempt = attachClient(home, version).catch((error: unknown) => error);
    const ticking = setInterval(() => vi.advanceTimersByTime(500), 5);
    expect(await attempt).toMatchObject({ code: 'engine-not-answering' });
    clearInterval(ticking);
    vi.useRealTimers();
    silent.close();
  });

  it('closes on a line that is no JSON or never ends', async () => {
    await start();
    for (const wrong of ['{\n', 'x'.repeat(33 * 1024 * 1024)]) {
      const socket = connect(home.socket);
      socket.on('error', () => undefined);
      socket.resume();
      socket.write(wrong);
      await new Promise(resolve => socket.on('close', resolve));
    }
  });

  it('does not begin where the engine cannot', async () => {
    const failing = createEngineOrAttach({
      home,
      host: createSampleHost(),
      startEngine: () => Promise.reject(new Error('no disk')),
    });
    await expect(failing).rejects.toThrow('no disk');
    expect(await readdir(home.config)).toEqual([]);
    expect((await start()).isAttached()).toBe(false);
  });
});
