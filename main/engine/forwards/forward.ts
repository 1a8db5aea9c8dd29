import type { Socket } from 'node:net';
import { pause } from '../cluster/index.ts';
import type { Cluster } from '../cluster/index.ts';
import { PtahError, toPtahError } from '../errors/index.ts';
import { carry } from './carry.ts';
import { freePort, listenAt } from './local-port.ts';
import type { LocalPort } from './local-port.ts';
import type { ObjectWatches } from './object-watches.ts';
import { openPodWay } from './pod-way.ts';
import type { PodWay } from './pod-way.ts';
import { resolveTarget } from './resolve-target.ts';
import type { ForwardState, ForwardTarget, PortHolder } from './types.ts';

export interface ForwardDeps {
  /** The cluster of the project, as it is pinned now. */
  cluster(signal: AbortSignal): Promise<{ readonly cluster: Cluster; readonly watches: ObjectWatches }>;
  readonly holder: (port: number) => Promise<PortHolder>;
  /** Ports that other forwards have, also those that are off. */
  readonly isReserved: (port: number) => boolean;
  readonly onChange: () => void;
}

export interface ForwardStatus {
  readonly state: ForwardState;
  readonly message: string | null;
  readonly pod: string | null;
  readonly podPort: number | null;
  readonly holder: PortHolder | null;
  readonly freePort: number | null;
  readonly connections: number;
  readonly served: number;
  readonly received: number;
  readonly sent: number;
}

export interface RunningForward {
  status(): ForwardStatus;
  /** When it is active, or it is known why not yet. */
  readonly settled: Promise<void>;
  close(): Promise<void>;
}

const firstRetryMs = 100;
const lastRetryMs = 5_000;
const takenRetryMs = 3_000;
/** How long a connection waits for a pod that is ready, as through a rollout. */
const patienceMs = 30_000;

