import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startFakeApi } from '../cluster/testing.ts';
import type { FakeApi } from '../cluster/testing.ts';
import { openService } from './open-service.ts';
import type { OpenedService } from './types.ts';

const TARGET = '/api/v1/namespaces/shop/services/http:web:80/proxy';
let api: FakeApi;
let opened: OpenedService;
let seen: IncomingMessage[];

beforeEach(async () => {
  api = await startFakeApi();
  seen = [];
  api.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' } });
  api.onProxy(
    (incoming, response) => {
      seen.push(incoming);
      const path = (incoming.url ?? '').slice(TARGET.length);
      if (path === '/moved')
        response
          .writeHead(302, { location: `${TARGET}/there`, 'set-cookie': [`a=1; Path=${TARGET}/`, 'b=2'] })
          .end();
      else if (path === '/stream') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: one\n\n');
      } else if (path === '/echo') incoming.pipe(response);
      else response.writeHead(200, { 'x-path': path }).end('hello');
    },
    (incoming, socket) => {
      const accept = createHash('sha1')
        .update(`${incoming.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      // One unmasked text frame: "hi".
      socket.write(Buffer.from([0x81, 2, 0x68, 0x69]));
    },
  );
  opened = await openService(await api.cluster(), { namespace: 'shop', name: 'web', port: 80 });
});

afterEach(async () => {
  await opened.close();
  await api.close();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

// Not `fetch`: it allows neither Host nor Cookie.
function ask(path: string, headers: Record<string, string> = {}, method = 'GET', body = ''): Promise<Answer> {
  const { port } = new URL(opened.url);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        headers: { ...headers, ...(body !== '' && { 'content-length': Buffer.byteLength(body) }) },
      },
      response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
        response.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const token = (): string => new URL(opened.url).pathname.split('/')[1] ?? '';
const cookie = (): string => `ptah-${new URL(opened.url).port}=${token()}`;

describe('who may pass', () => {
  test('the token in the path, and behind it the Service’s own paths', async () => {
    expect(opened.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{64}\/$/);
    expect(await ask(`/${token()}/api/items?page=2`)).toMatchObject({
      status: 200,
      body: 'hello',
      headers: { 'x-path': '/api/items?page=2' },
    });
  });

  test('a browser gets a cookie for it and goes on with plain paths', async () => {
    const first = await ask(`/${token()}/shop?x=1`, { 'sec-fetch-mode': 'navigate' });
    expect(first).toMatchObject({ status: 302, headers: { location: '/shop?x=1' } });
    expect(first.headers['set-cookie']).toEqual([`${cookie()}; Path=/; HttpOnly; SameSite=Strict`]);
    expect(await ask('/static/app.js', { cookie: `theirs=1; ${cookie()}` })).toMatchObject({
      status: 200,
      headers: { 'x-path': '/static/app.js' },
    });
    expect(seen.at(-1)?.headers.cookie, 'our cookie stays with us').toBe('theirs=1');
  });

  test.each<[string, () => Promise<Answer>]>([
    ['no token', () => ask('/')],
    ['a wrong token', () => ask(`/${'0'.repeat(64)}/`)],
    ['a wrong cookie', () => ask('/', { cookie: `ptah-${new URL(opened.url).port}=x` })],
    ['another host (DNS rebinding)', () => ask(`/${token()}/`, { host: 'evil.example' })],
    ['another origin', () => ask(`/${token()}/`, { origin: 'https://evil.example' })],
  ])('%s is refused, and nothing reaches the cluster', async (_, attempt) => {
    expect((await attempt()).status).toBe(403);
    expect(seen).toEqual([]);
  });
});

describe('what passes', () => {
  test('links that the API server rewrote are taken back', async () => {
    expect(await ask(`${TARGET}/static/x.css`, { cookie: cookie() })).toMatchObject({
      status: 200,
      headers: { 'x-path': '/static/x.css' },
    });
    const moved = await ask('/moved', { cookie: cookie() });
    expect(moved).toMatchObject({ status: 302, headers: { location: '/there' } });
    expect(moved.headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2']);
  });

  test('bodies go through, credentials of the page and ours do not mix', async () => {
    expect(
      await ask(
        '/echo',
        { cookie: cookie(), authorization: 'Bearer page', 'impersonate-user': 'admin' },
        'POST',
        'a body',
      ),
    ).toMatchObject({ status: 200, body: 'a body' });
    expect(seen.at(-1)?.headers).toMatchObject({ authorization: 'Bearer fake-token' });
    expect(seen.at(-1)?.headers['impersonate-user']).toBeUndefined();
  });

  test('a stream arrives piece by piece', async () => {
    const { port } = new URL(opened.url);
    const text = await new Promise<string>((resolve, reject) => {
      const outgoing = httpRequest(
        { host: '127.0.0.1', port, path: '/stream', headers: { cookie: cookie() } },
        response => {
          response.once('data', (chunk: Buffer) => {
            resolve(chunk.toString());
            outgoing.destroy();
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end();
    });
    expect(text).toBe('data: one\n\n');
  });

  test('WebSockets too, for those who may pass', async () => {
    const url = opened.url.replace('http:', 'ws:');
    const message = await new Promise<string>((resolve, reject) => {
      const socket = new WebSocket(`${url}live`);
      socket.once('message', (data: Buffer) => {
        resolve(data.toString());
        socket.terminate();
      });
      socket.once('error', reject);
    });
    expect(message).toBe('hi');
    await expect(
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`${new URL(url).origin.replace('http', 'ws')}/live`);
        socket.once('open', resolve);
        socket.once('error', reject);
      }),
    ).rejects.toThrow('403');
  });

  test('a cluster that went away is a plain 502', async () => {
    await api.stop();
    const answer = await ask('/', { cookie: cookie() });
    expect(answer).toMatchObject({ status: 502, body: expect.stringContaining('cannot be reached') });
  });
});

test('a Service that is not there', async () => {
  await expect(
    openService(await api.cluster(), { namespace: 'shop', name: 'none', port: 80 }),
  ).rejects.toMatchObject({ code: 'not-found' });
});
