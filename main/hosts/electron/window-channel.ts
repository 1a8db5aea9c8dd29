import type { MessagePortMain } from 'electron';
import type { Channel } from '../../../preload/contract/channel.ts';
import { createInbox } from '../../../preload/contract/inbox.ts';
import { approximateSize } from '../wire/index.ts';

const mostBytes = 8 * 1024 * 1024;

export interface WindowChannel extends Channel {
  /** A request that came by `invoke`; settles with the message that answers it. */
  invoke(message: unknown): Promise<unknown>;
}

const failure = (id: number, code: string, message: string) => ({
  type: 'error',
  id,
  error: { code, message, cause: [], hint: null, details: {} },
});

/**
 * A window's two ways as one channel. Requests are invoked, so that the sender of each is checked; streams and events use
 * the port that the page handed over: whoever holds it got it from that page, and it ends with the page.
 */
export function windowChannel(port: MessagePortMain): WindowChannel {
  const inbox = createInbox();
  const invoked = new Map<number, (answer: unknown) => void>();

  function end(reason: string) {
    inbox.end(reason);
    for (const [id, answer] of invoked) answer(failure(id, 'disconnected', 'The connection ended.'));
    invoked.clear();
  }
  function answered(id: number, message: unknown) {
    invoked.get(id)?.(message);
    invoked.delete(id);
  }
  function close(reason = 'closed') {
    if (inbox.isClosed()) return;
    end(reason);
    port.close();
  }

  port.on('message', ({ data }) => {
    if (typeOf(data) === 'request') close('requests do not come this way');
    else if (approximateSize(data) > mostBytes) close('a message that is too long');
    else inbox.deliver(data);
  });
  port.on('close', () => end('the window closed the connection'));
  port.start();
  return {
    invoke(message) {
      const id = idOf(message);
      const refuse = (code: string, text: string) => Promise.resolve(failure(id ?? 0, code, text));
      if (inbox.isClosed()) return refuse('disconnected', 'The connection ended.');
      if (approximateSize(message) > mostBytes) return refuse('too-large', 'The message is too long.');
      if (id !== null && typeOf(message) === 'close') {
        inbox.deliver(message);
        // the connection answers nothing to whoever gave up, and an invocation has to end
        answered(id, failure(id, 'cancelled', 'The caller gave up.'));
        return Promise.resolve(null);
      }
      if (id === null || typeOf(message) !== 'request' || invoked.has(id)) {
        return refuse('invalid-message', 'The message is not of the wire protocol.');
      }
      return new Promise(resolve => {
        invoked.set(id, resolve);
        inbox.deliver(message);
      });
    },
    send(message) {
      if (inbox.isClosed()) return;
      const id = idOf(message);
      if (id !== null && invoked.has(id)) answered(id, message);
      else port.postMessage(message);
    },
    listen: listener => inbox.listen(listener),
    close,
    backlog: 0,
  };
}

function idOf(message: unknown): number | null {
  if (typeof message !== 'object' || message === null || !('id' in message)) return null;
  return typeof message.id === 'number' && Number.isInteger(message.id) ? message.id : null;
}

const typeOf = (message: unknown): unknown =>
  typeof message === 'object' && message !== null && 'type' in message ? message.type : null;
