import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket as NodeWebSocket } from 'ws';
import { openWebSocketChannel } from '../../../renderer/client/web-socket-channel.ts';
import { createClient } from '../../../renderer/client/index.ts';
import { createApi } from '../../api/index.ts';
import { createSampleEngine, createSampleHost } from '../../api/testing.ts';
import { describeContract } from '../testing/contract-suite.ts';
import { contentSecurityPolicy } from '../window/index.ts';
import { startLoopback } from './server.ts';
import type { Loopback } from './server.ts';
import { ask, browserWebSocket, cookieOf } from './testing.ts';

describeContract('HTTP and WebSocket', async () => {
  const engine = createSampleEngine();
  const loopback = await startLoopback({ api: createApi(engine, createSampleHost()), renderer: tmpdir() });
  vi.stubGlobal('WebSocket', browserWebSocket(loopback.origin, await cookieOf(loopback)));
  const address = `${loopback.origin.replace('http', 'ws')}/wire`;
  const sum = (what: 'requests' | 'streams') =>
    [...loopback.connections].reduce((total, { open }) => total + open[what], 0);
  return {
    engine,
    listeners: () => engine.listeners(),
    client: () => Promise.resolve(createClient(() => openWebSocketChannel(address), { reconnect: null })),
    raw: () => openWebSocketChannel(address),
    open: () => ({ requests: sum('requests'), streams: sum('streams') }),
    close: async () => {
      vi.unstubAllGlobals();
      await loopback.close();
    },
  };
});

