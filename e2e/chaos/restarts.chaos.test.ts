import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SyncContainer } from '../../preload/contract/sync.ts';
import { kubectl, output, testCluster, waitFor } from '../world/machine.ts';
import { Box } from './box.ts';
import { before, endsWell, stopAll, treesEqual } from './ends-well.ts';
import { EngineProcess, type StartOptions } from './engine-process.ts';
import { OwnDocker } from './own-docker.ts';

// Whoever else uses the cluster meanwhile suffers: these files have a part of `npm test` of their own.
let box: Box;
beforeAll(async () => {
  box = await Box.deploy({ name: 'restarts' });
});
afterEach(stopAll);
afterAll(() => box.remove());

const node = `${testCluster()}-control-plane`;
const write = (path: string, text: string): Promise<void> => writeFile(join(box.files, path), text);
const answers = (): Promise<unknown> =>
  waitFor('the API server', () => kubectl('get', '--raw', '/readyz').then(text => text === 'ok'), 180_000);

async function synced(env: StartOptions['env'] = {}) {
  const engine = await EngineProcess.start(box.root, { home: box.home, env });
  const was = await before(engine);
  engine.hold();
  await treesEqual(box);
  return { engine, was };
}

/** The container once it is equal through this channel. */
async function reached(engine: EngineProcess, kind: 'node' | 'stream'): Promise<SyncContainer> {
  return waitFor(`the channel “${kind}”`, () => {
    const container = engine.container();
    return Promise.resolve(container?.channel?.kind === kind && container.state === 'equal' && container);
  });
}

describe('what sync stands on is started anew', () => {
  it('Docker, orderly and by a crash, while files are saved', async () => {
    const docker = await OwnDocker.start((await box.one()).node);
    try {
      const { engine, was } = await synced({ DOCKER_HOST: docker.host });
      for (const how of ['SIGTERM', 'SIGKILL'] as const) {
        const now = await reached(engine, 'node');
        await write('before.txt', `before ${how}\n`);
        await Promise.all([
          docker.stop(how),
          ...Array.from({ length: 300 }, async (_, index) => {
            await sleep(index * 5);
            await write(`during-${index % 40}.txt`, `${how} ${index}\n`.repeat(200));
          }),
        ]);
        // Docker is away, and so is the way through the node: there is another one
        await treesEqual(box);
        expect((await reached(engine, 'stream')).containerId).toBe(now.containerId);
        await docker.up();
        await write('after.txt', `after ${how}\n`);
        await treesEqual(box);
        await engine.release();
        engine.hold();
      }
      await endsWell(box, engine, was);
    } finally {
      await docker.close();
    }
  });

  it('the API server: files go on meanwhile, through the node', async () => {
    const { engine, was } = await synced();
    const container = await box.one();
    await output('docker', 'exec', node, 'pkill', '-9', 'kube-apiserver');
    await write('meanwhile.txt', 'the API server was away\n');
    await expect
      .poll(async () => (await box.inContainer(container)).has('meanwhile.txt'), { timeout: 30_000 })
      .toBe(true);
    await answers();
    await write('after.txt', 'and is back\n');
    await endsWell(box, engine, was, { timeoutMs: 120_000 });
  });

  it('the node with all that runs on it', async () => {
    const { engine, was } = await synced();
    const { id } = await box.one();
    await write('before.txt', 'before the restart\n');
    await output('docker', 'restart', '--time', '5', node);
    await write('during.txt', 'during the restart\n');
    await answers();
    await waitFor(
      'the container to be another one',
      async () => (await box.running()).some(running => running.id !== id),
      180_000,
    );
    await sleep(500);
    await write('later.txt', 'later\n');
    await endsWell(box, engine, { ...was, strangers: [] }, { timeoutMs: 120_000 });
  });
});
