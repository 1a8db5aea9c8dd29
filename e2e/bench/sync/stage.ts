import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotSeen } from './probe.ts';
import { byCopy, byTar, original, ours, Standing, type SyncSide } from './sides.ts';
import { OURS, THEIRS, type SyncWorld } from './world.ts';

/** The containers, and both programs that watch, as the cases find them. */
export class Stage {
  readonly world: SyncWorld;
  /** Those that take part: the original is left out where it can't be had or doesn't sync at all. */
  sides: readonly SyncSide[] = [];
  /** Why a side does not take part. */
  readonly absent: string[] = [];
  private own: Standing | null = null;
  private theirs: Standing | null = null;

  private constructor(world: SyncWorld) {
    this.world = world;
  }

  static async open(world: SyncWorld): Promise<Stage> {
    const stage = new Stage(world);
    try {
      world.write(OURS, 1);
      world.write(THEIRS, 1);
      await world.deploy(OURS);
      await world.deployByHand(THEIRS);
      stage.sides = [ours(world), byCopy(world), byTar(world), original(world)];
      await stage.scale(1);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  get output(): string {
    return [this.own, this.theirs].map(program => program?.output ?? '').join('\n');
  }

  /** So many containers on both sides, and both programs watching. */
  async scale(replicas: number): Promise<void> {
    const { world } = this;
    await world.scale(OURS, replicas);
    await world.scale(THEIRS, replicas);
    // those that copy by hand share the containers of the original
    for (const pod of await world.pods(THEIRS))
      for (const target of ['/by-cp', '/by-tar', '/by-cat'])
        await world.kubectl('-n', THEIRS.namespace, 'exec', pod.name, '--', 'mkdir', '-p', target);
    await this.restart();
  }

  /** Both programs anew. What the original has not sent by now it would send into the next case. */
  async restart(): Promise<void> {
    await Promise.all([this.own?.stop(), this.theirs?.stop()]);
    this.own = Standing.ours(this.world);
    for (const side of this.sides)
      if (side.place === OURS) await watches(this.world, side, 120_000);
      else if (side.send === undefined) {
        try {
          this.theirs = await Standing.original(this.world);
          await watches(this.world, side, 30_000);
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          this.absent.push(`${side.name} was left out: ${why}`);
          this.sides = this.sides.filter(each => each !== side);
          await this.theirs?.stop();
        }
      }
  }

  /** A fast wrong result is no result. What is wrong, per side; empty where all trees are equal. */
  async differences(): Promise<ReadonlyMap<SyncSide, string>> {
    const { world } = this;
    const found = new Map<SyncSide, string>();
    for (const side of this.sides) {
      mkdirSync(side.local, { recursive: true });
      const wrong = new Set<string>();
      const deadline = Date.now() + 5000;
      for (const pod of await world.pods(side.place)) {
        let lines = await world.compare(side.local, pod, side.target);
        while (lines.length > 0 && side.send === undefined && Date.now() < deadline) {
          await sleep(500);
          lines = await world.compare(side.local, pod, side.target);
        }
        for (const line of lines) wrong.add(line);
      }
      if (wrong.size > 0)
        found.set(side, `${side.name}: ${wrong.size} differences afterwards, such as ${[...wrong][0]}`);
    }
    return found;
  }

  async close(): Promise<void> {
    await Promise.all([this.own?.stop(), this.theirs?.stop()]);
    await this.world.cleanUp();
  }
}

/** Until a file that the program should send is in every container: then it watches. */
async function watches(world: SyncWorld, side: SyncSide, limitMs: number): Promise<void> {
  const deadline = Date.now() + limitMs;
  for (const pod of await world.pods(side.place)) {
    const probe = await world.probe(side.place, pod);
    for (let attempt = 0; ; attempt++) {
      const bytes = Buffer.from(`canary ${pod.name} ${attempt} ${deadline}\n`);
      const armed = await probe.arm({ want: 'content', path: `${side.target}/canary.txt`, bytes }, 5000);
      writeFileSync(join(side.local, 'canary.txt'), bytes);
      try {
        await armed.seen;
        break;
      } catch (error) {
        if (!(error instanceof NotSeen)) throw error;
        if (Date.now() > deadline)
          throw new Error(`${side.name} sends nothing for ${limitMs / 1000} s`, { cause: error });
      }
    }
  }
}
