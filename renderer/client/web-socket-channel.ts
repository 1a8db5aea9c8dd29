import type { Channel } from '../../preload/contract/channel.ts';
import { createInbox } from '../../preload/contract/inbox.ts';

/** Opens a WebSocket of the browser; settles when it is open or could not be opened. */
export function openWebSocketChannel(address: string): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address);
    const inbox = createInbox();
    const channel: Channel = {
      send(message) {
        if (!inbox.isClosed()) socket.send(JSON.stringify(message));
      },
      listen: listener => inbox.listen(listener),
      close(reason = 'closed') {
        if (inbox.end(reason)) socket.close(1000, reason.slice(0, 100));
      },
      get backlog() {
        return socket.bufferedAmount;
      },
    };
    socket.addEventListener('open', () => resolve(channel));
    socket.addEventListener('message', ({ data }) => {
      let message: unknown;
      try {
        message = JSON.parse(String(data));
      } catch {
        return channel.close('a message that is not JSON');
      }
      inbox.deliver(message);
    });
    // after `open` the rejection is without effect
    socket.addEventListener('close', ({ reason }) => {
      inbox.end(reason || 'the engine closed the connection');
      reject(new Error('The engine does not answer.'));
    });
  });
}
