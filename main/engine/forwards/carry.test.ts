import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { PtahError } from '../errors/index.ts';
import { carry } from './carry.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A client and what a forward accepts from it. */
async function pair(): Promise<{ client: Socket; accepted: Socket }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const accepting = once(server, 'connection') as Promise<[Socket]>;
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => undefined);
  return { client, accepted: (await accepting)[0] };
}

interface Pod {
  readonly stream: Duplex;
  readonly got: Buffer[];
  ended: boolean;
}

function pod(onWrite: (pod: Pod, chunk: Buffer) => void = () => undefined): Pod {
  const made: Pod = {
    got: [],
    ended: false,
    stream: new Duplex({
      allowHalfOpen: true,
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        made.got.push(chunk);
        onWrite(made, chunk);
        done();
      },
      final(done) {
        made.ended = true;
        done();
      },
    }),
  };
  return made;
}

async function all(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

test('the end of the client is kept from the pod until the answer is there', async () => {
  const { client, accepted } = await pair();
  const server = pod();
  const carried = carry(accepted, server.stream);
  client.end('question');
  await expect.poll(() => Buffer.concat(server.got).toString()).toBe('question');
  await new Promise(resolve => setTimeout(resolve, 100));
  expect(server.ended).toBe(false);
  server.stream.push('answer');
  server.stream.push(null);
  expect(await all(client)).toBe('answer');
  expect(await carried).toMatchObject({ outcome: 'ended' });
});

test('a client that has its answer and goes does not hold the pod', async () => {
  const { client, accepted } = await pair();
  const server = pod(({ stream }) => stream.push('answer'));
  void carry(accepted, server.stream, { limits: { answeredMs: 50 } });
  client.write('question');
  await once(client, 'data');
  client.destroy();
  await expect.poll(() => server.ended).toBe(true);
});

test('after a long silence the pod hears of the end all the same', async () => {
  const { client, accepted } = await pair();
  const server = pod();
  void carry(accepted, server.stream, { limits: { silenceMs: 50 } });
  client.end('logged');
  await expect.poll(() => server.ended).toBe(true);
});

test('what a port refused is sent to the next pod, once and whole', async () => {
  const { client, accepted } = await pair();
  const first = pod(({ stream }) => stream.destroy(new PtahError('port-refused', 'Nothing listens.')));
  client.write('question');
  const refused = await carry(accepted, first.stream);
  expect(refused).toMatchObject({ outcome: 'refused', halfClosed: false });
  const second = pod();
  void carry(accepted, second.stream, { first: refused.kept });
  client.write(' and more');
  await expect.poll(() => Buffer.concat(second.got).toString()).toBe('question and more');
  client.destroy();
});

test('a way that breaks after an answer began is broken for the client, too', async () => {
  const { client, accepted } = await pair();
  const server = pod(({ stream }) => {
    stream.push('half of');
    setTimeout(() => stream.destroy(new PtahError('port-refused', 'late')), 20);
  });
  const carried = carry(accepted, server.stream);
  const failed = once(client, 'error').catch(() => undefined);
  const closed = new Promise(resolve => client.once('close', resolve));
  client.write('question');
  client.resume();
  expect(await carried).toMatchObject({ outcome: 'broken' });
  await closed;
  client.destroy();
  void failed;
});
