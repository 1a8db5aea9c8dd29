import { describe, expect, it } from 'vitest';
import { fakeNode, type FakeNode } from './fake-node.ts';
import { FloodWatch } from './flood-watch.ts';
import { followContainer } from './follow-container.ts';
import { followFiles } from './follow-files.ts';
import { NodeLogFiles } from './node-log-files.ts';
import { seeded } from './testing.ts';
import { formatMoment } from './timestamp.ts';

const place = { namespace: 'default', pod: 'api-0', container: 'api' };
const baseSecond = 1_767_323_045;
const tick = () => new Promise(resolve => setTimeout(resolve, 1));

function start(node: FakeNode, last = 0, settleMs = 5) {
  const lines: string[] = [];
  const controller = new AbortController();
  const state = { running: true };
  const done = followFiles({
    files: new NodeLogFiles(node.cluster, place, controller.signal),
    last: { seconds: baseSecond + Math.floor(last / 1e9), nanos: last % 1e9 },
    from: baseSecond + Math.floor(last / 1e9),
    take: ({ bytes, start: from, end }) => lines.push(bytes.toString('utf8', from, end)),
    drained: () => null,
    running: () => state.running,
    changed: ms => new Promise(resolve => setTimeout(resolve, ms)),
    signal: controller.signal,
    pollMs: 1,
    settleMs,
    quietMs: 60_000,
  });
  return { lines, done, state, stop: () => controller.abort() };
}

describe('a log that is followed in the files of the node', () => {
  it.each([1, 2, 3, 4])(
    'loses and doubles nothing over rotations, cut lines and late ones (seed %i)',
    async seed => {
      const random = seeded(seed);
      const node = fakeNode(baseSecond);
      node.write('first', 0);
      const reading = start(node);
      const written = ['first'];
      let at = 1_000_000_000;
      for (let rotation = 0; rotation < 12; rotation++) {
        for (let index = 0; index < 300; index++) {
          const text = `${rotation}.${index} ${'ß€😀'.repeat(Math.floor(random() * 8))}`;
          at += 1_000 + Math.floor(random() * 20_000_000);
          if (random() < 0.05) {
            // a line too long for one record
            node.cut('long ', at);
            node.cut('and longer ', at + 10);
            node.write(text, at + 20);
            written.push(`long and longer ${text}`);
          } else {
            node.write(text, at);
            written.push(text);
          }
          if (index % 50 === 0) await tick();
        }
        const isCut = random() < 0.5;
        at += 1_000;
        node.rename();
        // what the runtime has in hand when it is told of the new file is still for the old one
        if (random() < 0.5) {
          await tick();
          node.write(`under the new name ${rotation}`, at);
          written.push(`under the new name ${rotation}`);
          await new Promise(resolve => setTimeout(resolve, 20));
          at += 1_000;
          node.write(`still ${rotation}`, at);
          written.push(`still ${rotation}`);
          at += 1_000;
        }
        node.reopen();
        if (random() < 0.5) {
          node.writeLate(`late ${rotation}`, at);
          written.push(`late ${rotation}`);
        } else if (isCut) {
          node.rename();
          node.reopen();
          node.cut('cut ', at);
          node.rename();
          node.reopen();
          node.write('line', at + 500);
          written.push('cut line');
        }
        // an empty file
        if (random() < 0.5) await new Promise(resolve => setTimeout(resolve, 30));
        node.tidy(8);
        // so far behind as a reader is that is asked once in a while
        await expect.poll(() => reading.lines.length, { timeout: 30_000 }).toBeGreaterThan(rotation * 300);
      }
      await expect
        .poll(() => reading.lines.length, { timeout: 30_000 })
        .toBeGreaterThanOrEqual(written.length);
      reading.state.running = false;
      await reading.done;
      expect(reading.lines).toEqual(written);
    },
  );

  it('begins at the second of the last line, wherever that stands', async () => {
    const node = fakeNode(baseSecond);
    for (let index = 0; index < 20_000; index++) node.write(`${index} ${'x'.repeat(40)}`, index * 10_000_000);
    node.rename();
    node.reopen();
    for (let index = 20_000; index < 20_100; index++) node.write(String(index), index * 10_000_000);
    const reading = start(node, 150 * 1e9 + 5);
    await expect.poll(() => reading.lines.at(-1), { timeout: 30_000 }).toBe('20099');
    reading.state.running = false;
    await reading.done;
    expect(reading.lines[0]).toMatch(/^15000 /);
    expect(reading.lines).toHaveLength(5_100);
  });

  it('says so when the place is gone, when it may not be read, and when it is no log of a runtime', async () => {
    const node = fakeNode(baseSecond);
    node.write('young', 5e9);
    await expect(start(node, 1e9).done).rejects.toMatchObject({ code: 'not-found' });
    node.refuse(403, 1);
    await expect(start(node, 6e9).done).rejects.toMatchObject({ code: 'forbidden' });
    const other = fakeNode(baseSecond);
    other.rename();
    await expect(start(other, 6e9).done).rejects.toMatchObject({ code: 'not-found' });
  });
});

