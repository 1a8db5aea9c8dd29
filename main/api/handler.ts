import type {
  MethodInput,
  MethodName,
  MethodOutput,
  StreamInput,
  StreamItem,
  StreamName,
} from '../../preload/contract/index.ts';
import type { Engine } from '../engine/index.ts';

/** The part of the engine that windows reach. */
export type ApiEngine = Omit<Engine, 'projects'> & {
  readonly projects: Omit<Engine['projects'], 'read' | 'use'>;
};

/** What only the process with the window can do. `windowId` says which window asked; null where there is none. */
export interface Host {
  readonly kind: 'electron' | 'loopback';
  /** Of the application. */
  readonly version: string;
  /** Hands an address that was already checked to the system's browser. */
  openExternal(url: string): Promise<void>;
  /** Puts a secret into the clipboard, and takes it out again after a minute. Left out where the process has no clipboard. */
  copySecret?(text: string): Promise<boolean>;
  /** The native dialog; null when it was cancelled, or where there is none. */
  chooseFolder(windowId: number | null): Promise<string | null>;
  /** The native dialog for a file to write, which asks before one is replaced. Left out where there is none. */
  chooseFile?(
    windowId: number | null,
    asked: { readonly title: string; readonly proposed: string },
  ): Promise<string | null>;
}

export interface CallContext {
  /** Aborted when the caller gives up or its connection ends. */
  readonly signal: AbortSignal;
  readonly windowId: number | null;
}

export type Handler<M extends MethodName> = (
  input: MethodInput<M>,
  context: CallContext,
) => Promise<MethodOutput<M>>;
export type StreamHandler<S extends StreamName> = (
  input: StreamInput<S>,
  context: CallContext,
) => AsyncIterable<StreamItem<S>>;

/** Exactly the contract's methods of these domains: one missing or one too many does not compile. */
export type Handlers<Domain extends string> = {
  readonly [M in Extract<MethodName, `${Domain}.${string}`>]: Handler<M>;
};
export type StreamHandlers<Domain extends string> = {
  readonly [S in Extract<StreamName, `${Domain}.${string}`>]: StreamHandler<S>;
};
