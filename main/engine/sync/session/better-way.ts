import type { ContainerWay } from './container-way.ts';

/** So often it is looked for in vain, each time after twice as long: two seconds to eight minutes. */
const mostVain = 9;

interface BetterWayDeps {
  readonly channel: ContainerWay;
  /** Nothing is under way, and nothing waits. */
  readonly isCalm: () => boolean;
  /** Does it while nothing else is done with the container. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
  /** What the container has was read anew. */
  readonly onImproved: () => void;
  readonly firstMs: number;
  readonly signal: AbortSignal;
}

/** After Docker or a node was away: nobody has to turn the switch off and on to have the best way into the container again. */
export function createBetterWay({ channel, isCalm, alone, onImproved, firstMs, signal }: BetterWayDeps): {
  /** Another way was opened: whether there is a better one is seen anew. */
  anew(): void;
  close(): void;
} {
  let timer: NodeJS.Timeout | undefined;
  let vain = 0;

  function later(): void {
    clearTimeout(timer);
    if (signal.aborted || channel.current()?.passing !== true || vain >= mostVain) return;
    timer = setTimeout(look, firstMs * 2 ** vain).unref();
  }
  function look(): void {
    if (!isCalm()) return later();
    vain += 1;
    void alone(async () => {
      if (await channel.improve()) onImproved();
    }).finally(later);
  }
  return {
    anew() {
      vain = 0;
      later();
    },
    close: () => clearTimeout(timer),
  };
}
