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

/** An edit every 50 ms for 30 s: of each edit, how long until it or a later one was seen. A lag that grows is a queue. */
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
  // one that sends per event has to send them one after another: two at once could end in the wrong order
  let sending = Promise.resolve();
  // `kubectl cp` gives up on a file that grows or shrinks while it reads it
  let failed = 0;
  const began = clock();
  for (let number = 0; number < edits; number++) {
    const due = number * EVERY_MS - milliseconds(began, clock());
    if (due > 0) await sleep(due);
    writeFileSync(path, `${number} `.padEnd(1024, 'x'));
    written.push(clock());
    if (side.send) {
      const { send } = side;
      sending = sending
        .then(() => send({ kind: 'file', path: 'series.txt' }, pods))
        .catch(() => void failed++);
    }
  }
  try {
    const { series } = await armed.seen;
    await sending;
    let next = 0;
    const lags = written.map((when, number) => {
      while (next < series.length - 1 && (series[next]?.number ?? -1) < number) next++;
      return milliseconds(when, series[next]?.at ?? when);
    });
    const part = Math.floor(edits / 6);
    return {
      timings: [
        timingOf(side.name, lags),
        timingOf(`${side.name}, the first 5 s`, lags.slice(0, part)),
        timingOf(`${side.name}, the last 5 s`, lags.slice(-part)),
      ],
      note: `${side.name}: the last state is right${failed === 0 ? '' : `, and ${failed} of ${edits} sends failed`}.`,
    };
  } catch (error) {
    if (!(error instanceof NotSeen)) throw error;
    return {
      timings: [],
      note: `${side.name}: ${drainMs / 1000} s after the last edit its content was not there.`,
    };
  }
}