describe('loopback server', () => {
  let folder: string;
  let loopback: Loopback;
  let cookie: string;
  const told: string[] = [];
  const signedIn = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    ask(loopback.origin, path, { method, headers: { cookie, ...headers } });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ptah-page-'));
    const renderer = join(folder, 'renderer');
    await mkdir(join(renderer, 'assets'), { recursive: true });
    await mkdir(join(renderer, '.hidden'));
    await writeFile(join(renderer, 'index.html'), '<!doctype html><title>page</title>');
    await writeFile(join(renderer, 'assets', 'main-abc.js'), 'export {};');
    await writeFile(join(renderer, 'assets', 'main-abc.js.map'), '{}');
    await writeFile(join(renderer, '.hidden', 'key.json'), '{"secret":1}');
    await writeFile(join(folder, 'outside.json'), '{"secret":2}');
    await symlink(join(folder, 'outside.json'), join(renderer, 'link.json'));
    await mkdir(join(folder, 'renderer-other'));
    await writeFile(join(folder, 'renderer-other', 'x.json'), '{"secret":3}');
    const api = createApi(createSampleEngine(), createSampleHost());
    loopback = await startLoopback({
      api,
      renderer,
      mostMessageBytes: 10_000,
      onAddress: url => void told.push(url),
    });
    cookie = await cookieOf(loopback);
  });
  afterAll(async () => {
    await loopback.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('listens on 127.0.0.1 only, with a ticket of 256 bits', () => {
    expect(loopback.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const ticket = new URL(loopback.url).searchParams.get('ticket') ?? '';
    expect(Buffer.from(ticket, 'base64url')).toHaveLength(32);
  });

  it('turns the ticket into a cookie that scripts and other sites never see, and cleans the address', async () => {
    const before = loopback.url;
    const { status, headers } = await ask(loopback.origin, before.slice(loopback.origin.length));
    expect(status).toBe(303);
    expect(headers.location).toBe('/');
    expect(headers['set-cookie']?.[0]).toMatch(/^ptah-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(headers['set-cookie']?.[0]).not.toContain(new URL(before).searchParams.get('ticket'));
  });

  it('takes a ticket once: whoever reads the command line of the browser comes too late', async () => {
    const path = loopback.url.slice(loopback.origin.length);
    expect((await ask(loopback.origin, path, { method: 'HEAD' })).status).toBe(401);
    expect(loopback.url.endsWith(path)).toBe(true);
    const first = await ask(loopback.origin, path);
    expect(first.status).toBe(303);
    const again = await ask(loopback.origin, path);
    expect([again.status, again.headers['set-cookie']]).toEqual([401, undefined]);
    // the window that is in reloads, also at the address it was opened with
    expect((await signedIn('/')).status).toBe(200);
    const back = await signedIn(path);
    expect([back.status, back.headers.location]).toEqual([303, '/']);
    // and there is another for another window, told to whoever started the program
    expect(told.at(-1)).toBe(loopback.url);
    const next = loopback.url.slice(loopback.origin.length);
    expect(next).not.toBe(path);
    expect((await ask(loopback.origin, next)).status).toBe(303);
  });

  it('serves the page with the policy and the other headers, on refusals too', async () => {
    const page = await signedIn('/');
    expect([page.status, page.body]).toEqual([200, '<!doctype html><title>page</title>']);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['cache-control']).toBe('no-store');
    for (const { headers } of [page, await ask(loopback.origin, '/')]) {
      expect(headers['content-security-policy']).toBe(contentSecurityPolicy);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['cross-origin-opener-policy']).toBe('same-origin');
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
    const script = await signedIn('/assets/main-abc.js');
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(script.headers['cache-control']).toContain('immutable');
    expect((await signedIn('/', {}, 'HEAD')).body).toBe('');
  });

  it('has the policy that the interface was proven with', () => {
    expect(contentSecurityPolicy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
        "font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
  });

  it.each([
    ['no cookie', {}],
    ['a wrong cookie', { cookie: 'ptah-1=x' }],
    ['a wrong ticket', {}, '/?ticket=x'],
    ['an empty ticket', {}, '/?ticket='],
    ['a ticket at another path', {}, '/assets/main-abc.js?ticket=x'],
  ])('refuses %s', async (_what, headers: Record<string, string>, path = '/') => {
    const answer = await ask(loopback.origin, path, { headers });
    expect(answer.status).toBe(401);
    expect(answer.body).not.toContain('<title>');
  });

  it('refuses a cookie with the right name and another value', async () => {
    const wrong = `${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'B' : 'A'}`;
    expect((await ask(loopback.origin, '/', { headers: { cookie: wrong } })).status).toBe(401);
  });

  it.each(['evil.test', 'evil.test:80', '127.0.0.1', 'localhost', '127.0.0.1.evil.test'])(
    'refuses the host %s, with cookie or ticket (DNS rebinding)',
    async host => {
      expect((await signedIn('/', { host })).status).toBe(403);
    },
  );

  it.each(['http://evil.test', 'null', 'https://127.0.0.1', 'http://127.0.0.1:1', 'file://'])(
    'refuses the origin %s',
    async origin => {
      expect((await signedIn('/', { origin })).status).toBe(403);
    },
  );

  it('serves nothing but plain files of the bundle', async () => {
    for (const path of [
      '/../outside.json',
      '/%2e%2e/outside.json',
      '/..%2foutside.json',
      '/assets/../../outside.json',
      '/assets/%2e%2e/%2e%2e/outside.json',
      '/..%5coutside.json',
      '/%00',
      '/%',
      '/link.json',
      '/.hidden/key.json',
      '/assets/main-abc.js.map',
      '/assets/main-abc.js/',
      '//assets/main-abc.js',
      '/assets',
      '/assets/',
      '/../renderer-other/x.json',
      '/C:/windows/win.ini',
      '/nothing.js',
    ]) {
      const answer = await signedIn(path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.body).not.toContain('secret');
    }
  });

  it('takes only GET and HEAD', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await signedIn('/', {}, method)).status).toBe(405);
    }
  });

  it('says clearly when the port is taken', async () => {
    const port = Number(new URL(loopback.origin).port);
    const second = startLoopback({
      api: createApi(createSampleEngine(), createSampleHost()),
      renderer: folder,
      port,
    });
    await expect(second).rejects.toMatchObject({ code: 'port-in-use' });
  });

  describe('WebSocket', () => {
    const sockets: NodeWebSocket[] = [];
    afterEach(() => sockets.splice(0).forEach(socket => socket.terminate()));
    function attempt(headers: Record<string, string>, path = '/wire') {
      return new Promise<number | string>(resolve => {
        const socket = new NodeWebSocket(`${loopback.origin.replace('http', 'ws')}${path}`, { headers });
        sockets.push(socket);
        socket.on('open', () => resolve('open'));
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
        socket.on('error', () => resolve('error'));
      });
    }

    it('opens for our page', async () => {
      expect(await attempt({ cookie, origin: loopback.origin })).toBe('open');
    });
    it('needs the cookie, our origin and our host', async () => {
      expect(await attempt({ origin: loopback.origin })).toBe(401);
      expect(await attempt({ cookie })).toBe(403);
      expect(await attempt({ cookie, origin: 'http://evil.test' })).toBe(403);
      expect(await attempt({ cookie, origin: 'http://evil.test', host: 'evil.test' })).toBe(403);
      expect(await attempt({ cookie, origin: loopback.origin, host: 'evil.test' })).toBe(403);
      expect(await attempt({ cookie, origin: loopback.origin }, '/other')).toBe(404);
    });
    it('closes on a message that is too long, binary, or no JSON', async () => {
      for (const wrong of ['x'.repeat(20_000), Buffer.from([1, 2, 3]), '{']) {
        const socket = new NodeWebSocket(`${loopback.origin.replace('http', 'ws')}/wire`, {
          headers: { cookie, origin: loopback.origin },
        });
        const closed = new Promise<number>(resolve => socket.on('close', code => resolve(code)));
        socket.on('open', () => socket.send(wrong));
        expect([1007, 1009]).toContain(await closed);
      }
    });
  });
});
