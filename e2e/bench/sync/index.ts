import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Measured } from '../report.ts';
import { ensureCluster, forgetImages, inControlPlane } from '../test-cluster.ts';
import { checkoutOf, checkoutWithin, forgetCheckouts, largeFileOf } from './bulk.ts';
import { idle } from './idle.ts';
import { editInPlace, latencyOf, renameSave, structure } from './latency.ts';
import { seriesOf } from './series.ts';
import { byCopy, byTar, original, ours, OWN, Standing, type SyncSide } from './sides.ts';
import { MANY, OURS, SyncWorld, THEIRS } from './world.ts';

/** From a saved file to its content in the container. */
export const sync: Benchmark = {
  id: 'sync',
  title: 'Live sync',
  about:
    'From the return of write() until a program in the container, which reads the file again and again, sees the new content; with several containers the last of them counts. Clocks need no comparing: containers and machine share a kernel and CLOCK_MONOTONIC. `ptah sync` and the original `ptah sync` (ptah-cli 0.7.2, with `COPY . /target`, the layout that it handles) run as processes of their own and watch. `kubectl cp` and `kubectl exec tar` are started the moment after the write, as by a watcher that takes no time. After every case the whole trees are compared (content, mode, type, extra files).',
  async measure(rounds, say) {
    const cluster = await ensureCluster();
    const world = new SyncWorld(cluster, mkdtempSync(join(tmpdir(), 'ptah-bench-sync-')));
    const only = process.env.PTAH_BENCH_CASES?.split(',');
    const wants = (name: string): boolean => only === undefined || only.includes(name);
    const standing: Standing[] = [];
    try {
      await world.cleanUp();
      world.write(OURS, 1);
      world.write(THEIRS, 1);
      say('deploying');
      await world.deploy(OURS);
      await world.deployByHand(THEIRS);
      const sides = [ours(world), byCopy(world), byTar(world), original(world)];
      await world.scale(OURS, 1);
      await world.scale(THEIRS, 1);
      await makeTargets(world);
      standing.push(Standing.ours(world), await Standing.original(world));
      await canary(world, sides, standing);
      const measured: Measured[] = [];
      const add = async (entry: Measured): Promise<void> => {
        measured.push({ ...entry, notes: [...(entry.notes ?? []), ...(await treesOf(world, sides))] });
        say(entry.what);
      };
      const many = Math.max(rounds * 4, 20);

      if (wants('edit'))
        for (const one of [editInPlace, renameSave])
          await add({
            what: `${one.what}, 1 container`,
            ...(await latencyOf(world, sides, one, many, quietly)),
            reach: { ours: OWN, milliseconds: 10, p95: 25 },
          });
      if (wants('structure'))
        for (const one of structure)
          await add({
            what: one.what,
            // to rename and to delete there is nothing to copy: these two would be the same command
            ...(await latencyOf(
              world,
              sides.filter(({ name }) => name !== 'kubectl exec tar'),
              one,
              rounds,
              quietly,
            )),
            reach: { ours: OWN, milliseconds: 10, p95: 25 },
          });
      if (wants('series')) {
        const series = [];
        for (const side of sides) series.push(await seriesOf(world, side, 30_000));
        const [own] = series;
        await restartOriginal(world, standing);
        await add({
          what: 'an edit every 50 ms for 30 s',
          timings: series.flatMap(({ timings }) => timings),
          notes: series.map(({ note }) => note),
          reach: { ours: own?.timings[2]?.name ?? OWN, milliseconds: 25 },
        });
      }
      if (wants('checkout')) {
        const watching = sides.filter(({ name }) => !name.startsWith('the original'));
        const { fromLast, fromFirst } = await checkoutOf(world, watching, Math.min(rounds, 5), say);
        const theirs = await checkoutWithin(world, original(world), 120_000);
        await restartOriginal(world, standing);
        const notes = [
          theirs === null
            ? 'the original: not there 120 s after the last write.'
            : `the original: ${(theirs / 1000).toFixed(1)} s after the last write, once.`,
        ];
        await add({
          what: '5,000 files (20 MB) written, from the last write',
          timings: fromLast,
          notes,
          reach: { ours: OWN, milliseconds: 2000 },
        });
        measured.push({
          what: 'the same, from before the first write',
          timings: fromFirst,
          reach: { ours: OWN },
        });
        await forgetCheckouts(world, sides);
      }
      if (wants('large')) {
        const [own, copy] = sides;
        await inControlPlane(cluster, [
          'mkdir',
          '-p',
          `/proc/${(await world.pods(THEIRS))[0]?.pid}/root/by-cat`,
        ]);
        const large = [own, copy].filter(side => side !== undefined);
        await add({
          what: 'a file of 200 MiB',
          timings: await largeFileOf(world, large, Math.min(rounds, 5), say),
          reach: { ours: OWN, atMostTimes: ['docker exec … cat >', 1.3] },
        });
      }
      if (wants('ten')) {
        await world.scale(OURS, 10);
        await world.scale(THEIRS, 10);
        await makeTargets(world);
        await restartOriginal(world, standing);
        await canary(world, sides, standing);
        for (const one of [editInPlace, renameSave])
          await add({
            what: `${one.what}, 10 containers`,
            ...(await latencyOf(world, sides, one, Math.max(rounds, 10), say)),
            reach: { ours: OWN, p95: 75 },
          });
      }
      for (const program of standing.splice(0)) await program.stop();
      await world.cleanUp();
      if (wants('idle')) {
        const { timings, note } = await idle(world, say);
        measured.push({
          what: 'idle for 60 s: 50,000 files, 10 containers, processor time',
          timings,
          notes: [note],
          reach: { ours: `${OWN}, processor time`, milliseconds: 120 },
        });
      }
      return measured;
    } catch (error) {
      for (const { output } of standing) say(output);
      throw error;
    } finally {
      for (const program of standing) await program.stop();
      await world.cleanUp();
      for (const { image } of [OURS, THEIRS, MANY]) await forgetImages(cluster, image);
      rmSync(world.folder, { recursive: true, force: true });
    }
  },
};

