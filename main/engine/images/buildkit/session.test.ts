import { connect as connectHttp2 } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeDocker } from '../../docker/testing.ts';
import { PtahError } from '../../errors/index.ts';
import { textEntry } from '../build-context.ts';
import type { SyncEntry } from './file-sync.ts';
import { compareSyncPaths } from './file-sync.ts';
import { decodeMessage, encodeMessage, messagesOf, numberOf, stringOf, bytesOf } from './protobuf-wire.ts';
import { onlyFollowed, openBuildSession } from './session.ts';
import type { BuildSession, SessionContents } from './session.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const item of open.splice(0)) item.close();
});

/** BuildKit's end of a session: a gRPC client over the connection that we opened. */
async function session(
  contents: Partial<SessionContents>,
): Promise<{ session: BuildSession; client: ClientHttp2Session }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const ours = connect(port, '127.0.0.1');
  const [theirs] = await accepted;
  server.close();
  const opened = await openBuildSession(fakeDocker({ upgrade: async () => ours }), {
    context: [],
    dockerfile: [],
    sharedKey: 'k',
    ...contents,
  });
  const client = connectHttp2('http://session', { createConnection: () => theirs });
  client.on('error', () => undefined);
  open.push(opened, { close: () => client.destroy() });
  return { session: opened, client };
}

function frame(message: Buffer): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

async function unary(
  client: ClientHttp2Session,
  path: string,
  message: Buffer,
): Promise<{ status: string; answer: Buffer }> {
  const stream = client.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  let status = '';
  stream.on('trailers', trailers => (status = String(trailers['grpc-status'])));
  stream.end(frame(message));
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return { status, answer: Buffer.concat(chunks).subarray(5) };
}

interface Received {
  readonly stats: { path: string; mode: number; link: string }[];
  readonly files: Map<string, string>;
  readonly status: string;
  readonly message: string;
}

/** The receiving side of DiffCopy: asks for all files, then says FIN. */
async function receive(
  client: ClientHttp2Session,
  metadata: Record<string, string | string[]>,
): Promise<Received> {
  const stream = client.request({
    ':method': 'POST',
    ':path': '/moby.filesync.v1.FileSync/DiffCopy',
    'content-type': 'application/grpc',
    ...metadata,
  });
  let status = '';
  let message = '';
  stream.on('trailers', trailers => {
    status = String(trailers['grpc-status']);
    message = decodeURIComponent(String(trailers['grpc-message'] ?? ''));
  });
  const stats: Received['stats'] = [];
  const files = new Map<string, string>();
  let missing = 0;
  let listed = false;
  let pending = Buffer.alloc(0);
  for await (const chunk of stream) {
    pending = Buffer.concat([pending, chunk as Buffer]);
    while (pending.length >= 5 && pending.length >= 5 + pending.readUInt32BE(1)) {
      const end = 5 + pending.readUInt32BE(1);
      const packet = decodeMessage(pending.subarray(5, end));
      pending = pending.subarray(end);
      const type = numberOf(packet, 1);
      const [stat] = messagesOf(packet, 2);
      if (type === 0 && stat) {
        const mode = numberOf(stat, 2);
        stats.push({ path: stringOf(stat, 1), mode, link: stringOf(stat, 7) });
        if (mode < 2 ** 20) {
          missing += 1;
          stream.write(
            frame(
              encodeMessage([
                [1, 1],
                [3, stats.length - 1],
              ]),
            ),
          );
        }
      } else if (type === 0) {
        listed = true;
      } else if (type === 2) {
        const path = stats[numberOf(packet, 3)]?.path ?? '';
        const data = bytesOf(packet, 4);
        files.set(path, (files.get(path) ?? '') + data.toString('utf8'));
        if (data.length === 0) missing -= 1;
      } else if (type === 3) {
        stream.end();
      }
      if (listed && missing === 0 && type !== 3) {
        listed = false;
        stream.write(frame(encodeMessage([[1, 3]])));
      }
    }
  }
  return { stats, files, status, message };
}

const directory = (path: string): SyncEntry => ({ ...textEntry(path, ''), type: 'directory', mode: 0o755 });
const link = (path: string, target: string): SyncEntry => ({
  ...textEntry(path, ''),
  type: 'symlink',
  mode: 0o777,
  linkTarget: target,
});

