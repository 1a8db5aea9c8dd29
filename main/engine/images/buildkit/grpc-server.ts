import { once } from 'node:events';
import { constants, performServerHandshake } from 'node:http2';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';

/** One call of a method, streaming in both directions; a unary one reads one message and sends one. */
export interface GrpcCall {
  /** All values sent for a key: repeated keys are not joined, as a path may hold a comma. */
  metadata(key: string): readonly string[];
  readonly messages: AsyncIterable<Buffer>;
  /** Resolves when the peer's window has taken the messages. */
  send(...messages: readonly Uint8Array[]): Promise<void>;
}

export type GrpcHandler = (call: GrpcCall) => Promise<void>;

export interface GrpcServer {
  close(): void;
}

const status = { ok: 0, unknown: 2, unimplemented: 12 } as const;

/**
 * Serves gRPC (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md) on a connection that is open already, with the
 * roles turned round: BuildKit, whom we called, calls us.
 */
export function serveGrpc(socket: Duplex, handlers: Readonly<Record<string, GrpcHandler>>): GrpcServer {
  const session: ServerHttp2Session = performServerHandshake(socket, {
    settings: { initialWindowSize: 1 << 20 },
  });
  session.on('stream', (stream, headers, _flags, rawHeaders: readonly string[] | undefined) => {
    stream.on('error', () => undefined);
    const path = String(headers[constants.HTTP2_HEADER_PATH]);
    void answer(stream, handlers[path], rawHeaders ?? []);
  });
  // The end of the session is the end of the build, which tells its own story.
  session.on('error', () => undefined);
  socket.on('error', () => undefined);
  return {
    close() {
      session.destroy();
      socket.destroy();
    },
  };
}

async function answer(
  stream: ServerHttp2Stream,
  handler: GrpcHandler | undefined,
  rawHeaders: readonly string[],
): Promise<void> {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  let trailers: Record<string, string> = { 'grpc-status': String(status.ok) };
  stream.on('wantTrailers', () => {
    if (!stream.destroyed) stream.sendTrailers(trailers);
  });
  try {
    if (handler) {
      await handler({
        metadata: key => metadataValues(rawHeaders, key),
        messages: readMessages(stream),
        send: (...messages) => sendMessages(stream, messages),
      });
    } else {
      trailers = { 'grpc-status': String(status.unimplemented), 'grpc-message': 'unimplemented' };
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    trailers = { 'grpc-status': String(status.unknown), 'grpc-message': encodeURIComponent(message) };
  }
  if (stream.destroyed) return;
  // Input that nobody read would keep the stream open for ever.
  stream.resume();
  stream.end();
}

/** BuildKit percent-encodes values that are not ASCII and says so under `KEY-encoded`. */
function metadataValues(rawHeaders: readonly string[], key: string): readonly string[] {
  const values = (name: string): string[] =>
    rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1] === name);
  const encoded = values(`${key}-encoded`).includes('1');
  return encoded ? values(key).map(value => decodeURIComponent(value.replaceAll('+', ' '))) : values(key);
}

async function* readMessages(stream: ServerHttp2Stream): AsyncGenerator<Buffer> {
  let pending: Buffer = Buffer.alloc(0);
  // Who stops reading has not ended the call: the answer is still to be sent.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= 5) {
      const end = 5 + pending.readUInt32BE(1);
      if (pending.length < end) break;
      yield pending.subarray(5, end);
      pending = pending.subarray(end);
    }
  }
}

async function sendMessages(stream: ServerHttp2Stream, messages: readonly Uint8Array[]): Promise<void> {
  if (stream.destroyed) throw new Error('The call was ended by the peer.');
  const framed = messages.flatMap(message => {
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    return [prefix, message];
  });
  if (stream.write(Buffer.concat(framed))) return;
  const closed = new AbortController();
  const stop = (): void => closed.abort();
  stream.once('close', stop);
  try {
    await once(stream, 'drain', { signal: closed.signal });
  } catch {
    throw new Error('The call was ended by the peer.');
  } finally {
    stream.off('close', stop);
  }
}
