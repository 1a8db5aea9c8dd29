import type { Channel } from '../types.ts';
import type { ContainerSyncDeps } from './container-door.ts';

/** A channel that is lost sooner than this was of no use. */
const usefulMs = 5_000;

interface ContainerWayDeps extends Pick<ContainerSyncDeps, 'open' | 'address' | 'baseline' | 'desired'> {
  readonly onOpening: () => void;
  /** It is open: what the container has is read before anybody else uses it. `baseline` is what the image had. */
  readonly begin: (
    way: Channel,
    baseline: Awaited<ReturnType<ContainerSyncDeps['baseline']>>,
  ) => Promise<void>;
  readonly onLost: (why: string, wasUseful: boolean) => void;
  readonly signal: AbortSignal;
}

/** The way into one container, opened when it is needed. */
export interface ContainerWay {
  readonly current: () => Channel | null;
  /** Null as long as the folder has not been looked at. */
  opened(): Promise<Channel | null>;
  /** Takes a better one than the one that there is; false where none can be had. */
  improve(): Promise<boolean>;
  drop(): void;
}

export function createContainerWay(deps: ContainerWayDeps): ContainerWay {
  const { signal } = deps;
  let channel: { readonly way: Channel; readonly openedAt: number } | null = null;

  function drop(): void {
    const old = channel;
    channel = null;
    void old?.way.close().catch(() => {});
  }

  async function take(way: Channel, baseline: Awaited<ReturnType<typeof deps.baseline>>): Promise<void> {
    const mine = { way, openedAt: performance.now() };
    channel = mine;
    const onClosed = (why: string) => {
      if (channel !== mine || signal.aborted) return;
      channel = null;
      deps.onLost(why, performance.now() - mine.openedAt >= usefulMs);
    };
    void way.closed.then(onClosed);
    try {
      await deps.begin(way, baseline);
    } catch (error) {
      // a channel whose container was not read is of no use to anybody
      if (channel === mine) drop();
      throw error;
    }
  }

  return {
    current: () => channel?.way ?? null,
    async opened() {
      if (channel) return channel.way;
      const desired = deps.desired();
      if (!desired) return null;
      deps.onOpening();
      const targets = [...new Set(desired.rules.map(({ target }) => target))];
      const [way, baseline] = await Promise.all([
        deps.open(deps.address, { targets, signal }),
        deps.baseline(),
      ]);
      if (signal.aborted) {
        await way.close();
        return null;
      }
      await take(way, baseline);
      return way;
    },
    async improve() {
      const old = channel?.way;
      const desired = deps.desired();
      if (!old || !desired) return false;
      const targets = [...new Set(desired.rules.map(({ target }) => target))];
      const baseline = await deps.baseline();
      const way = await deps
        .open(deps.address, { targets, signal, betterThan: old.kind })
        // that there is none yet is no failure
        .catch(() => null);
      if (way === null) return false;
      if (signal.aborted || channel?.way !== old) {
        await way.close();
        return false;
      }
      drop();
      await take(way, baseline);
      return true;
    },
    drop,
  };
}