describe('a session for BuildKit', () => {
  it('sends the tree that is asked for, and only the files that are asked for', async () => {
    const { client } = await session({
      context: [
        textEntry('a.txt', 'alpha'),
        directory('d'),
        textEntry('d/big', 'b'.repeat(300_000)),
        textEntry('d/ü', ''),
        link('l', 'a.txt'),
      ],
      dockerfile: [textEntry('Dockerfile', 'FROM scratch')],
    });
    const context = await receive(client, { 'dir-name': 'context' });
    expect(context.status).toBe('0');
    expect(context.stats.map(({ path }) => path)).toEqual(['a.txt', 'd', 'd/big', 'd/ü', 'l']);
    expect(context.stats.find(({ path }) => path === 'd')?.mode).toBe(2 ** 31 + 0o755);
    expect(context.stats.find(({ path }) => path === 'l')).toEqual({
      path: 'l',
      mode: 2 ** 27 + 0o777,
      link: 'a.txt',
    });
    expect(context.files.get('a.txt')).toBe('alpha');
    expect(context.files.get('d/big')).toHaveLength(300_000);
    expect(context.files.get('d/ü')).toBe('');
    expect((await receive(client, { 'dir-name': 'dockerfile' })).stats.map(({ path }) => path)).toEqual([
      'Dockerfile',
    ]);
  });

  it('sends only what the Dockerfile follows', async () => {
    const { client } = await session({
      context: [directory('app'), textEntry('app/x, y', '1'), textEntry('other', '2')],
    });
    const one = await receive(client, { 'dir-name': 'context', followpaths: ['app/x, y'] });
    expect(one.stats.map(({ path }) => path)).toEqual(['app', 'app/x, y']);
    const encoded = await receive(client, {
      'dir-name': 'context',
      followpaths: ['app%2Fx%2C+y'],
      'followpaths-encoded': '1',
    });
    expect(encoded.stats.map(({ path }) => path)).toEqual(['app', 'app/x, y']);
  });

  it('ends the call when a file changed, and keeps the reason', async () => {
    const changed: SyncEntry = {
      ...textEntry('a', 'x'),
      // eslint-disable-next-line require-yield
      async *read() {
        throw new PtahError('context-changed', '“a” changed while the image was being built.');
      },
    };
    const { client, session: opened } = await session({ context: [changed] });
    const result = await receive(client, { 'dir-name': 'context' });
    expect(result.status).toBe('2');
    expect(result.message).toContain('“a” changed');
    expect(opened.failure()).toMatchObject({ code: 'context-changed' });
  });

  it('is healthy, gives strangers no credentials, and refuses methods that it does not have', async () => {
    const { client } = await session({});
    const health = await unary(client, '/grpc.health.v1.Health/Check', encodeMessage([]));
    expect([health.status, numberOf(decodeMessage(health.answer), 1)]).toEqual(['0', 1]);
    const credentials = await unary(
      client,
      '/moby.filesync.v1.Auth/Credentials',
      encodeMessage([[1, 'registry.invalid']]),
    );
    expect([credentials.status, credentials.answer.length]).toEqual(['0', 0]);
    expect((await unary(client, '/moby.secrets.v1.Secrets/GetSecret', encodeMessage([]))).status).toBe('12');
  });
});

describe('onlyFollowed', () => {
  const entries = [directory('a'), textEntry('a/b', ''), textEntry('ab', ''), textEntry('c', '')];
  const paths = (followed: readonly string[], tree = entries): string[] =>
    onlyFollowed(tree, followed).map(({ path }) => path);

  it('keeps a path, what is below it and the directories above it', () => {
    expect(paths(['/a/'])).toEqual(['a', 'a/b']);
    expect(paths(['a/b'])).toEqual(['a', 'a/b']);
    expect(paths(['ab', 'c'])).toEqual(['ab', 'c']);
  });

  it('sends all where a pattern, the root or a link is involved', () => {
    for (const followed of [[], ['.'], ['/'], ['*.txt'], ['../x']]) expect(paths(followed)).toHaveLength(4);
    expect(paths(['c'], [...entries, link('l', 'a')])).toHaveLength(5);
    expect(paths(['.dockerignore'], [...entries, link('l', 'a'), textEntry('.dockerignore', '')])).toEqual([
      '.dockerignore',
    ]);
  });
});

describe('compareSyncPaths', () => {
  it('goes through a directory before its younger siblings', () => {
    expect(['a.txt', 'a/b', 'a', 'a-b', 'B', 'a/b/c'].toSorted(compareSyncPaths)).toEqual([
      'B',
      'a',
      'a/b',
      'a/b/c',
      'a-b',
      'a.txt',
    ]);
  });
});
