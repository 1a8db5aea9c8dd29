/**
 * Two ends that pass whole messages: a WebSocket, a line-framed socket, a MessagePort. Messages are plain data
 * (what survives both JSON and structured clone); the channel encodes them and bounds their size.
 */
export interface Channel {
  /** Ignored once the channel is closed. */
  send(message: unknown): void;
  /** At most one listener. Messages that came earlier are delivered to it. */
  listen(listener: ChannelListener): void;
  /** Closes both directions; the listener's `close` is still called, once. */
  close(reason?: string): void;
  /** Bytes that were sent and that the other side has not taken yet, where that is known; else 0. */
  readonly backlog: number;
}

export interface ChannelListener {
  message(message: unknown): void;
  close(reason: string): void;
}

/** What the preload script puts on `window.ptah` (Electron only). Functions only: nothing else crosses worlds unharmed. */
export interface PtahBridge {
  readonly host: 'electron';
  /** One request, or the wish to stop waiting for one, to the main process; gives its answer. */
  invoke(message: unknown): Promise<unknown>;
  /** Opens the line that streams and events use. */
  connect(onMessage: (message: unknown) => void, onClose: () => void): BridgeLine;
  /** The path of a dropped file or folder; null for what is not on the disk. */
  pathOfDropped(file: unknown): string | null;
}

export interface BridgeLine {
  send(message: unknown): void;
  close(): void;
}
