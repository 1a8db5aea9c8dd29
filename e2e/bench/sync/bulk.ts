import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { interleave, timingOf, type Side, type Timing } from '../measure.ts';
import { clock, milliseconds, NotSeen, type Probe, type Seen, type Wanted } from './probe.ts';
import { BUDGET_MS, OWN, piped, type SyncSide } from './sides.ts';
import { THEIRS, type SyncWorld } from './world.ts';

const FILES = 5000;
const EACH = 4096;
const LIMIT_MS = 60_000;

/** What a checkout writes: as many files, all of them other than before. */
function checkout(): Map<string, Buffer> {
  const contents = new Map<string, Buffer>();
  for (let index = 0; index < FILES; index++)
    contents.set(`part-${String(index % 100).padStart(2, '0')}/file-${index}.txt`, randomBytes(EACH));
  return contents;
}

export interface Checkout {
  /** From the last write. */
  readonly fromLast: readonly Timing[];
  /** From before the first. */
  readonly fromFirst: readonly Timing[];
}

/**
 * 5,000 new files written as fast as they can be, until all of them are read as they should be. A folder of its own each time: an ext4
 * without a journal looks at every inode that was deleted in the last minutes before it makes a new one, and a file that is replaced
 * is a deleted inode.
 */
export async function checkoutOf(
  world: SyncWorld,
  sides: readonly SyncSide[],
  rounds: number,
  say: (text: string) => void,
): Promise<Checkout> {
  const first = new Map<string, number[]>();
  const last = await interleave(
    sides.map((side): Side => {
      const samples: number[] = [];
      first.set(side.name, samples);
      return {
        name: side.name,
        prepare: () => sleep(side.settleMs),
        async run() {
          try {
            const { began, written, seen } = await oneCheckout(world, side, LIMIT_MS);
            samples.push(milliseconds(began, seen.at));
            return milliseconds(written, seen.at);
          } catch (error) {
            if (side.name === OWN) throw error;
            say(`${side.name}: ${error instanceof Error ? error.message : String(error)}`);
            samples.push(Infinity);
            return Infinity;
          }
        },
      };
    }),
    rounds,
    say,
    { budget: BUDGET_MS, waited: LIMIT_MS },
  );
  return {
    fromLast: last,
    // of as many runs as count: the first warmed up
    fromFirst: last.map(({ name, runs }) => timingOf(name, (first.get(name) ?? []).slice(-runs), LIMIT_MS)),
  };
}

let folders = 0;

/** Takes away what the checkouts have left, on all sides. */
export async function forgetCheckouts(world: SyncWorld, sides: readonly SyncSide[]): Promise<void> {
  for (const side of sides) {
    const names = readdirSync(side.local).filter(name => name.startsWith('checkout-'));
    for (const name of names) rmSync(join(side.local, name), { recursive: true });
    if (side.send)
      for (const pod of await world.pods(side.place))
        for (const name of names)
          await side.send({ kind: 'remove', path: name }, [pod]).catch(() => undefined);
  }
}

async function oneCheckout(world: SyncWorld, side: SyncSide, timeoutMs: number) {
  const folder = `checkout-${++folders}`;
  const pods = await world.pods(side.place);
  const [pod] = pods;
  if (!pod) throw new Error(`No pod of ${side.place.image}`);
  const probe = await world.probe(side.place, pod);
  const contents = checkout();
  const names = [...contents.keys()];
  for (const name of names.slice(0, 100))
    mkdirSync(dirname(join(side.local, folder, name)), { recursive: true });
  const wanted: Wanted = {
    want: 'tree',
    path: `${side.target}/${folder}`,
    contents,
    last: names.at(-1) ?? '',
  };
  const armed = await probe.arm(wanted, timeoutMs);
  const began = clock();
  for (const [name, bytes] of contents) writeFileSync(join(side.local, folder, name), bytes);
  const written = clock();
  await side.send?.({ kind: 'folder', path: folder }, pods);
  return { began, written, seen: await armed.seen };
}

/** One that may take minutes is asked once; Infinity where it was not there within `limitMs`. */
export async function checkoutWithin(world: SyncWorld, side: SyncSide, limitMs: number): Promise<Timing> {
  try {
    const { written, seen } = await oneCheckout(world, side, limitMs);
    return timingOf(side.name, [milliseconds(written, seen.at)]);
  } catch (error) {
    if (error instanceof NotSeen) return timingOf(side.name, [Infinity], limitMs);
    throw error;
  }
}

const LARGE = 200 * 1024 * 1024;
const LARGE_BUDGET_MS = 120_000;

/** One file of 200 MiB. The side to beat writes below the container's root from the node, with nothing in between. */
export async function largeFileOf(
  world: SyncWorld,
  sides: readonly SyncSide[],
  rounds: number,
  say: (text: string) => void,
): Promise<Timing[]> {
  const bytes = randomBytes(LARGE);
  const fresh = (): { readonly tail: Buffer } => {
    const tail = randomBytes(64);
    tail.copy(bytes, LARGE - 64);
    randomBytes(64).copy(bytes);
    return { tail };
  };
  const [theirPod] = await world.pods(THEIRS);
  if (!theirPod) throw new Error('No pod to write into');
  const probeOf = async (side: SyncSide): Promise<Probe> => {
    const [pod] = await world.pods(side.place);
    if (!pod) throw new Error(`No pod of ${side.place.image}`);
    return world.probe(side.place, pod);
  };
  const measured = sides.map((side): Side => ({
    name: side.name,
    prepare: () => sleep(1000),
    async run() {
      const { tail } = fresh();
      const probe = await probeOf(side);
      const path = `${side.target}/large.bin`;
      const armed = await probe.arm({ want: 'tail', path, size: LARGE, tail }, 120_000);
      writeFileSync(join(side.local, 'large.bin'), bytes);
      const written = clock();
      const pods = await world.pods(side.place);
      const [seen] = await Promise.all([armed.seen, side.send?.({ kind: 'file', path: 'large.bin' }, pods)]);
      await isWhole(probe, path, bytes);
      return milliseconds(written, seen.at);
    },
  }));
  const source = join(world.folder, 'large.bin');
  measured.push({
    name: 'docker exec … cat >',
    prepare: () => sleep(1000),
    async run() {
      const { tail } = fresh();
      writeFileSync(source, bytes);
      const probe = await world.probe(THEIRS, theirPod);
      const armed = await probe.arm({ want: 'tail', path: '/by-cat/large.bin', size: LARGE, tail }, 120_000);
      const began = clock();
      const input = openSync(source, 'r');
      const script = `cat >/proc/${theirPod.pid}/root/by-cat/large.bin`;
      await piped([], ['docker', 'exec', '-i', world.node, 'sh', '-c', script], input);
      closeSync(input);
      const seen = await armed.seen;
      await isWhole(probe, '/by-cat/large.bin', bytes);
      return milliseconds(began, seen.at);
    },
  });
  try {
    return await interleave(measured, rounds, say, { budget: LARGE_BUDGET_MS });
  } finally {
    for (const side of sides) rmSync(join(side.local, 'large.bin'), { force: true });
    rmSync(source, { force: true });
  }
}

/** The end was seen; untimed, all of it is read. */
async function isWhole(probe: Probe, path: string, bytes: Buffer): Promise<Seen> {
  return (await probe.arm({ want: 'content', path, bytes }, 60_000)).seen;
}
