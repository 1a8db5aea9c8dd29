import type { Channel } from '../../../preload/contract/channel.ts';
import { createInbox } from '../../../preload/contract/inbox.ts';
import type { Inbox } from '../../../preload/contract/inbox.ts';

/** Two connected ends in this process, for tests: messages pass in order, cloned, never in the same turn. */
export function memoryChannels(): readonly [Channel, Channel] {
  const left = createInbox();
  const right = createInbox();
  return [memoryEnd(left, right), memoryEnd(right, left)];
}

function memoryEnd(mine: Inbox, other: Inbox): Channel {
  return {
    send(message) {
      const copy = structuredClone(message);
      if (!mine.isClosed()) queueMicrotask(() => other.deliver(copy));
    },
    listen: listener => mine.listen(listener),
    close(reason = 'closed') {
      if (mine.end(reason)) queueMicrotask(() => other.end(reason));
    },
    backlog: 0,
  };
}
