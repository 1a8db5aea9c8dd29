import { z } from 'zod';
import type { Channel, PtahBridge } from '../../preload/contract/channel.ts';
import { contractError } from '../../preload/contract/contract-error.ts';
import { createInbox } from '../../preload/contract/inbox.ts';

const call = z.object({ type: z.enum(['request', 'close']), id: z.number() });

/** Electron's two ways as one channel: requests are invoked one by one, streams and events have a line of their own. */
export function openBridgeChannel(bridge: PtahBridge): Channel {
  const inbox = createInbox();
  const invoked = new Set<number>();
  const line = bridge.connect(
    message => inbox.deliver(message),
    () => void inbox.end('the engine closed the connection'),
  );

  async function invoke(id: number, message: unknown) {
    invoked.add(id);
    try {
      const answer = await bridge.invoke(message);
      if (invoked.has(id)) inbox.deliver(answer);
    } catch (error) {
      // Electron keeps of an error only its text; ours come as answers, so this is a refusal or a bug
      const failure = contractError('not-answered', error instanceof Error ? error.message : String(error));
      if (invoked.has(id)) inbox.deliver({ type: 'error', id, error: failure.toWire() });
    } finally {
      invoked.delete(id);
    }
  }

  return {
    send(message) {
      if (inbox.isClosed()) return;
      const parsed = call.safeParse(message);
      if (!parsed.success) return line.send(message);
      const { type, id } = parsed.data;
      if (type === 'request') void invoke(id, message);
      else if (invoked.delete(id)) void bridge.invoke(message).catch(() => undefined);
      else line.send(message);
    },
    listen: listener => inbox.listen(listener),
    close(reason = 'closed') {
      if (!inbox.end(reason)) return;
      invoked.clear();
      line.close();
    },
    backlog: 0,
  };
}
