import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Box } from './box.ts';
import { before, endsWell, stopAll, treesEqual } from './ends-well.ts';
import { EngineProcess } from './engine-process.ts';
import { randomOf, RandomTree } from './random-tree.ts';
import { differences, type Listing } from './trees.ts';

// A seed that failed is run again with PTAH_CHAOS_SEED=N.
const seed = Number(process.env.PTAH_CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const OPERATIONS = Number(process.env.PTAH_CHAOS_OPERATIONS ?? 10_000);
const ROUNDS = 20;

let box: Box;
beforeAll(async () => {
  box = await Box.deploy({ name: 'random' });
});
afterEach(stopAll);
afterAll(() => box.remove());

describe(`${OPERATIONS} random operations, seed ${seed}`, () => {
  const tree = (): RandomTree => new RandomTree(box.files, randomOf(seed));
  let model: RandomTree;

  /** The folder is the model, and the container is the folder. */
  const expected = async (): Promise<Listing> => {
    const folder = await box.inFolder();
    const withFirst = new Map([...model.listing(), ...[...folder].filter(([path]) => path === 'first.txt')]);
    expect(differences(withFirst, folder), 'the model against the folder').toEqual([]);
    return folder;
  };

  it('leave the container as the model says', async () => {
    console.log(`PTAH_CHAOS_SEED=${seed}`);
    model = tree();
    const engine = await EngineProcess.start(box.root, { home: box.home });
    const was = await before(engine);
    engine.hold();
    for (let round = 0; round < ROUNDS; round++) {
      for (let step = 0; step < OPERATIONS / ROUNDS; step++) {
        model.step();
        // so that the engine meets every state in between, not only the last one
        if (step % 7 === 0) await sleep(0);
        if (step % 50 === 0) await sleep(5);
      }
      await treesEqual(box, { expected });
    }
    expect([...model.kinds.keys()]).toHaveLength(10);
    await endsWell(box, engine, was, { expected });
  });

  it('and so they do with an engine that stops for 20 ms again and again', async () => {
    const engine = await EngineProcess.start(box.root, { home: box.home });
    const was = await before(engine);
    engine.hold();
    const ending = new AbortController();
    const pauses = (async () => {
      while (!ending.signal.aborted) {
        engine.signal('SIGSTOP');
        await sleep(20);
        engine.signal('SIGCONT');
        await sleep(10 + Math.random() * 60);
      }
    })();
    try {
      for (let round = 0; round < ROUNDS; round++) {
        for (let step = 0; step < OPERATIONS / ROUNDS; step++) {
          model.step();
          if (step % 25 === 0) await sleep(1);
        }
        if (round % 4 === 3) await treesEqual(box, { expected });
      }
    } finally {
      ending.abort();
      await pauses;
    }
    await endsWell(box, engine, was, { expected });
  });
});