/** A port of this machine that leads to whatever pod is ready, for as long as it is on. */
export function runForward(
  target: ForwardTarget,
  port: number | string,
  localPort: number,
  deps: ForwardDeps,
): RunningForward {
  const stop = new AbortController();
  const { signal } = stop;
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  const settled = Promise.withResolvers<void>();
  let listener: LocalPort | null = null;
  let way: PodWay | null = null;
  let wasActive = false;
  let changed = Promise.withResolvers<void>();
  let changes = 0;
  let openedAt = 0;
  let serving: string | null = null;
  let retryMs = firstRetryMs;
  let state: ForwardState = 'starting';
  let message: string | null = null;
  let holder: PortHolder | null = null;
  let free: number | null = null;
  const counted = { connections: 0, served: 0, received: 0, sent: 0 };

  const ended = run().catch((error: unknown) => tell('failed', toPtahError(error).message));

  return {
    settled: settled.promise,
    status: () => ({
      state,
      message,
      pod: way?.aim.pod ?? null,
      podPort: way?.aim.port ?? null,
      holder,
      freePort: free,
      ...counted,
    }),
    async close() {
      stop.abort();
      wake();
      way?.close();
      for (const socket of sockets) socket.destroy();
      await listener?.close();
      await ended;
      settled.resolve();
    },
  };

  async function run(): Promise<void> {
    await listen();
    while (!signal.aborted)
      try {
        const { cluster, watches } = await deps.cluster(signal);
        await follow(cluster, watches);
      } catch (error) {
        if (!signal.aborted) await trouble(error);
      }
  }

  async function listen(): Promise<void> {
    while (!signal.aborted) {
      try {
        listener = await listenAt(localPort, socket => void serve(socket));
      } catch (error) {
        tell('failed', messageOf(error));
        free = await freePort(8000, deps.isReserved);
      }
      if (signal.aborted) return listener?.close();
      if (listener) {
        holder = null;
        free = null;
        if (state !== 'starting') tell('starting', null);
        return;
      }
      if (state !== 'failed') {
        holder = await deps.holder(localPort);
        free ??= await freePort(localPort + 1, deps.isReserved);
        const by = holder.pid === null ? holder.name : `${holder.name} (pid ${holder.pid})`;
        tell('taken', `Port ${localPort} of this machine is used by ${by}.`);
      }
      await pause(takenRetryMs, signal);
    }
  }

  /** Until the signal ends; rejects where the cluster itself can't be asked. */
  async function follow(cluster: Cluster, watches: ObjectWatches): Promise<void> {
    const { apiVersion, kind, namespace, name } = target;
    const object = watches.use({ apiVersion, kind, namespace, fieldSelector: `metadata.name=${name}` }, wake);
    const pods = kind === 'Pod' ? object : watches.use({ apiVersion: 'v1', kind: 'Pod', namespace }, wake);
    try {
      while (!signal.aborted) {
        const seen = changes;
        const [own, all] = [object.objects(), pods.objects()];
        if (own === null || all === null) {
          const why = object.trouble() ?? pods.trouble();
          if (why !== null) tell(wasActive ? 'reconnecting' : 'failed', why);
          await changedSince(seen);
          continue;
        }
        const resolved = resolveTarget(target, port, own[0] ?? null, all, serving);
        if (resolved.aim === null) {
          drop();
          tell(resolved.wait ? unready() : 'failed', resolved.message);
          await changedSince(seen);
          continue;
        }
        if (way?.aim.key === resolved.aim.key) {
          await changedSince(seen);
          continue;
        }
        drop();
        try {
          way = await openPodWay(cluster, namespace, resolved.aim, { signal, onLost: lost });
        } catch (error) {
          if (!signal.aborted) await trouble(error, seen);
          continue;
        }
        if (signal.aborted) return drop();
        wasActive = true;
        serving = resolved.aim.pod;
        openedAt = Date.now();
        tell('active', null);
        for (const go of waiting) go();
        await changedSince(seen);
      }
    } finally {
      object.release();
      if (pods !== object) pods.release();
    }
  }

  function lost(reason: string): void {
    drop();
    tell(unready(), reason);
    // a way that is lost as soon as it is open is not opened again and again without a pause
    if (Date.now() - openedAt > lastRetryMs) retryMs = firstRetryMs;
    void pause(retryMs, signal).then(wake);
    retryMs = Math.min(retryMs * 2, lastRetryMs);
  }

  function drop(): void {
    way?.close();
    way = null;
  }

  function unready(): ForwardState {
    return wasActive ? 'reconnecting' : 'starting';
  }

  async function trouble(error: unknown, seen = changes): Promise<void> {
    drop();
    const { code } = toPtahError(error);
    const never = ['forbidden', 'unauthorized', 'invalid', 'unknown-kind'].includes(code);
    tell(never ? 'failed' : unready(), messageOf(error));
    // oxlint-disable-next-line promise/no-promise-in-callback -- no callback: the rule takes the name `error` for one
    await Promise.race([pause(retryMs, signal), changedSince(seen)]);
    retryMs = Math.min(retryMs * 2, lastRetryMs);
  }

  async function serve(socket: Socket): Promise<void> {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    counted.connections += 1;
    counted.served += 1;
    deps.onChange();
    try {
      await serveUntil(socket, Date.now() + patienceMs);
    } catch {
      socket.resetAndDestroy();
    } finally {
      counted.connections -= 1;
      deps.onChange();
    }
  }

  async function serveUntil(socket: Socket, deadline: number): Promise<void> {
    let first: readonly Buffer[] = [];
    let halfClosed = false;
    while (!socket.destroyed && !signal.aborted) {
      const to = await nextWay(deadline);
      if (to === null) return void socket.resetAndDestroy();
      let tunnel;
      try {
        tunnel = await to.tunnel();
      } catch (error) {
        gone(to, messageOf(error));
        continue;
      }
      if (socket.destroyed) return tunnel.close();
      const carried = await carry(socket, tunnel.connect(to.aim.port), {
        first,
        halfClosed,
        onBytes(received, sent) {
          counted.received += received;
          counted.sent += sent;
          deps.onChange();
        },
      });
      if (carried.outcome !== 'refused') return;
      gone(to, carried.error?.message ?? 'Nothing listens.');
      ({ kept: first, halfClosed } = carried);
    }
  }

  /** A connection found out before anything else did. */
  function gone(which: PodWay, why: string): void {
    if (way === which) lost(why);
  }

  async function nextWay(deadline: number): Promise<PodWay | null> {
    for (;;) {
      const left = deadline - Date.now();
      if (signal.aborted || left <= 0) return null;
      if (way) return way;
      const turn = Promise.withResolvers<void>();
      waiting.add(turn.resolve);
      const timer = setTimeout(turn.resolve, left);
      await turn.promise;
      clearTimeout(timer);
      waiting.delete(turn.resolve);
    }
  }

  function tell(next: ForwardState, why: string | null): void {
    if (state === next && message === why) return;
    state = next;
    message = why;
    if (next !== 'starting' || why !== null) settled.resolve();
    deps.onChange();
  }

  function wake(): void {
    changes += 1;
    changed.resolve();
    changed = Promise.withResolvers();
    if (signal.aborted) for (const go of waiting) go();
  }

  function changedSince(seen: number): Promise<void> {
    return changes === seen && !signal.aborted ? changed.promise : Promise.resolve();
  }
}

const messageOf = (error: unknown): string =>
  (error instanceof PtahError ? error : toPtahError(error)).message;
