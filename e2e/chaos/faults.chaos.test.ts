import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { output } from '../world/machine.ts';
import { Box } from './box.ts';
import { openCuttingDoor } from './cutting-door.ts';
import { before, endsWell, nobodyInNodes, stopAll, treesEqual } from './ends-well.ts';
import { EngineProcess } from './engine-process.ts';
import { strangersInNodes } from './footprint.ts';

let box: Box;
beforeAll(async () => {
  box = await Box.deploy({ name: 'faults', smallMiB: 4 });
  await write('small/here.txt', 'here\n');
});
afterEach(stopAll);
afterAll(() => box.remove());

const write = async (path: string, bytes: string | Uint8Array): Promise<void> => {
  await mkdir(dirname(join(box.files, path)), { recursive: true });
  await writeFile(join(box.files, path), bytes);
};
const start = (options: Partial<Parameters<typeof EngineProcess.start>[1]> = {}): Promise<EngineProcess> =>
  EngineProcess.start(box.root, { home: box.home, ...options });

/** An engine that has everything equal, and what there was before sync was on. */
async function synced(options: Partial<Parameters<typeof EngineProcess.start>[1]> = {}) {
  const engine = await start(options);
  const was = await before(engine);
  engine.hold();
  await treesEqual(box);
  return { engine, was };
}

/** Edits a few files again and again until told to end. */
function editing(folder: string): { end(): Promise<void> } {
  const ending = new AbortController();
  const edits = (async () => {
    for (let round = 0; !ending.signal.aborted; round++) {
      await write(`${folder}/file-${round % 5}.txt`, `${folder} ${round}\n`);
      await sleep(20);
    }
  })();
  return {
    async end() {
      ending.abort();
      await edits;
    },
  };
}

describe('containers come and go', () => {
  it('a container that is killed is brought up to date when it runs again', async () => {
    const { engine, was } = await synced();
    const edits = editing('killed');
    const victim = await box.one();
    await output('docker', 'exec', victim.node, 'kill', '-9', String(victim.pid));
    await expect.poll(async () => (await box.one()).id, { timeout: 60_000 }).not.toBe(victim.id);
    await edits.end();
    await endsWell(box, engine, was);
  });

  it('a pod that is replaced every 3 s', async () => {
    const { engine, was } = await synced();
    const edits = editing('replaced');
    for (let round = 0; round < 4; round++) {
      const { pod } = await box.one();
      await box.kubectl('delete', 'pod', pod, '--force', '--grace-period=0', '--wait=false');
      await sleep(3000);
    }
    await edits.end();
    await endsWell(box, engine, was, { timeoutMs: 90_000 });
  });

  it('a rollout in the middle', async () => {
    const { engine, was } = await synced();
    const edits = editing('rollout');
    const { pod } = await box.one();
    await box.kubectl('rollout', 'restart', 'deployment/box');
    await box.kubectl('rollout', 'status', 'deployment/box', '--timeout=60s');
    await edits.end();
    await expect.poll(async () => (await box.running()).map(running => running.pod)).not.toContain(pod);
    await endsWell(box, engine, was, { timeoutMs: 90_000 });
  });
});

describe('the way breaks', () => {
  it('the engine is killed in the middle of an archive, and another one takes over', async () => {
    const { engine, was } = await synced();
    await Promise.all(
      Array.from({ length: 2000 }, (_, index) =>
        write(`archive/${index % 20}/file-${index}.txt`, `${index} `.repeat(1500)),
      ),
    );
    // as soon as the first of them is there
    const victim = await box.one();
    await expect
      .poll(
        async () => [...(await box.inContainer(victim)).keys()].some(path => path.startsWith('archive/')),
        {
          interval: 20,
          timeout: 30_000,
        },
      )
      .toBe(true);
    await engine.kill();
    await nobodyInNodes(was);
    await rm(join(box.files, 'archive', '3'), { recursive: true });
    await write('archive/4/file-4.txt', 'edited while nobody looked\n');
    const next = await start();
    const then = await before(next);
    next.hold();
    await endsWell(box, next, then);
    await rm(join(box.files, 'archive'), { recursive: true });
  });

  it('streams that are cut at random places', async () => {
    const door = await openCuttingDoor(
      join(box.home, '..', `cut-${Date.now()}.sock`),
      () => 300 + Math.random() * 120_000,
    );
    const engine = await start({ env: { DOCKER_HOST: door.host } });
    const was = await before(engine);
    engine.hold();
    // A slow machine sends many of these at once: it goes on until enough was cut.
    const until = performance.now() + 90_000;
    for (let round = 0; round < 300 || (door.cuts() < 4 && performance.now() < until); round++) {
      await write(`cut/file-${round % 30}.bin`, Buffer.alloc(1 + ((round * 7919) % 30_000), round));
      await sleep(10);
    }
    expect(door.cuts()).toBeGreaterThan(3);
    door.mend();
    await write('cut/last.txt', 'last\n');
    await endsWell(box, engine, was, { timeoutMs: 90_000 });
    await door.close();
  });

  it('a reader in the node that stands still for 30 s', async () => {
    const { engine, was } = await synced();
    const node = (await box.one()).node;
    await write('stopped/before.txt', 'before\n');
    await treesEqual(box);
    const readers = (await strangersInNodes())
      .filter(line => !was.strangers.includes(line))
      .map(line => line.split(' ')[1] ?? '');
    expect(readers.length).toBeGreaterThan(0);
    await output('docker', 'exec', node, 'sh', '-c', `kill -STOP ${readers.join(' ')}`);
    const stopped = Date.now();
    await write('stopped/after.txt', 'after\n');
    // longer than any deadline of the channel: it must have found a way without that reader
    await treesEqual(box, { timeoutMs: 60_000 });
    await sleep(Math.max(0, stopped + 30_000 - Date.now()));
    await write('stopped/later.txt', 'later\n');
    await treesEqual(box);
    await output('docker', 'exec', node, 'sh', '-c', `kill -CONT ${readers.join(' ')} 2>/dev/null; true`);
    await endsWell(box, engine, was);
  });
});

