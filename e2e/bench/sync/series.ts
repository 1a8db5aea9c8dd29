import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { timingOf, type Timing } from '../measure.ts';
import { clock, milliseconds, NotSeen } from './probe.ts';
import type { SyncSide } from './sides.ts';
import type { SyncWorld } from './world.ts';

const EVERY_MS = 50;
const FOR_MS = 30_000;

export interface Series {
  readonly timings: readonly Timing[];
  /** What became of it, in words. */
  readonly note: string;
}

/**
 * An edit every 50 ms for 30 s: of each edit, how long until it or a later one was seen. A lag that grows is a queue. A side that sends
 * per event sends one after another, since two at once could end in the wrong order, and leaves out what was overtaken meanwhile, as
 * a watcher with any sense would.
 */
export async function seriesOf(world: SyncWorld, side: SyncSide, drainMs: number): Promise<Series> {
  const pods = await world.pods(side.place);
  const [pod] = pods;
  if (!pod) throw new Error(`No pod of ${side.place.image}`);
  const probe = await world.probe(side.place, pod);
  const edits = FOR_MS / EVERY_MS;
  const path = join(side.local, 'series.txt');
  const armed = await probe.arm(
    { want: 'series', path: `${side.target}/series.txt`, last: edits - 1 },
    FOR_MS + drainMs,
  );
  const written: bigint[] = [];
  const sender = side.send && new Sender(() => side.send?.({ kind: 'file', path: 'series.txt' }, pods));
  const began = clock();
  for (let number = 0; number < edits; number++) {
    const due = number * EVERY_MS - milliseconds(began, clock());
    if (due > 0) await sleep(due);
    writeFileSync(path, `${number} `.padEnd(1024, 'x'));
    written.push(clock());
    sender?.ask();
  }
  try {
    const { series } = await armed.seen;
    let next = 0;
    const lags = written.map((when, number) => {
      while (next < series.length - 1 && (series[next]?.number ?? -1) < number) next++;
      return milliseconds(when, series[next]?.at ?? when);
    });
    const part = Math.floor(edits / 6);
    const sent = sender ? `, after ${sender.sent} sends of which ${sender.failed} failed` : '';
    return {
      timings: [
        timingOf(side.name, lags),
        timingOf(`${side.name}, the first 5 s`, lags.slice(0, part)),
        timingOf(`${side.name}, the last 5 s`, lags.slice(-part)),
      ],
      note: `${side.name}: the last state is right${sent}.`,
    };
  } catch (error) {
    if (!(error instanceof NotSeen)) throw error;
    return {
      timings: [timingOf(side.name, [Infinity], drainMs)],
      note: `${side.name}: ${drainMs / 1000} s after the last edit its content was not there.`,
    };
  } finally {
    await sender?.end();
  }
}

/** Sends one after another; what is asked for meanwhile becomes one more. */
class Sender {
  sent = 0;
  /** `kubectl cp` gives up on a file that grows or shrinks while it reads it. */
  failed = 0;
  private readonly send: () => Promise<void> | undefined;
  private asked = false;
  private ended = false;
  private running: Promise<void> | null = null;

  constructor(send: () => Promise<void> | undefined) {
    this.send = send;
  }

  ask(): void {
    this.asked = true;
    this.running ??= this.run().finally(() => (this.running = null));
  }
  async end(): Promise<void> {
    this.ended = true;
    await this.running;
  }
  private async run(): Promise<void> {
    while (this.asked && !this.ended) {
      this.asked = false;
      this.sent++;
      try {
        await this.send();
      } catch {
        this.failed++;
        // what failed has not been sent
        this.asked = true;
      }
    }
  }
}
