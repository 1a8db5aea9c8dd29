import { expect, it } from 'vitest';
import { streams } from '../../../preload/contract/index.ts';
import type { JobEvent } from '../../../preload/contract/index.ts';
import { PtahError } from '../../engine/errors/index.ts';
import { eventually } from './host-under-test.ts';
import type { HostUnderTest } from './host-under-test.ts';

const item = (seq: number, text = 'line'): JobEvent => ({
  seq,
  at: '2026-01-02T03:04:05.000Z',
  event: { type: 'log', step: 'build', text },
});

/** A source that counts: how often it was asked, how many of it run. */
function countingSource(limit = Infinity, text?: string) {
  const count = { pulled: 0, running: 0, aborted: 0 };
  async function* source(_input: unknown, signal: AbortSignal) {
    count.running++;
    signal.addEventListener('abort', () => count.aborted++, { once: true });
    try {
      while (count.pulled < limit && !signal.aborted) {
        // a real source waits for something, too
        if (count.pulled % 10 === 0) await new Promise(resolve => setImmediate(resolve));
        yield item(++count.pulled, text);
      }
    } finally {
      count.running--;
    }
  }
  return { count, source };
}

/** How a stream runs, ends and is held back; part of the contract suite. */
export function describeStreams(host: () => HostUnderTest): void {
  const follow = { jobId: 'job-1', after: 0 };

  it('holds a stream back when the view is slow, and loses nothing', async () => {
    const { engine } = host();
    const client = await host().client();
    const { count, source } = countingSource();
    engine.feed('activity.follow', source);
    const taken: number[] = [];
    const loop = client.stream('activity.follow', follow)[Symbol.asyncIterator]();
    while (taken.length < 10) taken.push(((await loop.next()).value as JobEvent).seq);
    // however long the view rests, no more than its credit is asked for
    await new Promise(resolve => setTimeout(resolve, 150));
    const rested = count.pulled;
    expect(rested).toBeLessThanOrEqual(10 + 256 * 3);
    await new Promise(resolve => setTimeout(resolve, 150));
    expect(count.pulled).toBe(rested);
    while (taken.length < 5000) taken.push(((await loop.next()).value as JobEvent).seq);
    expect(taken).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1));
    await loop.return?.();
    await eventually(() => count.running === 0, 'the source ended');
    client.close();
  });

  it('carries large items whole and in order', async () => {
    const client = await host().client();
    const { source } = countingSource(40, 'ä'.repeat(50_000));
    host().engine.feed('activity.follow', source);
    const lengths: number[] = [];
    for await (const event of client.stream('activity.follow', follow)) {
      if (event.event.type === 'log') lengths.push(event.event.text.length);
    }
    expect(lengths).toEqual(Array.from({ length: 40 }, () => 50_000));
    client.close();
  });

  it('delivers what came before an error, then the error', async () => {
    const client = await host().client();
    host().engine.feed('activity.follow', async function* () {
      yield item(1);
      yield await Promise.resolve(item(2));
      throw new PtahError('unreachable', 'The cluster is gone.', { hint: 'Make it again.' });
    });
    const seen: number[] = [];
    const failed = (async () => {
      for await (const event of client.stream('activity.follow', follow)) seen.push(event.seq);
    })();
    await expect(failed).rejects.toMatchObject({ code: 'unreachable', hint: 'Make it again.' });
    expect(seen).toEqual([1, 2]);
    client.close();
  });

  it('refuses a stream whose input does not fit, and ends one whose item does not', async () => {
    const client = await host().client();
    const wrong = client.stream('activity.follow', { jobId: 'x', after: -1 })[Symbol.asyncIterator]();
    await expect(wrong.next()).rejects.toMatchObject({ code: 'invalid-payload' });
    let left = false;
    host().engine.feed('activity.follow', async function* () {
      try {
        yield await Promise.resolve({ ...item(1), seq: 'one' });
      } finally {
        left = true;
      }
    });
    const broken = client.stream('activity.follow', follow)[Symbol.asyncIterator]();
    await expect(broken.next()).rejects.toMatchObject({ code: 'invalid-answer' });
    await eventually(() => left, 'the source was left');
    client.close();
  });

  it('ends a stream by its signal, also one that waits', async () => {
    const client = await host().client();
    let stopped = 0;
    // eslint-disable-next-line require-yield
    host().engine.feed('workloads.watch', async function* (_input, signal) {
      await new Promise<void>(resolve => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      stopped++;
    });
    const controller = new AbortController();
    const stream = client.stream('workloads.watch', { projectId: 'p-1' }, { signal: controller.signal });
    const waiting = stream[Symbol.asyncIterator]().next();
    const seen = waiting.catch((error: unknown) => error);
    await eventually(() => host().open().streams > 0, 'the stream is open');
    controller.abort();
    expect(await seen).toMatchObject({ name: 'AbortError' });
    await eventually(() => stopped === 1 && host().open().streams === 0, 'the engine was told');
    client.close();
  });

  it('leaks nothing in 10,000 subscriptions', async () => {
    const { engine } = host();
    const client = await host().client();
    await client.request('settings.get', {});
    const listeners = host().listeners();
    const { count, source } = countingSource();
    engine.feed('activity.follow', source);
    for (let round = 0; round < 100; round++) {
      const stops = Array.from({ length: 100 }, () => client.on('activity.changed', () => undefined));
      await Promise.all(
        Array.from({ length: 100 }, async () => {
          for await (const event of client.stream('activity.follow', follow)) if (event.seq > 0) break;
        }),
      );
      stops.forEach(stop => stop());
    }
    await eventually(() => count.running === 0 && host().open().streams === 0, 'all sources ended');
    expect(count.aborted).toBe(10_000);
    // fewer where an earlier window was just closing
    expect(host().listeners()).toBeLessThanOrEqual(listeners);
    client.close();
  }, 60_000);

  it('stops everything of a window that goes away, and nothing of the others', async () => {
    const { engine } = host();
    const [gone, stays] = [await host().client(), await host().client()];
    await Promise.all([gone.request('settings.get', {}), stays.request('settings.get', {})]);
    const listeners = host().listeners();
    const { count, source } = countingSource();
    engine.feed('activity.follow', source);
    let aborted = 0;
    engine.answer('deploy.plan', (_input, signal) => {
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          aborted++;
          reject(signal.reason as Error);
        });
      });
    });
    const call = gone.request('deploy.plan', { projectId: 'p-1' }).catch((error: unknown) => error);
    const first = gone.stream('activity.follow', follow)[Symbol.asyncIterator]();
    const second = stays.stream('activity.follow', follow)[Symbol.asyncIterator]();
    await Promise.all([first.next(), second.next()]);
    await eventually(() => host().open().requests > 0, 'the call is under way');
    gone.close();
    expect(await call).toMatchObject({ code: 'disconnected' });
    await eventually(() => aborted === 1 && count.running === 1, 'what was its own has stopped');
    await eventually(() => host().listeners() < listeners, 'its listeners are gone');
    expect((await second.next()).done).toBe(false);
    await second.return?.();
    engine.answer('deploy.plan', () => null);
    stays.close();
    await eventually(() => count.running === 0, 'the rest has stopped');
  });

  it('has a sample of every stream', () => {
    for (const definition of Object.values(streams)) {
      expect(definition.item.safeParse(definition.sample.item).success).toBe(true);
    }
  });
}
