import { readdirSync } from 'node:fs';
import { expect } from 'vitest';
import type { Box, Running } from './box.ts';
import { EngineProcess } from './engine-process.ts';
import { footprintOf, strangersInNodes, strangersInside, type Footprint } from './footprint.ts';
import { differences, type Listing } from './trees.ts';

export interface Before {
  readonly strangers: readonly string[];
  readonly footprint: Footprint;
}

/** What there is before sync is on: the measure of what may be left. An engine that has just opened a project is still settling. */
export async function before(engine: EngineProcess): Promise<Before> {
  let last = '';
  for (;;) {
    const footprint = footprintOf(engine.mark);
    if (JSON.stringify(footprint) === last) return { footprint, strangers: await strangersInNodes() };
    last = JSON.stringify(footprint);
    await new Promise(resolve => setTimeout(resolve, 600));
  }
}

const directoriesBelow = (root: string): number =>
  readdirSync(root, { recursive: true, withFileTypes: true }).filter(entry => entry.isDirectory()).length;

interface EqualOptions {
  readonly timeoutMs?: number;
  /** Other than what the folder holds. */
  readonly expected?: () => Promise<Listing>;
  /** What lies inside without being ours. */
  readonly inside?: (path: string) => boolean;
}

/** Waits until every running container holds what the folder holds, byte by byte, and nothing else. */
export async function treesEqual(box: Box, options: EqualOptions = {}): Promise<readonly Running[]> {
  const { timeoutMs = 60_000, expected = () => box.inFolder(), inside = () => false } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const wanted = await expected();
    const running = await box.running();
    const found: string[] = running.length === 0 ? ['no container runs'] : [];
    for (const container of running) {
      const there = await box
        .inContainer(container)
        .catch((error: unknown) => new Map([['', String(error)]]) as Listing);
      const seen = new Map(there.entries().filter(([path]) => !inside(path)));
      found.push(...differences(wanted, seen).map(line => `${container.pod}: ${line}`));
    }
    if (found.length === 0) return running;
    const said = [...EngineProcess.all].map(engine => engine.describe());
    if (Date.now() > deadline)
      throw new Error(
        `Not equal after ${timeoutMs} ms, ${found.length} differences:\n${found.slice(0, 12).join('\n')}\n${said.join('\n')}`,
      );
    await new Promise(resolve => setTimeout(resolve, 150));
  }
}

/**
 * The end of every chaos test. The trees are equal by a reader of its own, the engine says so as well, and so does its own Verify; then
 * sync goes off and gives back all that it took; then the engine ends and nothing of it is left, here, in a node or in a container.
 */
export async function endsWell(
  box: Box,
  engine: EngineProcess,
  was: Before,
  options: EqualOptions = {},
): Promise<void> {
  const running = await treesEqual(box, options);
  await expect
    .poll(() => engine.snapshot?.containers.map(({ state, pending, drift }) => ({ state, pending, drift })), {
      timeout: 30_000,
    })
    .toEqual(running.map(() => ({ state: 'equal', pending: 0, drift: [] })));
  for (const { key } of engine.snapshot?.containers ?? [])
    expect(await engine.verify(key)).toMatchObject({ equal: true, differences: [] });
  await treesEqual(box, options);
  await leavesNothing(box, engine, was);
  for (const { node, pid } of running) expect(await strangersInside(node, pid)).toEqual([]);
}

/**
 * Sync off, then the engine's end: neither leaves a process, a watch or a socket. An engine that has a project open watches each of its
 * directories once, and keeps one connection to Docker and to the API server for the next question.
 */
export async function leavesNothing(box: Box, engine: EngineProcess, was: Before): Promise<void> {
  await engine.release();
  const look = async (): Promise<string[]> => {
    const now = { ...footprintOf(engine.mark), handles: await engine.watchHandles() };
    const watches = directoriesBelow(box.root) + 3;
    const { processes, sockets, files } = was.footprint;
    const allowed = { processes, files, sockets: sockets + 2, watches, handles: watches };
    const grown = (Object.keys(allowed) as (keyof typeof allowed)[]).filter(
      what => now[what] > allowed[what],
    );
    return grown.map(what => `${what}: at most ${allowed[what]} wanted, ${now[what]} there`);
  };
  await expect.poll(look, { timeout: 30_000, interval: 250 }).toEqual([]);
  expect(await engine.stop(), engine.errors).toBe(0);
  expect(footprintOf(engine.mark).processes).toBe(0);
  await nobodyInNodes(was);
}

export async function nobodyInNodes({ strangers }: Pick<Before, 'strangers'>): Promise<void> {
  await expect
    .poll(async () => (await strangersInNodes()).filter(line => !strangers.includes(line)), {
      timeout: 30_000,
      interval: 500,
    })
    .toEqual([]);
}

/** For a test that failed: its engine must not disturb the next. */
export async function stopAll(): Promise<void> {
  for (const engine of EngineProcess.all) await engine.stop();
}
