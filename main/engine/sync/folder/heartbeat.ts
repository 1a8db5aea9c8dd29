import type { FolderTiming } from './timing.ts';

const LEAP_MILLISECONDS = 5000;
/** No more than this share of a core goes into polling. */
const POLL_SHARE = 20;
const SAFETY_SHARE = 2000;

interface HeartbeatDeps {
  readonly timing: FolderTiming;
  /** Wall clock, milliseconds. */
  readonly clock: () => number;
  readonly rescan: (reason: string) => void;
  /** Whether there is something that can't be watched. */
  readonly isBlind: () => boolean;
  readonly isBusy: () => boolean;
  /** Looks at what can't be watched. */
  readonly poll: () => void;
}

/** What is looked at without an event: everything after the machine slept and now and then while idle, and what can't be watched. */
export class Heartbeat {
  readonly #deps: HeartbeatDeps;
  readonly #timer: NodeJS.Timeout;
  #beat: number;
  #lookedAt = 0;
  #lookTook = 0;
  #polledAt = 0;

  constructor(deps: HeartbeatDeps) {
    this.#deps = deps;
    this.#beat = deps.clock();
    const interval = Math.min(deps.timing.heartbeat, deps.timing.poll);
    this.#timer = setInterval(() => this.#onBeat(interval), interval).unref();
  }

  /** Everything was listed since `started`. */
  looked(started: number): void {
    this.#lookedAt = performance.now();
    this.#lookTook = this.#lookedAt - started;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #onBeat(interval: number): void {
    const { clock, timing, rescan, isBlind } = this.#deps;
    const now = clock();
    const leap = Math.abs(now - this.#beat - interval) > LEAP_MILLISECONDS;
    this.#beat = now;
    if (leap) return rescan('wake');
    const idle = performance.now() - this.#lookedAt;
    if (idle > Math.max(timing.safety, this.#lookTook * SAFETY_SHARE)) {
      this.#lookedAt = performance.now();
      rescan('idle');
    } else if (isBlind()) this.#poll();
  }

  #poll(): void {
    const { timing, isBusy, poll } = this.#deps;
    const pause = Math.max(timing.poll, this.#lookTook * POLL_SHARE);
    if (isBusy() || performance.now() - this.#polledAt < pause * 0.9) return;
    this.#polledAt = performance.now();
    poll();
  }
}
