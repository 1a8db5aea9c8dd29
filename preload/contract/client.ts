import type {
  EventName,
  EventPayload,
  MethodInput,
  MethodName,
  MethodOutput,
  StreamInput,
  StreamItem,
  StreamName,
} from './index.ts';

/** What a window (or `ptah` in a terminal) holds in its hand, whichever host is behind it. Rejections are `ContractError`s. */
export interface PtahClient {
  request<M extends MethodName>(
    method: M,
    input: MethodInput<M>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<MethodOutput<M>>;
  /** Ends when the engine ends it, when the loop is left, or by the signal. Credits are given as items are taken. */
  stream<S extends StreamName>(
    name: S,
    input: StreamInput<S>,
    options?: { readonly signal?: AbortSignal },
  ): AsyncIterable<StreamItem<S>>;
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void;
  /** Whether the engine answers; a window shows `false` as "reconnecting". */
  onConnection(listener: (connected: boolean) => void): () => void;
  /** The path of a dropped file where the host can know it (Electron), else null. */
  pathOfDropped(file: unknown): string | null;
}
