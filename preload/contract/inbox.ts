import type { ChannelListener } from './channel.ts';

/** The receiving half that all channels share: keeps what comes before there is a listener, and closes once. */
export interface Inbox {
  deliver(message: unknown): void;
  /** Tells the listener, once. Gives false when it was closed before. */
  end(reason: string): boolean;
  listen(listener: ChannelListener): void;
  isClosed(): boolean;
}

const mostEarly = 1000;

export function createInbox(): Inbox {
  let early: unknown[] = [];
  let listener: ChannelListener | null = null;
  let closed: string | null = null;

  function end(reason: string): boolean {
    if (closed !== null) return false;
    closed = reason;
    early = [];
    listener?.close(reason);
    return true;
  }
  return {
    deliver(message) {
      if (closed !== null) return;
      if (listener) listener.message(message);
      else if (early.push(message) > mostEarly) end('nobody listens');
    },
    end,
    listen(next) {
      listener = next;
      const messages = early;
      early = [];
      for (const message of messages) this.deliver(message);
      if (closed !== null) next.close(closed);
    },
    isClosed: () => closed !== null,
  };
}
