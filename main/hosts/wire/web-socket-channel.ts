import type { RawData, WebSocket } from 'ws';
import type { Channel } from '../../../preload/contract/channel.ts';
import { createInbox } from '../../../preload/contract/inbox.ts';

/** A WebSocket of the server side. The size of a message is bounded by the server's `maxPayload`. */
export function webSocketChannel(socket: WebSocket): Channel {
  const inbox = createInbox();

  function close(code: number, reason: string) {
    if (!inbox.end(reason)) return;
    socket.close(code, reason.slice(0, 100));
    setTimeout(() => socket.terminate(), 1000).unref();
  }
  socket.on('message', (data, isBinary) => {
    let message: unknown;
    try {
      if (isBinary) throw new TypeError('binary');
      message = JSON.parse(textOf(data));
    } catch {
      return close(1007, 'a message that is not JSON');
    }
    inbox.deliver(message);
  });
  socket.on('error', error => inbox.end(error.message));
  socket.on('close', (_code, reason) =>
    inbox.end(reason.toString() || 'the other side closed the connection'),
  );
  return {
    send(message) {
      if (!inbox.isClosed()) socket.send(JSON.stringify(message));
    },
    listen: listener => inbox.listen(listener),
    close: (reason = 'closed') => close(1000, reason),
    get backlog() {
      return socket.bufferedAmount;
    },
  };
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8');
}
