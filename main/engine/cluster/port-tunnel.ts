import { Duplex } from 'node:stream';
import { PtahError } from '../errors/index.ts';
import type { FrameSocket } from './frame-socket.ts';
import { createFrameReader, createStreamOpener, dataFrame, pingFrame, resetFrame } from './spdy-frames.ts';
import type { SpdyFrame } from './spdy-frames.ts';
import type { PodPort, PortTunnel } from './types.ts';

const errorStream = 1;
const dataStream = 3;
const cancelStatus = 5;
const pingEveryMs = 15_000;
/** How much of one write goes into a frame; the kubelet uses as much. */
const largestFrame = 32 * 1024;
/** How long a pod that sent its last byte is waited for to say why. */
const reasonGraceMs = 1000;

/** A way to one pod, open and idle: it takes one connection to one of the pod's ports. */
export function tunnelOver(socket: FrameSocket, { namespace, name }: PodPort): PortTunnel {
  const read = createFrameReader();
  const open = createStreamOpener();
  let connection: Duplex | null = null;
  let port = 0;
  let held = false;
  let why: string | null = null;
  let refusal = '';
  let reasonOver = false;
  let dataOver = false;
  let answered = true;
  let closing = false;

  const over = Promise.withResolvers<string>();
  socket.listen({
    bytes(bytes) {
      answered = true;
      for (const frame of read(bytes)) handle(frame);
    },
    pong: () => (answered = true),
    closed(reason) {
      clearInterval(pings);
      const said = why ?? reason;
      if (connection && !dataOver) connection.destroy(lost(said));
      over.resolve(said);
    },
  });
  const pings = setInterval(() => {
    // nothing is read while the reader is slow, no pong either
    if (held) return;
    if (!answered) {
      why = `The API server did not answer for ${pingEveryMs / 1000} s.`;
      socket.terminate();
      return;
    }
    answered = false;
    if (socket.open) socket.ping();
  }, pingEveryMs);
  pings.unref();

  function handle(frame: SpdyFrame): void {
    // odd numbers are ours, coming back
    if (frame.type === 'ping') {
      if (frame.id % 2 === 0) send(pingFrame(frame.id));
    } else if (frame.type === 'reset' && frame.stream === dataStream) fail('The pod reset the connection.');
    else if (frame.type === 'go-away') why ??= 'The API server ended the connection.';
    else if (frame.type === 'data' && frame.stream === errorStream) {
      refusal += frame.bytes.toString('utf8');
      if (frame.fin) {
        reasonOver = true;
        if (refusal !== '') fail(refusal);
        else if (dataOver) finish();
      }
    } else if (frame.type === 'data' && frame.stream === dataStream) {
      if (frame.bytes.length > 0 && connection && !connection.destroyed && !connection.push(frame.bytes)) {
        held = true;
        socket.pause();
      }
      if (frame.fin) {
        dataOver = true;
        // what went wrong is told on the other stream, after the last byte
        if (reasonOver) finish();
        else setTimeout(finish, reasonGraceMs).unref();
      }
    }
  }

  function finish(): void {
    if (connection && !connection.destroyed && !connection.readableEnded) connection.push(null);
  }

  function fail(message: string): void {
    dataOver = true;
    connection?.destroy(refused(message, port, { namespace, name }));
  }

  function send(bytes: Uint8Array, done?: (error?: Error) => void): void {
    if (!socket.open) return done?.(lost(why ?? 'The connection is closed.'));
    socket.send(bytes, error => done?.(error ? lost(error.message) : undefined));
  }

  function sendAll(chunk: Buffer, done: (error?: Error) => void): void {
    if (chunk.length <= largestFrame) return send(dataFrame(dataStream, chunk), done);
    send(dataFrame(dataStream, chunk.subarray(0, largestFrame)), error => {
      if (error) done(error);
      else sendAll(chunk.subarray(largestFrame), done);
    });
  }

  function close(): void {
    if (closing || !socket.open) return;
    closing = true;
    why ??= 'Closed by us.';
    socket.resume();
    socket.end();
    setTimeout(() => socket.terminate(), 1000).unref();
  }

  return {
    pod: { namespace, name },
    closed: over.promise,
    get live() {
      return socket.open && !closing;
    },
    close,
    connect(to) {
      if (connection) throw new PtahError('tunnel-taken', 'A tunnel carries one connection.');
      port = to;
      const headers = { port: String(to), requestid: '0' };
      connection = new Duplex({
        allowHalfOpen: true,
        highWaterMark: 256 * 1024,
        read() {
          if (!held) return;
          held = false;
          socket.resume();
        },
        write: (chunk: Buffer, _encoding, done) => sendAll(chunk, done),
        final: done => send(dataFrame(dataStream, Buffer.alloc(0), true), () => done()),
        destroy(error, done) {
          held = false;
          if (!dataOver) send(resetFrame(dataStream, cancelStatus));
          close();
          done(error);
        },
      });
      send(open(errorStream, { streamtype: 'error', ...headers }));
      // nothing is ever said to it
      send(dataFrame(errorStream, Buffer.alloc(0), true));
      send(open(dataStream, { streamtype: 'data', ...headers }));
      if (!this.live) connection.destroy(lost(why ?? 'The connection is closed.'));
      return connection;
    },
  };
}

/** What the container runtime says where it finds nobody at the port, in its own words and in ours. */
function refused(message: string, port: number, { namespace, name }: PodPort): PtahError {
  const details = { output: message.trim().split('\n').slice(-20) };
  if (/connection refused/i.test(message))
    return new PtahError('port-refused', `Nothing listens on port ${port} in pod ${name}.`, {
      hint: 'The program may still be starting, or listen on another port.',
      details,
    });
  return new PtahError(
    'port-failed',
    `The connection to port ${port} of pod ${name} in namespace ${namespace} ended: ${message.trim()}`,
    { details },
  );
}

const lost = (message: string) => new PtahError('unreachable', message);
