import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { interleave, type Side, type Timing } from '../measure.ts';
import { clock, milliseconds, NotSeen, type Wanted } from './probe.ts';
import { BUDGET_MS, OWN, type Change, type SyncSide } from './sides.ts';
import type { SyncWorld } from './world.ts';

/** One change of the folder; `write` returns when the change is made, which is when the clock starts. */
interface Step {
  readonly wanted: Wanted;
  readonly change: Change;
  readonly write: () => void;
}
export interface LatencyCase {
  readonly what: string;
  /** The same change, another one each time. */
  readonly step: (side: SyncSide, round: number) => Step;
}

const KIB = 1024;
const file = (side: SyncSide, name: string): string => join(side.local, name);
const at = (side: SyncSide, name: string): string => `${side.target}/${name}`;
const bytesOf = (size = KIB): Buffer => Buffer.from(randomBytes(size).toString('hex').slice(0, size));

export const editInPlace: LatencyCase = {
  what: '1 KiB edit in place',
  step(side) {
    const bytes = bytesOf();
    return {
      wanted: { want: 'content', path: at(side, 'edited.txt'), bytes },
      change: { kind: 'file', path: 'edited.txt' },
      write() {
        const descriptor = openSync(file(side, 'edited.txt'), 'w');
        writeSync(descriptor, bytes);
        closeSync(descriptor);
      },
    };
  },
};
export const renameSave: LatencyCase = {
  what: '1 KiB saved beside and renamed over',
  step(side) {
    const bytes = bytesOf();
    return {
      wanted: { want: 'content', path: at(side, 'saved.txt'), bytes },
      change: { kind: 'file', path: 'saved.txt' },
      write() {
        writeFileSync(file(side, 'saved.txt.tmp'), bytes);
        renameSync(file(side, 'saved.txt.tmp'), file(side, 'saved.txt'));
      },
    };
  },
};
const create: LatencyCase = {
  what: 'a new file of 1 KiB',
  step(side, round) {
    const bytes = bytesOf();
    const name = `new-${round}.txt`;
    return {
      wanted: { want: 'content', path: at(side, name), bytes },
      change: { kind: 'file', path: name },
      write: () => writeFileSync(file(side, name), bytes),
    };
  },
};
const renameFile: LatencyCase = {
  what: 'a file renamed',
  step(side, round) {
    const [from, to] = [`new-${round}.txt`, `renamed-${round}.txt`];
    return {
      wanted: { want: 'there', path: at(side, to) },
      change: { kind: 'move', path: from, to },
      write: () => renameSync(file(side, from), file(side, to)),
    };
  },
};
const remove: LatencyCase = {
  what: 'a file deleted',
  step(side, round) {
    const name = `renamed-${round}.txt`;
    return {
      wanted: { want: 'gone', path: at(side, name) },
      change: { kind: 'remove', path: name },
      write: () => rmSync(file(side, name)),
    };
  },
};
const makeFolder: LatencyCase = {
  what: 'a new directory',
  step(side, round) {
    const name = `folder-${round}`;
    return {
      wanted: { want: 'there', path: at(side, name), directory: true },
      change: { kind: 'make', path: name },
      write: () => mkdirSync(file(side, name)),
    };
  },
};
const renameFolder: LatencyCase = {
  what: 'a directory renamed',
  step(side, round) {
    const [from, to] = [`folder-${round}`, `moved-${round}`];
    return {
      wanted: { want: 'there', path: at(side, to), directory: true },
      change: { kind: 'move', path: from, to },
      write: () => renameSync(file(side, from), file(side, to)),
    };
  },
};
const removeFolder: LatencyCase = {
  what: 'a directory deleted',
  step(side, round) {
    const name = `moved-${round}`;
    return {
      wanted: { want: 'gone', path: at(side, name) },
      change: { kind: 'remove', path: name },
      write: () => rmSync(file(side, name), { recursive: true }),
    };
  },
};
/** In this order: each takes what the one before it left. */
export const structure = [create, renameFile, remove, makeFolder, renameFolder, removeFolder];

const LIMIT_MS = 10_000;

export interface Latency {
  readonly timings: Timing[];
  readonly notes: string[];
  /** Makes, of a side that was asked no further, the changes that the next case wants to find. */
  readonly catchUp: () => void;
}

/**
 * From the return of write() until every container shows it; the sides take turns. Another side is given 10 s for each change, and is
 * asked no further after two that it did not bring or when its time is used up; that ours does not bring one is an error.
 */
export async function latencyOf(
  world: SyncWorld,
  sides: readonly SyncSide[],
  { step }: LatencyCase,
  rounds: number,
  say: (text: string) => void,
): Promise<Latency> {
  const failures = new Map<string, string>();
  const next = new Map(sides.map(side => [side, 0]));
  const stepOf = (side: SyncSide): Step => {
    const round = next.get(side) ?? 0;
    next.set(side, round + 1);
    return step(side, round);
  };
  const measured = sides.map((side): Side => ({
    name: side.name,
    prepare: () => sleep(side.settleMs),
    async run() {
      const pods = await world.pods(side.place);
      const probes = await Promise.all(pods.map(pod => world.probe(side.place, pod)));
      const { wanted, change, write } = stepOf(side);
      const limit = side.name === OWN ? 60_000 : LIMIT_MS;
      const armed = await Promise.all(probes.map(probe => probe.arm(wanted, limit, pods.length)));
      write();
      const written = clock();
      const sent = side.send?.(change, pods).catch((error: unknown) => {
        failures.set(side.name, error instanceof Error ? error.message : String(error));
      });
      try {
        const seen = await Promise.all(armed.map(probe => probe.seen));
        return Math.max(...seen.map(({ at: when }) => milliseconds(written, when)));
      } catch (error) {
        if (!(error instanceof NotSeen)) throw error;
        if (side.name === OWN) throw new Error(`${side.name}: ${error.message}`, { cause: error });
        return Infinity;
      } finally {
        await sent;
      }
    },
  }));
  const timings = await interleave(measured, rounds, say, { budget: BUDGET_MS, waited: LIMIT_MS });
  const catchUp = (): void => {
    for (const side of sides) while ((next.get(side) ?? 0) <= rounds) stepOf(side).write();
  };
  const notes = timings.flatMap(({ name, samples, runs }) => {
    const missed = samples.filter(sample => sample === Infinity).length;
    const never = missed === 0 ? [] : [`${name}: ${missed} of ${runs} not there after 10 s.`];
    const fewer = missed === 0 && runs < rounds ? [`${name}: ended after ${BUDGET_MS / 1000} s.`] : [];
    const failure = failures.get(name);
    return [...never, ...fewer, ...(failure === undefined ? [] : [`${name}: ${failure}`])];
  });
  return { timings, notes, catchUp };
}