it('knows a flood by what comes in two seconds on end', () => {
  const watch = new FloodWatch(1_000);
  const seen = [0, 500, 1_000, 1_500, 2_000, 2_500].map(ms => watch.arrived(600, ms));
  expect(seen).toEqual([false, false, false, false, true, true]);
  expect(watch.arrived(10, 3_500)).toBe(false);
});

it(
  'goes over to the files in a flood, and back to the stream where they are refused, every line once',
  { timeout: 60_000 },
  async () => {
    const node = fakeNode(baseSecond);
    const written: string[] = [];
    let at = 0;
    const write = (): void => {
      const text = `line ${written.length}`;
      at += 1_000_000;
      node.write(text, at);
      written.push(text);
    };
    const streams: string[] = [];
    const lines: string[] = [];
    const controller = new AbortController();
    const facts = { containerId: 'c', restarts: 0, running: true, status: 'Running', gone: false };
    const done = followContainer({
      cluster: {
        async fetch(path, init) {
          if (!path.includes('/log?')) return node.cluster.fetch(path, init);
          if (!path.includes('follow=true')) return new Response('');
          streams.push(path);
          // a follower that gives a few lines at a time, and is behind for good
          const search = new URL(path, 'http://fake').searchParams;
          const since = Date.parse(search.get('sinceTime') ?? '1970-01-01') / 1000 - baseSecond;
          let index = Math.max(0, Math.ceil(since * 1000) - 1);
          return new Response(
            new ReadableStream<Uint8Array>({
              async pull(stream) {
                await tick();
                if (init?.signal?.aborted) return stream.error(init.signal.reason);
                const few = written.slice(index, index + 20).map((text, nth) => {
                  const nanos = (index + nth + 1) * 1_000_000;
                  const seconds = Math.floor(nanos / 1e9);
                  return `${formatMoment(baseSecond + seconds, nanos - seconds * 1e9)} ${text}\n`;
                });
                index += few.length;
                stream.enqueue(Buffer.from(few.join('')));
              },
            }),
          );
        },
      },
      place,
      tail: null,
      sinceSeconds: null,
      facts: () => facts,
      changed: () => new Promise(resolve => setTimeout(resolve, 1)),
      onLine: ({ bytes, start: from, end }) => lines.push(bytes.toString('utf8', from, end)),
      onState: () => {},
      signal: controller.signal,
      retryMs: 1,
      floodBytes: 1_000,
    });
    const until = Date.now() + 40_000;
    while (!node.requests.some(path => path.endsWith('/0.log')) && Date.now() < until) {
      for (let index = 0; index < 50; index++) write();
      await tick();
    }
    for (let rotation = 0; rotation < 3; rotation++) {
      for (let index = 0; index < 500; index++) write();
      node.rename();
      await tick();
      node.reopen();
    }
    for (let index = 0; index < 500; index++) write();
    await expect.poll(() => lines.length, { timeout: 30_000 }).toBe(written.length);
    expect(streams).toHaveLength(1);
    node.refuse(500, 1);
    await expect.poll(() => streams.length, { timeout: 30_000 }).toBe(2);
    for (let index = 0; index < 500; index++) write();
    await expect.poll(() => lines.length, { timeout: 30_000 }).toBe(written.length);
    controller.abort();
    await done;
    expect(lines).toEqual(written);
  },
);
