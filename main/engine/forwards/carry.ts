import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { PtahError } from '../errors/index.ts';

export interface Carried {
  /** `refused`: nobody listened at the port, so nothing of `kept` has been read by anyone. */
  readonly outcome: 'ended' | 'broken' | 'refused';
  readonly kept: readonly Buffer[];
  /** The client has sent its last byte. */
  readonly halfClosed: boolean;
  readonly error: Error | null;
}

export interface CarryOptions {
  /** What the client sent before, to a pod that did not listen. */
  readonly first?: readonly Buffer[];
  readonly halfClosed?: boolean;
  readonly onBytes?: (received: number, sent: number) => void;
  readonly limits?: { readonly silenceMs?: number; readonly answeredMs?: number; readonly lingerMs?: number };
}

/** As much as is kept to be sent once more where the port refuses. */
const mostKept = 256 * 1024;
/**
 * How long a client's end is kept from the pod while nothing comes back. Container runtimes break off the other direction a second
 * after they hear of it (containerd, cri-o): an answer that takes longer would be lost.
 */
const silenceMs = 60_000;
/** The same where the last word was the pod's: then the client has probably gone, as each `curl` does. */
const answeredMs = 5_000;
/** How long a client that got the last byte has to close its side. */
const lingerMs = 5_000;

/** Carries one connection both ways until both have ended: no byte lost, none kept in memory beyond the buffers. */
export function carry(local: Socket, remote: Duplex, options: CarryOptions = {}): Promise<Carried> {
  const { first = [], onBytes, limits } = options;
  return new Promise(resolve => {
    const kept: Buffer[] = [...first];
    let size = first.reduce((sum, { length }) => sum + length, 0);
    let keeping = true;
    let halfClosed = options.halfClosed === true || local.readableEnded;
    let answered = false;
    let silence: NodeJS.Timeout | undefined;
    let over = false;

    const settle = (outcome: Carried['outcome'], error: Error | null): void => {
      if (over) return;
      over = true;
      clearTimeout(silence);
      for (const [name, listener] of fromLocal) local.off(name, listener);
      if (outcome === 'refused') {
        local.pause();
        return resolve({ outcome, kept, halfClosed, error });
      }
      if (outcome === 'broken' && !local.destroyed) local.resetAndDestroy();
      remote.destroy();
      resolve({ outcome, kept: [], halfClosed, error });
    };

    const onLocalData = (chunk: Buffer): void => {
      answered = false;
      onBytes?.(0, chunk.length);
      size += chunk.length;
      if (keeping && size <= mostKept) kept.push(chunk);
      else forget();
      if (!remote.write(chunk)) local.pause();
    };
    const onLocalEnd = (): void => {
      halfClosed = true;
      waitInSilence();
    };
    const onLocalClose = (): void => settle('ended', null);
    const onLocalDrain = (): void => void remote.resume();
    const fromLocal = [
      ['data', onLocalData],
      ['end', onLocalEnd],
      ['close', onLocalClose],
      ['drain', onLocalDrain],
    ] as const;

    function forget(): void {
      keeping = false;
      kept.length = 0;
    }

    function waitInSilence(): void {
      clearTimeout(silence);
      const ms = answered ? (limits?.answeredMs ?? answeredMs) : (limits?.silenceMs ?? silenceMs);
      silence = setTimeout(() => remote.end(), ms);
      silence.unref();
    }

    remote.on('data', (chunk: Buffer) => {
      forget();
      if (over) return;
      answered = true;
      onBytes?.(chunk.length, 0);
      if (halfClosed) waitInSilence();
      if (!local.write(chunk)) remote.pause();
    });
    remote.on('drain', () => void (over || local.resume()));
    remote.on('end', () => {
      if (over) return;
      clearTimeout(silence);
      forget();
      // what still comes has no reader any more
      local.off('data', onLocalData).resume();
      local.end(() => {
        if (local.readableEnded) return settle('ended', null);
        const linger = setTimeout(() => local.destroy(), limits?.lingerMs ?? lingerMs);
        local.once('end', () => local.destroy()).once('close', () => clearTimeout(linger));
      });
    });
    remote.on('error', error => {
      const refused = keeping && error instanceof PtahError && error.code === 'port-refused';
      settle(refused ? 'refused' : 'broken', error);
    });
    remote.on('close', () => {
      if (!remote.readableEnded) settle('broken', remote.errored ?? null);
    });
    for (const [name, listener] of fromLocal) local.on(name, listener);
    if (local.destroyed) return settle('ended', null);
    for (const chunk of first) remote.write(chunk);
    if (halfClosed) waitInSilence();
    local.resume();
  });
}
