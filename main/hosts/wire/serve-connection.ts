import { toWireError } from '../../api/index.ts';
import type { Api } from '../../api/index.ts';
import type { Channel } from '../../../preload/contract/channel.ts';
import { clientMessage } from '../../../preload/contract/index.ts';
import type { ClientMessage, ServerMessage, WireError } from '../../../preload/contract/index.ts';
import { serveStream } from './serve-stream.ts';
import type { ServedStream } from './serve-stream.ts';

export interface ConnectionLimits {
  readonly requests: number;
  readonly streams: number;
  /** A view that does not take even events until so many bytes wait for it is cut off. */
  readonly backlogBytes: number;
}
const defaults: ConnectionLimits = { requests: 256, streams: 128, backlogBytes: 64 * 1024 * 1024 };

export interface ConnectionOptions {
  readonly windowId?: number | null;
  readonly limits?: Partial<ConnectionLimits>;
}

export interface Connection {
  close(reason: string): void;
  /** Requests and streams that are under way. */
  readonly open: { readonly requests: number; readonly streams: number };
}

/**
 * One window (or attached terminal) on its channel: the same for every host. Whatever comes is checked before it is
 * looked at, and nothing of a connection outlives it.
 */
export function serveConnection(channel: Channel, api: Api, options: ConnectionOptions = {}): Connection {
  const limits = { ...defaults, ...options.limits };
  const windowId = options.windowId ?? null;
  const requests = new Map<number, AbortController>();
  const streams = new Map<number, ServedStream>();
  let closed = false;

  const send = (message: ServerMessage) => {
    if (closed) return;
    try {
      channel.send(message);
    } catch (error) {
      // e.g. data that can't be cloned; a batch leaves from a timer, where nobody would catch it
      shut(`a message could not be sent: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const fail = (id: number, error: WireError) => send({ type: 'error', id, error });
  const refuse = (id: number, code: string, message: string) =>
    fail(id, { code, message, cause: [], hint: null, details: {} });

  const stopEvents = api.onEvent((event, payload) => {
    if (channel.backlog > limits.backlogBytes) return shut('the view does not take what it is sent');
    send({ type: 'event', event, payload });
  });
  const stopReset = api.onReset(() => shut('the engine is another one now'));

  function end() {
    if (closed) return;
    closed = true;
    stopEvents();
    stopReset();
    const gone = new DOMException('The connection ended.', 'AbortError');
    for (const controller of requests.values()) controller.abort(gone);
    for (const stream of streams.values()) stream.close();
    requests.clear();
    streams.clear();
  }
  function shut(reason: string) {
    end();
    channel.close(reason);
  }

  function receive(raw: unknown) {
    const parsed = clientMessage.safeParse(raw);
    if (!parsed.success) {
      const id = idOf(raw);
      if (id === null) return shut('a message that is not of the wire protocol');
      return refuse(id, 'invalid-message', 'The message is not of the wire protocol.');
    }
    const message = parsed.data;
    switch (message.type) {
      case 'request':
        return request(message);
      case 'open':
        return open(message);
      case 'credit':
        return streams.get(message.id)?.grant(message.credit);
      case 'close':
        requests.get(message.id)?.abort(new DOMException('The caller gave up.', 'AbortError'));
        requests.delete(message.id);
        streams.get(message.id)?.close();
        streams.delete(message.id);
    }
  }

  const taken = (id: number) => requests.has(id) || streams.has(id);

  function request({ id, method, input }: ClientMessage & { type: 'request' }) {
    if (taken(id)) return refuse(id, 'id-in-use', `The number ${id} is in use.`);
    if (requests.size >= limits.requests) return refuse(id, 'too-many-requests', 'Too many calls at once.');
    const controller = new AbortController();
    requests.set(id, controller);
    const { signal } = controller;
    // whoever gave up has forgotten the number: nothing is answered then
    const settled = (answer: () => void) => {
      if (requests.get(id) !== controller) return;
      requests.delete(id);
      answer();
    };
    Promise.resolve()
      .then(() => api.handle(method, input, { signal, windowId }))
      .then(
        output => settled(() => send({ type: 'result', id, output })),
        error => settled(() => fail(id, toWireError(error))),
      )
      .catch((error: unknown) => shut(String(error)));
  }

  function open({ id, stream, input, credit }: ClientMessage & { type: 'open' }) {
    if (taken(id)) return refuse(id, 'id-in-use', `The number ${id} is in use.`);
    if (streams.size >= limits.streams) return refuse(id, 'too-many-streams', 'Too many streams at once.');
    const forget = () => {
      if (streams.get(id) === served) streams.delete(id);
    };
    const served: ServedStream = serveStream({
      credit,
      open: signal => api.open(stream, input, { signal, windowId }),
      items: items => send({ type: 'items', id, items }),
      end: () => {
        forget();
        send({ type: 'end', id });
      },
      fail: error => {
        forget();
        fail(id, toWireError(error));
      },
      backlog: () => channel.backlog,
    });
    streams.set(id, served);
    served.start();
  }

  channel.listen({ message: receive, close: end });
  return {
    close: shut,
    get open() {
      return { requests: requests.size, streams: streams.size };
    },
  };
}

function idOf(raw: unknown): number | null {
  if (typeof raw !== 'object' || raw === null || !('id' in raw)) return null;
  return typeof raw.id === 'number' && Number.isInteger(raw.id) ? raw.id : null;
}
