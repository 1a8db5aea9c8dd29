import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { RawData } from 'ws';
import { pingFrame } from './spdy-frames.ts';

/** A connection that carries frames of SPDY, whatever they are wrapped in. */
export interface FrameSocket {
  readonly open: boolean;
  send(bytes: Uint8Array, done: (error?: Error | null) => void): void;
  /** Asks for a sign of life: bytes, or a pong. */
  ping(): void;
  pause(): void;
  resume(): void;
  /** In order; `terminate` at once. */
  end(): void;
  terminate(): void;
  listen(listener: FrameListener): void;
}

interface FrameListener {
  readonly bytes: (bytes: Buffer) => void;
  readonly pong: () => void;
  /** Once, with what is known of the reason. */
  readonly closed: (reason: string) => void;
}

/** Frames in the messages of a WebSocket that is open. */
export function framesInWebSocket(socket: WebSocket): FrameSocket {
  return {
    get open() {
      return socket.readyState === WebSocket.OPEN;
    },
    send: (bytes, done) => socket.send(bytes, done),
    ping: () => socket.ping(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.close(1000),
    terminate: () => socket.terminate(),
    listen({ bytes, pong, closed }) {
      socket.on('message', (data: RawData) => bytes(bytesOf(data)));
      socket.on('pong', pong);
      socket.once('close', (code, reason) =>
        closed(reason.toString('utf8') || `The connection to the API server ended (${code}).`),
      );
    },
  };
}

/** Frames as they are, on a connection that was upgraded to them. */
export function framesOnSocket(socket: Duplex, head: Uint8Array): FrameSocket {
  let problem = 'The connection to the API server ended.';
  socket.on('error', error => (problem = error.message));
  // read before somebody listened
  if (head.length > 0) socket.unshift(head);
  return {
    get open() {
      return socket.writable && !socket.destroyed;
    },
    send: (bytes, done) => void socket.write(bytes, done),
    // whoever begins the connection has the odd numbers; it comes back as a frame
    ping: () => void socket.write(pingFrame(1)),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    terminate: () => void socket.destroy(),
    listen({ bytes, closed }) {
      socket.on('data', bytes);
      socket.once('close', () => closed(problem));
    },
  };
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
