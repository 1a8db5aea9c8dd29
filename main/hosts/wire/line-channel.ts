import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import type { Channel } from '../../../preload/contract/channel.ts';
import { createInbox } from '../../../preload/contract/inbox.ts';

/** One JSON value per line over a socket. A line that is too long or no JSON closes it: the other side is not ours. */
export function lineChannel(socket: Socket, mostCharacters = 32 * 1024 * 1024): Channel {
  const decoder = new StringDecoder('utf8');
  const inbox = createInbox();
  let parts: string[] = [];
  let length = 0;

  function end(reason: string) {
    inbox.end(reason);
    socket.destroy();
  }
  function deliver(line: string) {
    if (line === '') return;
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      return end('a line that is not JSON');
    }
    inbox.deliver(message);
  }

  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    const lines = decoder.write(chunk).split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) {
      if (inbox.isClosed()) return;
      const whole = parts.length > 0 ? parts.join('') + line : line;
      parts = [];
      length = 0;
      deliver(whole);
    }
    if (rest === '') return;
    parts.push(rest);
    length += rest.length;
    if (length > mostCharacters) end('a line that is too long');
  });
  socket.on('error', error => end(error.message));
  socket.on('close', () => end('the other side closed the connection'));
  return {
    send(message) {
      if (!inbox.isClosed() && socket.writable) socket.write(`${JSON.stringify(message)}\n`);
    },
    listen: listener => inbox.listen(listener),
    close(reason = 'closed') {
      if (!inbox.end(reason)) return;
      // what was written still leaves
      socket.end(() => socket.destroy());
      setTimeout(() => socket.destroy(), 1000).unref();
    },
    get backlog() {
      return socket.writableLength;
    },
  };
}
