import type { Channel } from '../../../preload/contract/channel.ts';
import type { WireClient } from '../../../preload/contract/wire-client.ts';
import type { ApiEngine } from '../../api/index.ts';
import type { SampleControls } from '../../api/testing.ts';

export type SampleEngine = ApiEngine & SampleControls;

/** A host with a sample engine behind it, as the contract suite drives it. */
export interface HostUnderTest {
  readonly engine: SampleEngine;
  /** A new window: its own connection, its own client. */
  client(): Promise<WireClient>;
  /** A new window without a client: for messages that no client of ours sends. */
  raw(): Promise<Channel>;
  /** Requests and streams that all connections have under way. */
  open(): { readonly requests: number; readonly streams: number };
  /** Listeners to events that the connections hold. */
  listeners(): number;
  /** What the host's own clipboard holds; left out where the host has none. */
  clipboard?(): string;
  close(): Promise<void>;
}

/** Waits until `check` holds; fails with what was seen last. */
export async function eventually(check: () => boolean, what: string, limitMs = 30_000): Promise<void> {
  const until = performance.now() + limitMs;
  while (!check()) {
    if (performance.now() > until) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
