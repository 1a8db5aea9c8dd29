import { afterEach, describe, expect, it } from 'vitest';
import type { Channel } from '../../../preload/contract/channel.ts';
import { createStreamBuffer } from '../../../preload/contract/stream-buffer.ts';
import { createClient } from '../../../preload/contract/wire-client.ts';
import type { WireClient } from '../../../preload/contract/wire-client.ts';
import { createApi } from '../../api/index.ts';
import { createSampleEngine, createSampleHost } from '../../api/testing.ts';
import { eventually } from '../testing/host-under-test.ts';
import { memoryChannels } from './memory-channel.ts';
import { serveConnection } from './serve-connection.ts';

describe('client that connects again', () => {
  const clients: WireClient[] = [];
  afterEach(() => clients.splice(0).forEach(client => client.close()));
  function setUp(options: { refuse?: number; connectTimeoutMs?: number } = {}) {
    const engine = createSampleEngine();
    const api = createApi(engine, createSampleHost());
    const state = { attempts: 0, far: null as Channel | null, refuse: options.refuse ?? 0 };
    const client = createClient(
      () => {
        state.attempts++;
        if (state.refuse-- > 0) throw new Error('refused');
        const [near, far] = memoryChannels();
        state.far = far;
        serveConnection(far, api);
        return near;
      },
      { reconnect: { first: 2, longest: 10 }, connectTimeoutMs: options.connectTimeoutMs ?? 1000 },
    );
    clients.push(client);
    const told: boolean[] = [];
    client.onConnection(connected => told.push(connected));
    return { engine, client, state, told };
  }

  it('waits for the first connection, and tells each change once', async () => {
    const { client, state, told } = setUp({ refuse: 5 });
    await expect(client.request('settings.get', {})).resolves.toBeDefined();
    expect(state.attempts).toBe(6);
    expect(told).toEqual([false, true]);
  });

  it('fails what was under way, and works again', async () => {
    const { client, engine, state, told } = setUp();
    await client.request('settings.get', {});
    engine.answer('deploy.plan', () => new Promise(() => undefined));
    engine.feed('workloads.watch', async function* () {
      await new Promise(() => undefined);
      yield 1;
    });
    const call = client.request('deploy.plan', { projectId: 'p' }).catch((error: unknown) => error);
    const item = client.stream('workloads.watch', { projectId: 'p' })[Symbol.asyncIterator]().next();
    const failed = item.catch((error: unknown) => error);
    await eventually(() => engine.calls.length === 3, 'both are under way');
    state.far?.close('gone');
    expect(await call).toMatchObject({ code: 'disconnected' });
    expect(await failed).toMatchObject({ code: 'disconnected' });
    await expect(client.request('settings.get', {})).resolves.toBeDefined();
    expect(told).toEqual([true, false, true]);
  });

  it('hears events again without subscribing again', async () => {
    const { client, engine, state } = setUp();
    const seen: unknown[] = [];
    client.on('projects.changed', payload => seen.push(payload));
    await client.request('settings.get', {});
    state.far?.close();
    await eventually(() => engine.listeners() === 0, 'disconnected');
    await client.request('settings.get', {});
    engine.emit('projects.changed', { ids: ['p'] });
    await eventually(() => seen.length === 1, 'the event');
  });

  it('gives up a call that finds no engine in time, or whose signal says so', async () => {
    const { client } = setUp({ refuse: Infinity, connectTimeoutMs: 40 });
    await expect(client.request('settings.get', {})).rejects.toMatchObject({ code: 'disconnected' });
    const signal = AbortSignal.timeout(5);
    await expect(client.request('settings.get', {}, { signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });

  it('does nothing more once it is closed', async () => {
    const { client, engine, state, told } = setUp();
    await client.request('settings.get', {});
    client.close();
    client.close();
    await eventually(() => engine.listeners() === 0, 'disconnected');
    await expect(client.request('settings.get', {})).rejects.toMatchObject({ code: 'disconnected' });
    await new Promise(resolve => setTimeout(resolve, 30));
    expect(state.attempts).toBe(1);
    expect(told).toEqual([true, false]);
  });

  it('closes a connection whose other side does not speak the protocol', async () => {
    let attempts = 0;
    const client = createClient(
      () => {
        attempts++;
        const [near, far] = memoryChannels();
        far.send({ type: 'nonsense' });
        return near;
      },
      { reconnect: null },
    );
    clients.push(client);
    // by the loss itself, not by the time that a connection may take
    await expect(client.request('settings.get', {})).rejects.toMatchObject({
      code: 'disconnected',
      message: 'The connection to the engine was lost.',
    });
    expect(attempts).toBe(1);
  });
});

describe('stream buffer', () => {
  it('gives credit back as items are taken, and holds no more than it gave', async () => {
    const granted: number[] = [];
    const buffer = createStreamBuffer<number>(10, credit => granted.push(credit));
    buffer.push([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const items = buffer.items();
    for (let item = 1; item <= 6; item++) expect((await items.next()).value).toBe(item);
    expect(granted).toEqual([5]);
    buffer.push([11]);
    buffer.end();
    const rest: number[] = [];
    for await (const item of items) rest.push(item);
    expect(rest).toEqual([7, 8, 9, 10, 11]);
  });

  it('drops what was not taken when it is aborted', async () => {
    const buffer = createStreamBuffer<number>(10, () => undefined);
    buffer.push([1, 2]);
    buffer.abort(new Error('enough'));
    buffer.push([3]);
    await expect(buffer.items().next()).rejects.toThrow('enough');
  });
});
