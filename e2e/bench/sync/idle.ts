import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchesOf } from '../../chaos/footprint.ts';
import { timingOf, type Timing } from '../measure.ts';
import { output } from '../processes.ts';
import { Standing } from './sides.ts';
import { MANY, type SyncWorld } from './world.ts';

const DIRECTORIES = 500;
const FILES_EACH = 100;
const FOR_MS = 60_000;
const TICK_MS = 10;
export const BOTH = 'ptah sync, processor time';

/** 50,000 files and 10 containers, and nobody does anything for 60 s. */
export async function idle(
  world: SyncWorld,
  say: (text: string) => void,
): Promise<{ timings: Timing[]; note: string }> {
  world.write(MANY, 10);
  for (let directory = 0; directory < DIRECTORIES; directory++) {
    const path = join(world.source(MANY), `directory-${directory}`);
    mkdirSync(path);
    for (let file = 0; file < FILES_EACH; file++)
      writeFileSync(join(path, `file-${file}.txt`), `${directory} ${file}\n`);
  }
  say('50,000 files: building and deploying');
  await world.deploy(MANY);
  await world.scale(MANY, 10);
  const sync = Standing.ours(world, MANY);
  try {
    await quiet(world, sync);
    say('quiet: 60 s');
    const [before, nodeBefore] = [ticks(sync.pid), await helperTicks(world)];
    await sleep(FOR_MS);
    if (sync.ended) throw new Error(`ptah sync ended: ${sync.output}`);
    const [after, nodeAfter] = [ticks(sync.pid), await helperTicks(world)];
    const watches = watchesOf(sync.pid);
    const directories = countDirectories(world.root(MANY));
    const [here, there] = [(after - before) * TICK_MS, (nodeAfter - nodeBefore) * TICK_MS];
    return {
      timings: [
        timingOf(BOTH, [here + there]),
        timingOf('of these: the process', [here]),
        timingOf('of these: its helper in the node', [there]),
      ],
      note: `${watches} watches for ${directories} directories.`,
    };
  } finally {
    await sync.stop();
  }
}

/** Until it has read all the containers and has been still for 5 s. */
async function quiet(world: SyncWorld, sync: Standing): Promise<void> {
  const deadline = Date.now() + 480_000;
  let still = 0;
  let last = 0;
  while (still < 5) {
    await sleep(1000);
    if (sync.ended) throw new Error(`ptah sync ended: ${sync.output}`);
    const now = ticks(sync.pid) + (await helperTicks(world));
    still = now - last <= 2 ? still + 1 : 0;
    last = now;
    if (Date.now() > deadline) throw new Error(`ptah sync was not quiet within 8 minutes: ${sync.output}`);
  }
}

/** utime + stime of a process. */
function ticks(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Of what runs in the node without a parent there: it came through `docker exec`. */
async function helperTicks(world: SyncWorld): Promise<number> {
  const script = 'for stat in /proc/[0-9]*/stat; do cat $stat; done 2>/dev/null; true';
  const lines = (await output('docker', ['exec', world.node, 'sh', '-c', script])).split('\n');
  return lines
    .map(line => ({
      name: line.slice(0, line.lastIndexOf(')')),
      fields: line.slice(line.lastIndexOf(')') + 2).split(' '),
    }))
    .filter(({ name, fields }) => fields[1] === '0' && name.includes('perl'))
    .reduce((sum, { fields }) => sum + Number(fields[11]) + Number(fields[12]), 0);
}

const countDirectories = (root: string): number =>
  1 + readdirSync(root, { recursive: true, withFileTypes: true }).filter(entry => entry.isDirectory()).length;
