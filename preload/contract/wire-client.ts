import type { Channel } from './channel.ts';
import type { PtahClient } from './client.ts';
import { contractError, toContractError } from './contract-error.ts';
import type { ContractError } from './contract-error.ts';
import type { ClientMessage } from './wire.ts';
import { serverMessage } from './wire.ts';
import { createStreamBuffer } from './stream-buffer.ts';
import type { StreamBuffer } from './stream-buffer.ts';

export interface ClientOptions {
  /** Milliseconds before the first and the longest wait between attempts; `null`: a lost channel is final. */
  readonly reconnect?: { readonly first: number; readonly longest: number } | null;
  /** How long a call waits for a connection before it fails with `disconnected`. */
  readonly connectTimeoutMs?: number;
  /** Items that a stream may send ahead of the view. */
  readonly streamCredit?: number;
  readonly pathOfDropped?: (file: unknown) => string | null;
}

export interface WireClient extends PtahClient {
  /** Gives up all calls and closes the channel for good. */
  close(): void;
}

interface Pending {
  settle(outcome: { readonly output: unknown } | { readonly error: ContractError }): void;
}

/** The one client: window, attached host and terminal differ only in the channel that `connect` opens. */
export function createClient(
  connect: () => Channel | Promise<Channel>,
  options: ClientOptions = {},
): WireClient {
  const retry = options.reconnect === undefined ? { first: 100, longest: 3000 } : options.reconnect;
  const credit = options.streamCredit ?? 256;
  const requests = new Map<number, Pending>();
  const buffers = new Map<number, StreamBuffer<unknown>>();
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const connectionListeners = new Set<(connected: boolean) => void>();
  const waiting = new Set<(channel: Channel | ContractError) => void>();
  let channel: Channel | null = null;
  let nextId = 1;
  let closed = false;
  let delay = retry?.first ?? 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let connecting = false;
  /** Lost, and not to be tried again. */
  let gone = false;
  let told: boolean | null = null;

  const lost = () =>
    contractError('disconnected', 'The connection to the engine was lost.', 'It is tried again by itself.');

  function open(): void {
    if (connecting || channel || closed) return;
    connecting = true;
    void (async () => {
      try {
        const opened = await connect();
        connecting = false;
        if (closed) return opened.close();
        adopt(opened);
      } catch (error) {
        connecting = false;
        failed(error);
      }
    })();
  }

  function adopt(opened: Channel): void {
    channel = opened;
    opened.listen({
      message: message => receive(opened, message),
      close: () => {
        if (channel !== opened) return;
        channel = null;
        gone = !retry;
        dropCalls(lost());
        // what was asked before it was open waits for nothing any more
        if (gone) for (const wait of waiting) wait(lost());
        tell(false);
        again();
      },
    });
    // a channel may be closed already when it is listened to
    if (channel !== opened) return;
    delay = retry?.first ?? 0;
    for (const wait of waiting) wait(opened);
    tell(true);
  }

  function failed(error: unknown): void {
    tell(false);
    if (retry && !closed) return again();
    const failure = toContractError(error);
    for (const wait of waiting) wait(failure);
  }

  function again(): void {
    if (!retry || closed || timer) return;
    timer = setTimeout(() => {
      timer = null;
      open();
    }, delay);
    delay = Math.min(retry.longest, delay * 2);
  }

  function tell(connected: boolean): void {
    if (told === connected) return;
    told = connected;
    Array.from(connectionListeners).forEach(listener => listener(connected));
  }

  function dropCalls(error: ContractError): void {
    for (const pending of requests.values()) pending.settle({ error });
    for (const buffer of buffers.values()) buffer.fail(error);
    requests.clear();
    buffers.clear();
  }

  function receive(from: Channel, raw: unknown): void {
    const parsed = serverMessage.safeParse(raw);
    if (!parsed.success) return from.close('a message that is not of the wire protocol');
    const message = parsed.data;
    switch (message.type) {
      case 'result':
        requests.get(message.id)?.settle({ output: message.output });
        break;
      case 'error': {
        const error = toContractError(message.error);
        requests.get(message.id)?.settle({ error });
        buffers.get(message.id)?.fail(error);
        buffers.delete(message.id);
        break;
      }
      case 'items':
        buffers.get(message.id)?.push(message.items);
        break;
      case 'end':
        buffers.get(message.id)?.end();
        buffers.delete(message.id);
        break;
      case 'event':
        // a copy: listeners come and go while they are told
        Array.from(listeners.get(message.event) ?? []).forEach(listener =>
          listener(message.payload as never),
        );
        break;
    }
  }

  function send(message: ClientMessage): void {
    channel?.send(message);
  }

  function connected(signal: AbortSignal | undefined): Promise<Channel> {
    signal?.throwIfAborted();
    if (closed) return Promise.reject(contractError('disconnected', 'The connection was closed.'));
    if (channel) return Promise.resolve(channel);
    if (gone) return Promise.reject(lost());
    open();
    return new Promise((resolve, reject) => {
      const limit = setTimeout(
        () => done(contractError('disconnected', 'The engine does not answer.', 'Is Ptah still running?')),
        options.connectTimeoutMs ?? 10_000,
      );
      const onAbort = () => done(signal?.reason);
      const done = (outcome: unknown) => {
        clearTimeout(limit);
        waiting.delete(done);
        signal?.removeEventListener('abort', onAbort);
        if (channel && outcome === channel) resolve(channel);
        else reject(outcome);
      };
      waiting.add(done);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  async function request(method: string, input: unknown, signal?: AbortSignal): Promise<unknown> {
    await connected(signal);
    signal?.throwIfAborted();
    const id = nextId++;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        requests.delete(id);
        send({ type: 'close', id });
        reject(signal?.reason);
      };
      requests.set(id, {
        settle(outcome) {
          requests.delete(id);
          signal?.removeEventListener('abort', onAbort);
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.output);
        },
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      send({ type: 'request', id, method, input });
    });
  }

  async function* stream(name: string, input: unknown, signal?: AbortSignal): AsyncGenerator {
    await connected(signal);
    signal?.throwIfAborted();
    const id = nextId++;
    const buffer = createStreamBuffer<unknown>(credit, granted =>
      send({ type: 'credit', id, credit: granted }),
    );
    const onAbort = () => buffer.abort(signal?.reason);
    buffers.set(id, buffer);
    signal?.addEventListener('abort', onAbort, { once: true });
    send({ type: 'open', id, stream: name, input, credit });
    try {
      yield* buffer.items();
    } finally {
      signal?.removeEventListener('abort', onAbort);
      // still known here: it was this side that ended it
      if (buffers.delete(id)) send({ type: 'close', id });
    }
  }

  open();
  return {
    request: (method, input, opts) => request(method, input, opts?.signal) as never,
    stream: (name, input, opts) => ({
      [Symbol.asyncIterator]: () => stream(name, input, opts?.signal) as never,
    }),
    on(event, listener) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set);
      set.add(listener);
      return () => {
        set.delete(listener);
        if (set.size === 0 && listeners.get(event) === set) listeners.delete(event);
      };
    },
    onConnection(listener) {
      connectionListeners.add(listener);
      if (told !== null) listener(told);
      return () => void connectionListeners.delete(listener);
    },
    pathOfDropped: options.pathOfDropped ?? (() => null),
    close() {
      if (closed) return;
      closed = true;
      if (timer) clearTimeout(timer);
      const open = channel;
      channel = null;
      const error = contractError('disconnected', 'The connection was closed.');
      dropCalls(error);
      for (const wait of waiting) wait(error);
      open?.close('closed by the client');
      tell(false);
    },
  };
}