const quietly = (): void => undefined;

/** Folders for the sides that copy by hand: they share the containers of the original. */
async function makeTargets(world: SyncWorld): Promise<void> {
  for (const pod of await world.pods(THEIRS))
    for (const target of ['/by-cp', '/by-tar'])
      await world.kubectl('-n', THEIRS.namespace, 'exec', pod.name, '--', 'mkdir', '-p', target);
}

/** Until a file that both programs should send is there: then they watch. */
async function canary(
  world: SyncWorld,
  sides: readonly SyncSide[],
  standing: readonly Standing[],
): Promise<void> {
  for (const side of sides.filter(({ send }) => send === undefined)) {
    const pods = await world.pods(side.place);
    for (const pod of pods) {
      const probe = await world.probe(side.place, pod);
      for (let attempt = 0; ; attempt++) {
        const bytes = Buffer.from(`canary ${pod.name} ${attempt}\n`);
        const wanted = { want: 'content', path: `${side.target}/canary.txt`, bytes } as const;
        const armed = await probe.arm(wanted, 5000);
        writeFileSync(join(side.local, 'canary.txt'), bytes);
        if (
          await armed.seen.then(
            () => true,
            () => false,
          )
        )
          break;
        if (attempt > 12)
          throw new Error(`${side.name} does not sync:\n${standing.map(({ output }) => output).join('\n')}`);
      }
    }
  }
}

/** What it has not sent by now it would send into the next case. */
async function restartOriginal(world: SyncWorld, standing: Standing[]): Promise<void> {
  await standing.pop()?.stop();
  standing.push(await Standing.original(world));
  await sleep(3000);
}

/** A fast wrong result is no result: ours has to be equal in every container; of the others it is said. */
async function treesOf(world: SyncWorld, sides: readonly SyncSide[]): Promise<string[]> {
  const notes: string[] = [];
  for (const side of sides) {
    mkdirSync(side.local, { recursive: true });
    const wrong = new Set<string>();
    const deadline = Date.now() + 5000;
    for (const pod of await world.pods(side.place)) {
      let found = await world.compare(side.local, pod, side.target);
      while (found.length > 0 && side.send === undefined && Date.now() < deadline) {
        await sleep(500);
        found = await world.compare(side.local, pod, side.target);
      }
      for (const line of found) wrong.add(line);
    }
    if (wrong.size === 0) continue;
    const text = `${side.name}: ${wrong.size} differences afterwards, such as ${[...wrong][0]}`;
    if (side.place === OURS) throw new Error(text);
    notes.push(text);
  }
  return notes.length === 0 ? ['Trees equal on all sides afterwards.'] : notes;
}
