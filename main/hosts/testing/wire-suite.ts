import { expect, it } from 'vitest';
import type { Channel } from '../../../preload/contract/channel.ts';
import type { ServerMessage } from '../../../preload/contract/index.ts';
import { eventually } from './host-under-test.ts';
import type { HostUnderTest } from './host-under-test.ts';

function listenTo(channel: Channel) {
  const seen: ServerMessage[] = [];
  let closed: string | null = null;
  channel.listen({
    message: message => seen.push(message as ServerMessage),
    close: reason => {
      closed = reason;
    },
  });
  return {
    seen,
    answersTo: (id: number) => seen.filter(message => 'id' in message && message.id === id),
    closed: () => closed,
  };
}

/** What a connection does with messages that no client of ours sends; part of the contract suite. */
export function describeWire(host: () => HostUnderTest): void {
  const input = { jobId: 'job-1', after: 0 };

  it('refuses a message with wrong parts under its number', async () => {
    const channel = await host().raw();
    const { answersTo } = listenTo(channel);
    channel.send({ type: 'open', id: 7, stream: 'activity.follow', input, credit: 1_000_000 });
    channel.send({ type: 'open', id: 8, stream: 'activity.follow', input, credit: 0 });
    channel.send({ type: 'credit', id: 9, credit: -1 });
    for (const id of [7, 8, 9]) {
      await eventually(() => answersTo(id).length === 1, `an answer to ${id}`);
      expect(answersTo(id)[0]).toMatchObject({ type: 'error', error: { code: 'invalid-message' } });
    }
    channel.close();
  });

  it('does not let a number be used twice, and ignores credit and close for nothing', async () => {
    const channel = await host().raw();
    const { answersTo, closed } = listenTo(channel);
    let opened = 0;
    host().engine.feed('activity.follow', async function* (_input, signal) {
      opened++;
      await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()));
      yield* [];
    });
    channel.send({ type: 'credit', id: 99, credit: 5 });
    channel.send({ type: 'close', id: 99 });
    channel.send({ type: 'open', id: 1, stream: 'activity.follow', input, credit: 5 });
    channel.send({ type: 'open', id: 1, stream: 'activity.follow', input, credit: 5 });
    await eventually(() => answersTo(1).length === 1, 'the second is refused');
    expect(answersTo(1)[0]).toMatchObject({ type: 'error', error: { code: 'id-in-use' } });
    expect(opened).toBe(1);
    expect(closed()).toBeNull();
    channel.close();
    await eventually(() => host().open().streams === 0, 'the stream ended with its window');
  });

  it('bounds the streams of one window', async () => {
    const channel = await host().raw();
    const { seen } = listenTo(channel);
    host().engine.feed('activity.follow', async function* (_input, signal) {
      await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()));
      yield* [];
    });
    for (let id = 1; id <= 130; id++) {
      channel.send({ type: 'open', id, stream: 'activity.follow', input, credit: 5 });
    }
    const refused = () =>
      seen.filter(message => message.type === 'error' && message.error.code === 'too-many-streams');
    await eventually(() => refused().length === 2, '2 of 130 are refused');
    channel.close();
    await eventually(() => host().open().streams === 0, 'all streams ended with their window');
  });

  it('sends one batch for items that are there together', async () => {
    const channel = await host().raw();
    const { answersTo } = listenTo(channel);
    host().engine.feed('activity.follow', async function* () {
      for (let seq = 1; seq <= 100; seq++) {
        yield { seq, at: 'now', event: { type: 'log', step: 'build', text: 'x' } };
      }
      await Promise.resolve();
    });
    channel.send({ type: 'open', id: 1, stream: 'activity.follow', input, credit: 1000 });
    await eventually(() => answersTo(1).some(message => message.type === 'end'), 'the end');
    const batches = answersTo(1).filter(message => message.type === 'items');
    expect(batches.flatMap(message => message.items).length).toBe(100);
    expect(batches.length).toBeLessThanOrEqual(10);
    channel.close();
  });

  it('closes a connection that does not speak the protocol', async () => {
    for (const wrong of ['text', { type: 'event' }, [], { id: 'x' }, null, 7]) {
      const channel = await host().raw();
      const { closed } = listenTo(channel);
      channel.send(wrong);
      await eventually(() => closed() !== null, `closed after ${JSON.stringify(wrong)}`);
    }
    const client = await host().client();
    await expect(client.request('settings.get', {})).resolves.toBeDefined();
    client.close();
  });
}
