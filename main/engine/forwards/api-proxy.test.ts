import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFakeApi, type FakeApi } from '../cluster/testing.ts';
import { serveApi, type ApiProxy } from './api-proxy.ts';

let api: FakeApi;
let proxy: ApiProxy;
let port = 0;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: found } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return found;
}

beforeAll(async () => {
  api = await startFakeApi();
  port = await freePort();
  proxy = (await serveApi(port, () => api.cluster())) as ApiProxy;
});
afterAll(async () => {
  await proxy.close();
  await api.close();
});

function ask(path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, headers }, response => {
      let text = '';
      response.on('data', chunk => (text += String(chunk)));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.once('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, text: '' });
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

test('programs of this machine get the API; pages of others, other names and commands in containers do not', async () => {
  api.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'shop' } });
  const path = '/api/v1/namespaces/shop/configmaps';
  expect((await ask(path)).text).toContain('"a"');
  expect((await ask(path, { origin: 'http://evil.example' })).status).toBe(403);
  expect((await ask(path, { host: 'evil.example' })).status).toBe(403);
  for (const command of ['exec', 'attach', '%65xec'])
    expect((await ask(`/api/v1/namespaces/x/pods/y/${command}?command=sh`)).status).toBe(403);
});

test('an upgrade that the API refuses, or that may not be asked for, is answered', async () => {
  const webSocket = { connection: 'Upgrade', upgrade: 'websocket' };
  const path = '/api/v1/namespaces/shop/pods/none/portforward';
  expect((await ask(path, webSocket)).status).toBe(502);
  expect((await ask(path, { ...webSocket, origin: 'http://evil.example' })).status).toBe(403);
});

test('a taken port is no exception', async () => {
  expect(await serveApi(port, () => api.cluster())).toBeNull();
});
