import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, Measured } from '../report.ts';
import { ensureCluster, forgetImages } from '../test-cluster.ts';
import { cases, type SyncCase } from './cases.ts';
import { BOTH, idle } from './idle.ts';
import { OWN } from './sides.ts';
import { Stage } from './stage.ts';
import { MANY, OURS, SyncWorld, THEIRS } from './world.ts';

/** From a saved file to its content in the container. */
export const sync: Benchmark = {
  id: 'sync',
  title: 'Live sync',
  about:
    'From the return of write() until a program in the container, which reads the file again and again, sees the new content; with several containers the last of them counts. It looks every 0.3 ms, with ten containers every 3 ms in each. Clocks need no comparing: containers and machine share a kernel and CLOCK_MONOTONIC. `ptah sync` and the original `ptah sync` (ptah-cli 0.7.2, with `COPY . /target`, the layout that it handles) run as processes of their own and watch. `kubectl cp` and `kubectl exec tar` are started the moment after the write, as by a watcher that takes no time. A side of another is given 10 s for a change, two changes that it may miss, and 25 s of a case. After every case the whole trees are compared (content, mode, type, extra files).',
  async measure(rounds, say, tell) {
    const cluster = await ensureCluster();
    const world = new SyncWorld(cluster, mkdtempSync(join(tmpdir(), 'ptah-bench-sync-')));
    const wants = wanted();
    let stage: Stage | null = null;
    try {
      await world.cleanUp();
      for (const one of cases.filter(({ name }) => wants(name))) {
        if (stage === null) {
          say('deploying');
          stage = await Stage.open(world);
        }
        say(one.name);
        const failure = await measureOne(one, stage, rounds, say, tell);
        if (failure === null) continue;
        tell({ what: one.name, timings: [], notes: [`Cut off: ${failure}`], failed: true });
        say(stage.output);
        // another case has nothing to do with it
        await stage.close();
        stage = null;
      }
      await stage?.close();
      stage = null;
      if (wants('idle')) {
        const { timings, note } = await idle(world, say);
        tell({
          what: 'idle for 60 s: 50,000 files, 10 containers, processor time',
          timings,
          notes: [note],
          reach: { ours: BOTH, milliseconds: 120 },
        });
      }
      return [];
    } finally {
      await stage?.close();
      await world.cleanUp();
      for (const { image } of [OURS, THEIRS, MANY]) await forgetImages(cluster, image);
      rmSync(world.folder, { recursive: true, force: true });
    }
  },
};

/** Which cases PTAH_BENCH_CASES names; all where it names none. */
function wanted(): (name: string) => boolean {
  const only = process.env.PTAH_BENCH_CASES?.split(',');
  const names = [...cases.map(({ name }) => name), 'idle'];
  const unknown = only?.find(name => !names.includes(name));
  if (unknown !== undefined) throw new Error(`There is no case ${unknown}. Cases: ${names.join(', ')}`);
  return name => only === undefined || only.includes(name);
}

/** Null, or what cut it off. Ours has to be equal in every container; of the others it is said. */
async function measureOne(
  one: SyncCase,
  stage: Stage,
  rounds: number,
  say: (text: string) => void,
  tell: (measured: Measured) => void,
): Promise<string | null> {
  try {
    await one.measure({
      stage,
      rounds,
      say,
      async tell(measured, compared = false) {
        if (compared) return tell(measured);
        const wrong = await stage.differences();
        const trees = wrong.size === 0 ? ['Trees equal on all sides afterwards.'] : [...wrong.values()];
        const failed = [...wrong.keys()].some(({ name }) => name === OWN);
        const notes = [...(measured.notes ?? []), ...trees, ...stage.absent];
        tell({ ...measured, notes, ...(failed ? { failed } : {}) });
      },
    });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
