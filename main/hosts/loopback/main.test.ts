import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createClient } from '../../../preload/contract/wire-client.ts';
import type { WireClient } from '../../../preload/contract/wire-client.ts';
import { webSocketChannel } from '../wire/index.ts';
import { isPackaged, readOptions } from './options.ts';
import { ask } from './testing.ts';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

describe('loopback program', () => {
  let home: string;
  const children: ChildProcess[] = [];
  const clients: WireClient[] = [];
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'ptah-home-'));
  });
  afterEach(async () => {
    clients.splice(0).forEach(client => client.close());
    for (const child of children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }
    await rm(home, { recursive: true, force: true, maxRetries: 10 });
  });

  function run(args: string[] = [], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, PTAH_HOME: home, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const line = new Promise<string>(resolve =>
      createInterface({ input: child.stdout }).once('line', resolve),
    );
    const ended = once(child, 'close').then(([code]) => code as number | null);
    return { child, line, ended, errors: () => errors };
  }
  /** What a browser does with an address: it opens once, and gives the cookie for all further windows. */
  async function open(url: string) {
    const { origin, pathname, search } = new URL(url);
    const { headers } = await ask(origin, pathname + search);
    return { origin, cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '' };
  }
  const window = async (url: string) => windowOf(await open(url));
  async function windowOf({ origin, cookie }: { origin: string; cookie: string }) {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/wire`, { origin, headers: { cookie } });
    await once(socket, 'open');
    const client = createClient(() => webSocketChannel(socket), { reconnect: null });
    clients.push(client);
    return client;
  }

  it('prints its address, serves its engine, and leaves nothing behind', async () => {
    const { child, line, ended } = run(['--json']);
    const { url } = JSON.parse(await line) as { url: string };
    const client = await window(url);
    expect(await client.request('app.info', {})).toMatchObject({ host: 'loopback', home });
    expect((await client.request('settings.update', { patch: { theme: 'dark' } })).theme).toBe('dark');
    expect(await client.request('projects.list', {})).toEqual([]);
    expect((await ask(new URL(url).origin, '/')).status).toBe(401);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect((await readdir(home)).filter(name => /sock|lock|tmp/.test(name))).toEqual([]);
  });

  it('shares the engine of the one that runs, and takes it over when that one is killed', async () => {
    const first = run(['--json']);
    const one = await window((JSON.parse(await first.line) as { url: string }).url);
    const second = run(['--json']);
    const browser = await open((JSON.parse(await second.line) as { url: string }).url);
    const two = await windowOf(browser);
    const told: unknown[] = [];
    two.on('settings.changed', settings => told.push(settings.theme));
    await one.request('settings.update', { patch: { theme: 'light' } });
    await expect.poll(() => told).toEqual(['light']);
    first.child.kill('SIGKILL');
    await first.ended;
    await expect
      .poll(
        async () => {
          const window2 = await windowOf(browser);
          return (await window2.request('settings.get', {}, { signal: AbortSignal.timeout(5000) })).theme;
        },
        { timeout: 45_000 },
      )
      .toBe('light');
    second.child.kill('SIGINT');
    expect(await second.ended).toBe(0);
  });

  it('prints a sentence unless asked for JSON, at the port it is given', async () => {
    const { line, child, ended } = run([], { PTAH_PORT: '0' });
    expect(await line).toMatch(/^Ptah Desktop: http:\/\/127\.0\.0\.1:\d+\/\?ticket=[\w-]{43}$/);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('says what is wrong with its options', async () => {
    const wrongPort = run([], { PTAH_PORT: 'x' });
    expect([await wrongPort.ended, wrongPort.errors()]).toEqual([
      1,
      expect.stringContaining('PTAH_PORT is "x"'),
    ]);
    const unknown = run(['--open']);
    expect([await unknown.ended, unknown.errors()]).toEqual([1, expect.stringContaining('--open')]);
    expect(await readdir(home)).toEqual([]);
  });
});

describe('options', () => {
  it('are few', () => {
    expect(readOptions([], {})).toEqual({ json: false, port: 0 });
    expect(readOptions(['--print-url'], { PTAH_PORT: '' })).toEqual({ json: false, port: 0 });
    expect(readOptions(['--json'], { PTAH_PORT: '8123' })).toEqual({ json: true, port: 8123 });
    for (const port of ['-1', '70000', '1.5', 'x', '80 80']) {
      expect(() => readOptions([], { PTAH_PORT: port })).toThrow(/^PTAH_PORT/);
    }
  });
  it('know a packaged build', () => {
    expect(isPackaged('/opt/Ptah Desktop/resources/app.asar/dist/main', {})).toBe(true);
    expect(isPackaged('C:\\Ptah\\resources\\app.asar\\dist\\main', {})).toBe(true);
    expect(isPackaged('/home/me/ptah/dist/main', { electron: '45.0.0' })).toBe(true);
    expect(isPackaged('/home/me/ptah/dist/main', {})).toBe(false);
  });
});