describe('no room', () => {
  it('a full file system in the container is named with the path, and the rest goes on', async () => {
    const { engine, was } = await synced();
    const container = await box.one();
    await box.inside(container, 'dd', 'if=/dev/zero', 'of=/srv/files/small/filler', 'bs=1024', 'count=3500');
    await write('small/large.bin', Buffer.alloc(2 * 1024 * 1024, 7));
    await write('elsewhere.txt', 'goes on\n');
    await expect
      .poll(() => engine.container()?.reason ?? '', { timeout: 30_000 })
      .toMatch(/small\/large\.bin/);
    expect(engine.container()?.state).toBe('degraded');
    await expect
      .poll(async () => (await box.inContainer(container)).has('elsewhere.txt'), { timeout: 30_000 })
      .toBe(true);
    const there = await box.inContainer(container);
    expect([...there.keys()].filter(path => path.startsWith('small/')).toSorted()).toEqual([
      'small/filler',
      'small/here.txt',
    ]);
    await box.inside(container, 'rm', '/srv/files/small/filler');
    await treesEqual(box, { timeoutMs: 90_000 });
    // the next engine has another home, and would not know this file for ours
    await rm(join(box.files, 'small', 'large.bin'));
    await endsWell(box, engine, was);
  });

  it('a full disk at home', async () => {
    const home = join(box.root, '..', 'small-home');
    await mkdir(home);
    await output('mount', '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', home);
    try {
      const { engine, was } = await synced({ home });
      await output('dd', 'if=/dev/zero', `of=${join(home, 'filler')}`, 'bs=4096', 'count=4096').catch(
        () => '',
      );
      for (let round = 0; round < 20; round++) await write(`home/file-${round}.txt`, `${round}\n`);
      await treesEqual(box);
      await rm(join(home, 'filler'));
      await write('home/file-0.txt', 'room again\n');
      await endsWell(box, engine, was);
    } finally {
      await output('umount', home);
    }
  });
});

describe('the folder and its watches', () => {
  it('64 watches and no more: it polls, says so, and is equal', async () => {
    for (let index = 0; index < 100; index++) await write(`many/${index}/file.txt`, `${index}\n`);
    const script = 'echo 64 >/proc/sys/user/max_inotify_watches && exec "$@"';
    const { engine, was } = await synced({
      under: ['unshare', '--user', '--map-root-user', 'sh', '-c', script, 'sh'],
    });
    await expect.poll(() => engine.snapshot?.watching.mode, { timeout: 30_000 }).toBe('polling');
    expect(engine.snapshot?.watching.hint).toContain('max_user_watches');
    for (const index of [3, 77, 99]) await write(`many/${index}/file.txt`, `changed ${index}\n`);
    await write('many/new/deep/file.txt', 'new\n');
    await endsWell(box, engine, was, { timeoutMs: 90_000 });
    await rm(join(box.files, 'many'), { recursive: true });
  });

  it('more events than the system keeps while the engine stands still', async () => {
    await write('overflow/a.txt', 'a\n');
    await write('quiet/deep/b.txt', 'b\n');
    const { engine, was } = await synced();
    engine.signal('SIGSTOP');
    // alternating, so that the system can't fold them into one; its queue holds 16,384
    for (let round = 0; round < 6000; round++) {
      await writeFile(join(box.files, 'overflow', 'a.txt'), `a ${round}\n`);
      await writeFile(join(box.files, 'overflow', 'b.txt'), `b ${round}\n`);
    }
    // these come when nothing is kept any more
    await write('quiet/deep/b.txt', 'nobody was told\n');
    await write('quiet/new/c.txt', 'nor of this\n');
    engine.signal('SIGCONT');
    await endsWell(box, engine, was, { timeoutMs: 90_000 });
  });

  it('the folder goes away and comes back', async () => {
    await write('folder/one.txt', 'one\n');
    const { engine, was } = await synced();
    const aside = `${box.files}-aside`;
    await rename(box.files, aside);
    await sleep(1500);
    await rename(aside, box.files);
    await write('folder/two.txt', 'two\n');
    await treesEqual(box);
    // deleted with all that is below it, and put back
    await cp(box.files, aside, { recursive: true });
    await rm(box.files, { recursive: true });
    await sleep(1500);
    await cp(aside, box.files, { recursive: true });
    await rm(aside, { recursive: true });
    await write('folder/two.txt', 'after it was put back\n');
    await treesEqual(box);
    // and as git does it: everything new, at once
    await rm(join(box.files, 'folder'), { recursive: true });
    await write('folder/three.txt', 'three\n');
    await endsWell(box, engine, was);
  });

  it('the clock is set forward a day, and back two', async () => {
    const { engine, was } = await synced();
    for (const hours of [24, -24]) {
      await engine.moveClock(hours * 3_600_000);
      await write('clock.txt', `${hours}\n`);
      await treesEqual(box);
    }
    await endsWell(box, engine, was);
  });
});
