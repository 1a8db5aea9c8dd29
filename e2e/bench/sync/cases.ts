import { setTimeout as sleep } from 'node:timers/promises';
import type { Measured } from '../report.ts';
import { checkoutOf, checkoutWithin, forgetCheckouts, largeFileOf } from './bulk.ts';
import { editInPlace, latencyOf, renameSave, structure, type LatencyCase } from './latency.ts';
import { seriesOf } from './series.ts';
import { OWN } from './sides.ts';
import type { Stage } from './stage.ts';

export interface CaseRun {
  readonly stage: Stage;
  readonly rounds: number;
  readonly say: (text: string) => void;
  /** A result, when it is there; compares the trees first, unless they have just been compared. */
  readonly tell: (measured: Measured, compared?: boolean) => Promise<void>;
}
export interface SyncCase {
  readonly name: string;
  readonly measure: (run: CaseRun) => Promise<void>;
}

const quietly = (): void => undefined;
const ONE_FILE = { ours: OWN, milliseconds: 10, p95: 25 };

const edit: SyncCase = {
  name: 'edit',
  async measure({ stage, rounds, tell }) {
    for (const one of [editInPlace, renameSave]) {
      const most = Math.max(rounds * 4, 20);
      const { timings, notes } = await latencyOf(stage.world, stage.sides, one, most, quietly);
      await tell({ what: `${one.what}, 1 container`, timings, notes, reach: ONE_FILE });
    }
  },
};

const structures: SyncCase = {
  name: 'structure',
  async measure({ stage, rounds, tell }) {
    // to rename and to delete there is nothing to copy: these two would be the same command
    const sides = stage.sides.filter(({ name }) => name !== 'kubectl exec tar');
    for (const one of structure) {
      const most = Math.max(rounds, 10);
      const { timings, notes, catchUp } = await latencyOf(stage.world, sides, one, most, quietly);
      await tell({ what: one.what, timings, notes, reach: ONE_FILE });
      catchUp();
    }
  },
};

const series: SyncCase = {
  name: 'series',
  async measure({ stage, say, tell }) {
    const all = [];
    for (const side of stage.sides) {
      all.push(await seriesOf(stage.world, side, 20_000));
      say(`series: ${side.name}`);
    }
    await stage.restart();
    await tell({
      what: 'an edit every 50 ms for 30 s',
      timings: all.flatMap(({ timings }) => timings),
      notes: all.map(({ note }) => note),
      reach: { ours: `${OWN}, the last 5 s`, milliseconds: 25 },
    });
  },
};

const checkout: SyncCase = {
  name: 'checkout',
  async measure({ stage, rounds, say, tell }) {
    const { world } = stage;
    const isOriginal = (name: string): boolean => name.startsWith('the original');
    const quick = stage.sides.filter(({ name }) => !isOriginal(name));
    const { fromLast, fromFirst } = await checkoutOf(world, quick, Math.min(rounds, 5), say);
    const timings = [...fromLast];
    for (const side of stage.sides.filter(({ name }) => isOriginal(name)))
      timings.push(await checkoutWithin(world, side, 30_000));
    const what = '5,000 files (20 MB) written, from the last write';
    await tell({ what, timings, reach: { ours: OWN, milliseconds: 2000 } });
    const first = 'the same, from before the first write';
    await tell({ what: first, timings: fromFirst, reach: { ours: OWN } }, true);
    await forgetCheckouts(world, stage.sides);
    await stage.restart();
  },
};

const large: SyncCase = {
  name: 'large',
  async measure({ stage, rounds, say, tell }) {
    const sides = stage.sides.filter(({ name }) => name === OWN || name === 'kubectl cp');
    await tell({
      what: 'a file of 200 MiB',
      timings: await largeFileOf(stage.world, sides, Math.min(rounds, 5), say),
      reach: { ours: OWN, atMostTimes: ['docker exec … cat >', 1.3] },
    });
  },
};

const ten: SyncCase = {
  name: 'ten',
  async measure({ stage, rounds, say, tell }) {
    await stage.scale(10);
    // ten pods have just started: what the machine still does for them is not what is measured
    await sleep(10_000);
    const measureOne = async (one: LatencyCase): Promise<void> => {
      const most = Math.max(rounds * 2, 20);
      const { timings, notes } = await latencyOf(stage.world, stage.sides, one, most, say);
      await tell({ what: `${one.what}, 10 containers`, timings, notes, reach: { ours: OWN, p95: 75 } });
    };
    await measureOne(editInPlace);
    await measureOne(renameSave);
  },
};

/** In this order: the ten containers stay. */
export const cases: readonly SyncCase[] = [edit, structures, series, checkout, large, ten];
