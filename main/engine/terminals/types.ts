import type { Readable, Writable } from 'node:stream';

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** A container by the names of the API; or one of Docker's own, outside of the cluster: then `namespace` is empty and `pod` its name. */
export interface TerminalPlace {
  readonly projectId: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** A container that Docker runs. */
export interface ContainerPlace {
  readonly projectId: string;
  /** Docker's ID of it. */
  readonly id: string;
  readonly name: string;
  readonly image: string;
}

export interface TerminalExit {
  /** Null where the shell never ended by itself: the connection went first. */
  readonly exitCode: number | null;
  readonly reason: string | null;
}

/** A shell that runs. */
export interface TerminalConnection {
  /** Where it really runs: another pod than asked for where that one was replaced. */
  readonly place: string;
  readonly shell: string;
  readonly output: Readable;
  readonly input: Writable;
  /** Never rejects. */
  readonly exit: Promise<TerminalExit>;
  resize(cols: number, rows: number): void;
  /** Ends the shell, not only the connection. Never rejects. */
  close(): Promise<void>;
}

/** Why a shell ended, as far as it was not the user. */
export interface TerminalLoss {
  /** `ended`: the shell itself. `lost`: connect again when asked. `replaced`: its place is taken by another, connect again now. */
  readonly kind: 'ended' | 'lost' | 'replaced';
  readonly reason: string | null;
}

/** What a terminal leads into. Everything else (views, replay, sizes) is the same for all of them. */
export interface TerminalBackend {
  /**
   * Finds a shell and starts it. Rejects with `no-shell` where there is none. Called again for each reconnect; `onWait` tells what
   * is waited for.
   */
  open(size: TerminalSize, signal: AbortSignal, onWait?: (what: string) => void): Promise<TerminalConnection>;
  /** Called after an exit. Without it every exit is the shell's own. */
  judge?(exit: TerminalExit, signal: AbortSignal): Promise<TerminalLoss>;
  /** Called once, when the terminal is closed. */
  dispose?(): Promise<void>;
}

/**
 * `starting`: a shell is looked for. `running`. `ended`: the shell was left, `exitCode` says how. `lost`: container or connection
 * went, `message` says why; `reconnect` starts a new shell. `no-shell`: nothing in the image can be a shell; `debug` says what can
 * be done. `failed`: it could not be started.
 */
export type TerminalState = 'starting' | 'running' | 'ended' | 'lost' | 'no-shell' | 'failed';

export interface TerminalInfo {
  readonly id: string;
  readonly projectId: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly state: TerminalState;
  readonly message: string | null;
  readonly exitCode: number | null;
  readonly shell: string | null;
  /** The one size that the shell knows; the view that was used last decides. */
  readonly cols: number;
  readonly rows: number;
  /** ISO 8601. */
  readonly openedAt: string;
}

export type TerminalItem =
  /** `end` is the byte that comes next: what is sent from before it is a replay. */
  | { readonly type: 'state'; readonly terminal: TerminalInfo; readonly end: number }
  /** `from` counts bytes since the terminal was opened. */
  | { readonly type: 'output'; readonly from: number; readonly data: string }
  /** What the view has does not connect to what follows: begin anew, with nothing on the screen. */
  | { readonly type: 'reset'; readonly from: number };

/** What a debug container would be, said before anything is done. */
export interface DebugOffer {
  readonly pod: string;
  readonly container: string;
  readonly node: string | null;
  /** Sentences for a person: what is added, what it can see, what stays behind. */
  readonly steps: readonly string[];
  /** Images that the pod's node holds; nothing is ever pulled. The first is the proposal. */
  readonly images: readonly string[];
}

export interface Terminals {
  open(place: TerminalPlace & TerminalSize): Promise<{ readonly id: string }>;
  /** In a container of Docker's own. */
  openContainer(place: ContainerPlace & TerminalSize): Promise<{ readonly id: string }>;
  list(): readonly TerminalInfo[];
  /** Resolves when the container's side took it. */
  input(input: { readonly id: string; readonly data: string }, signal?: AbortSignal): Promise<void>;
  resize(input: { readonly id: string } & TerminalSize): void;
  /** A new shell in the same terminal. */
  reconnect(input: { readonly id: string }): void;
  /** Ends the shell and forgets the terminal. */
  close(input: { readonly id: string }): Promise<void>;
  debugOffer(input: { readonly id: string }, signal?: AbortSignal): Promise<DebugOffer>;
  debug(input: { readonly id: string; readonly image: string }): Promise<void>;
  attach(
    input: { readonly id: string; readonly after: number },
    signal: AbortSignal,
  ): AsyncIterable<TerminalItem>;
  /** Each change of a terminal; `closed` where it is gone. */
  onChange(listener: (terminal: TerminalInfo, closed: boolean) => void): () => void;
  closeAll(): Promise<void>;
}
