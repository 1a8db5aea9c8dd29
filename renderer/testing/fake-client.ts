import type { PtahClient } from '../../preload/contract/client.ts';
import type {
  EventName,
  EventPayload,
  MethodInput,
  MethodName,
  MethodOutput,
  StreamInput,
  StreamItem,
  StreamName,
} from '../../preload/contract/index.ts';

export type Answers = {
  readonly [M in MethodName]?: (input: MethodInput<M>) => MethodOutput<M> | Promise<MethodOutput<M>>;
};
export type Feeds = {
  readonly [S in StreamName]?: (input: StreamInput<S>, signal: AbortSignal) => AsyncIterable<StreamItem<S>>;
};

export interface FakeClient extends PtahClient {
  /** Every request in the order it came. */
  readonly asked: { readonly method: MethodName; readonly input: unknown }[];
  emit<E extends EventName>(event: E, payload: EventPayload<E>): void;
  connect(connected: boolean): void;
  answer(answers: Answers): void;
  feed(feeds: Feeds): void;
  /** What `pathOfDropped` says. */
  droppedPath: string | null;
}

export const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

export class FakeFailure extends Error {
  readonly code: string;
  readonly hint: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(
    code: string,
    message: string,
    hint: string | null = null,
    details: Record<string, unknown> = {},
  ) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.details = details;
  }
}

/** A client without an engine: it answers what it was told, and an unknown question with an error. */
export function createFakeClient(answers: Answers = {}, feeds: Feeds = {}): FakeClient {
  let known: Answers = answers;
  let fed: Feeds = feeds;
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const connections = new Set<(connected: boolean) => void>();
  const asked: { method: MethodName; input: unknown }[] = [];
  return {
    asked,
    droppedPath: null,
    async request(method, input, options) {
      asked.push({ method, input });
      const answer = known[method];
      if (answer === undefined) throw new FakeFailure('not-faked', `No answer to ${method}`);
      const aborted = new Promise<never>((_, reject) => {
        options?.signal?.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError')));
      });
      return Promise.race([Promise.resolve(answer(input as never)), aborted]);
    },
    stream(name, input, options) {
      const feed = fed[name];
      if (feed === undefined) throw new FakeFailure('not-faked', `No items of ${name}`);
      return feed(input as never, options?.signal ?? new AbortController().signal) as never;
    },
    on(event, listener) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set);
      set.add(listener);
      return () => set.delete(listener);
    },
    onConnection(listener) {
      connections.add(listener);
      listener(true);
      return () => connections.delete(listener);
    },
    pathOfDropped() {
      return this.droppedPath;
    },
    emit(event, payload) {
      for (const listener of listeners.get(event) ?? []) listener(payload as never);
    },
    connect(connected) {
      for (const listener of connections) listener(connected);
    },
    answer(more) {
      known = { ...known, ...more };
    },
    feed(more) {
      fed = { ...fed, ...more };
    },
  };
}

/** Items at once, then open until the reader goes. */
export async function* openFeed<T>(items: readonly T[], signal: AbortSignal): AsyncGenerator<T> {
  yield* items;
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
}

export async function* closedFeed<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
