import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../manifests/index.ts';
import { startFakeApi } from './testing.ts';
import type { FakeApi } from './testing.ts';
import type { WatchEvent } from './types.ts';
import { lines } from './watch.ts';

const configMap = (name: string, data: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop' },
  data,
});
const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name });

let api: FakeApi;
let stop: AbortController;

beforeEach(async () => {
  api = await startFakeApi();
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await api.close();
});

async function start(limits = {}): Promise<{ next(): Promise<WatchEvent>; listening(): Promise<void> }> {
  const cluster = await api.cluster({ firstRetryMs: 5, maxRetryMs: 20, ...limits });
  const stream = cluster.watch({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop' }, stop.signal);
  const events = stream[Symbol.asyncIterator]();
  const waiting: Promise<IteratorResult<WatchEvent>>[] = [];
  return {
    async next() {
      const { value } = (await (waiting.shift() ?? events.next())) as { value: WatchEvent };
      return value;
    },
    // The stream opens only once somebody asks for the next event.
    async listening() {
      waiting.push(events.next());
      while (api.openWatches() === 0) await new Promise(resolve => setTimeout(resolve, 5));
    },
  };
}

const names = (event: WatchEvent): string[] =>
  event.type === 'list'
    ? event.objects.map(({ metadata }) => metadata.name)
    : 'object' in event
      ? [event.object.metadata.name]
      : [];

describe('list and watch', () => {
  test('the list first, then what changes', async () => {
    api.put(configMap('a'));
    const watch = await start();
    const first = await watch.next();
    expect(first).toMatchObject({
      type: 'list',
      objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }],
    });
    await watch.listening();
    api.put(configMap('b'));
    expect(await watch.next()).toMatchObject({ type: 'added', object: { metadata: { name: 'b' } } });
    api.put(configMap('b', { x: '1' }));
    expect(await watch.next()).toMatchObject({ type: 'modified', object: { data: { x: '1' } } });
    api.remove(ref('a'));
    expect(await watch.next()).toMatchObject({ type: 'deleted', object: { metadata: { name: 'a' } } });
  });

  test('an orderly end is resumed where it stopped: no second list, nothing twice', async () => {
    const watch = await start();
    await watch.next();
    await watch.listening();
    api.put(configMap('a'));
    await watch.next();
    api.endWatches();
    api.put(configMap('b'));
    expect(names(await watch.next())).toEqual(['b']);
    expect(
      api.requests.filter(line => line.includes('configmaps') && !line.includes('watch=1')),
    ).toHaveLength(1);
  });

  test('a broken connection is told, and the whole list follows', async () => {
    const watch = await start();
    await watch.next();
    await watch.listening();
    api.dropWatches();
    api.put(configMap('meanwhile'));
    expect(await watch.next()).toMatchObject({ type: 'disconnected', retryMs: expect.any(Number) });
    expect(await watch.next()).toMatchObject({
      type: 'list',
      objects: [{ metadata: { name: 'meanwhile' } }],
    });
  });

  test('a resource version that is too old leads to a new list at once', async () => {
    const watch = await start();
    await watch.next();
    api.expireNextWatch();
    api.put(configMap('late'));
    expect(await watch.next()).toMatchObject({ type: 'list', objects: [{ metadata: { name: 'late' } }] });
  });

  test('silence counts as a broken connection', async () => {
    const watch = await start({ silenceMs: 150 });
    await watch.next();
    await watch.listening();
    api.muteWatches();
    api.put(configMap('unheard'));
    expect(await watch.next()).toMatchObject({
      type: 'disconnected',
      reason: expect.stringContaining('silent'),
    });
    expect(names(await watch.next())).toEqual(['unheard']);
  });

  test('a list that is refused is told and tried again', async () => {
    api.failNext('GET /api/v1/namespaces/shop/configmaps', 403, {
      reason: 'Forbidden',
      message: 'configmaps is forbidden: User "dev" cannot list',
    });
    const watch = await start();
    expect(await watch.next()).toMatchObject({
      type: 'disconnected',
      reason: expect.stringContaining('Not allowed to list configmaps in namespace shop'),
    });
    expect(await watch.next()).toMatchObject({ type: 'list' });
  });

  test('a line that is no JSON is a broken connection, not a crash', async () => {
    const watch = await start();
    await watch.next();
    await watch.listening();
    api.sendRaw(Buffer.from('{"type":"ADDED","obj\n'));
    expect(await watch.next()).toMatchObject({
      type: 'disconnected',
      reason: expect.stringContaining('no JSON'),
    });
    expect(await watch.next()).toMatchObject({ type: 'list' });
  });

  test('a character cut in two by a chunk arrives whole', async () => {
    const watch = await start();
    await watch.next();
    await watch.listening();
    const bytes = Buffer.from(
      `${JSON.stringify({ type: 'ADDED', object: configMap('ü', { text: '€ 𝄞' }) })}\n`,
    );
    const at = bytes.indexOf(0xe2) + 1;
    api.sendRaw(bytes.subarray(0, at));
    await new Promise(resolve => setTimeout(resolve, 20));
    api.sendRaw(bytes.subarray(at));
    expect(await watch.next()).toMatchObject({ type: 'added', object: { data: { text: '€ 𝄞' } } });
  });

  test('the signal ends it and closes the connection', async () => {
    const watch = await start();
    await watch.next();
    await watch.listening();
    stop.abort();
    expect(await watch.next()).toBeUndefined();
    await expect.poll(() => api.openWatches()).toBe(0);
  });

  test('many reconnects ask no more often than the backoff allows', async () => {
    const watch = await start({ firstRetryMs: 50, maxRetryMs: 100 });
    await watch.next();
    for (let i = 0; i < 5; i++) {
      await watch.listening();
      const before = api.requests.length;
      api.dropWatches();
      await watch.next();
      await watch.next();
      expect(api.requests.length - before).toBeLessThanOrEqual(2);
    }
  });
});

test('lines: any cut gives the same lines, and a last half line is left out', async () => {
  const bytes = Buffer.from('{"a":"ä"}\n\n{"b":"𝄞"}\nhalf');
  for (let size = 1; size <= bytes.length; size++) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    const found: string[] = [];
    for await (const line of lines(Readable.from(chunks))) found.push(line);
    expect(found).toEqual(['{"a":"ä"}', '{"b":"𝄞"}']);
  }
});
