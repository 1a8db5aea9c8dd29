import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { resolveHome } from '../../engine/home/index.ts';
import { attachClient } from '../attach/index.ts';
import { runPtah, testFolder, type Ran, type TestFolder } from './testing.ts';
import { readVersion } from './version.ts';

let folder: TestFolder;
const stop = new AbortController();
/** Something that answers as a Docker would, for as long as it is only asked whether it is there. */
const answering = createServer((_, response) => response.end('{}'));
let running: Promise<Ran>;
let attached: Awaited<ReturnType<typeof attachClient>> = null;
const env = (dockerHost: string) => ({
  DOCKER_HOST: dockerHost,
  KUBECONFIG: '/nowhere',
  PTAH_HOME: folder.home,
});

beforeAll(async () => {
  folder = await testFolder('other-world');
  await folder.write({ 'ptah.yml': 'kind:\n  name: dev\n' });
  await new Promise<void>((resolve, reject) =>
    answering.once('error', reject).listen(join(folder.root, 'd.sock'), resolve),
  );
  running = runPtah(['engine'], { env: env('unix:///nowhere/engine.sock'), interruptBy: stop.signal });
  const home = resolveHome({ ...process.env, ...env('') });
  await vi.waitFor(
    async () => {
      attached = await attachClient(home, readVersion());
      if (attached === null) throw new Error('The engine does not answer yet');
    },
    { timeout: 60_000, interval: 100 },
  );
});
afterAll(async () => {
  attached?.close();
  stop.abort();
  await running;
  answering.close();
  await folder.remove();
});

it.each(['forward', 'dashboard'])(
  'ptah %s names the Docker that is not there, not the engine of another',
  async command => {
    const dead = await runPtah([command], { cwd: folder.root, env: env('unix:///nowhere/mine.sock') });
    expect(dead.code).toBe(1);
    expect(dead.err).toMatch(/^error: Docker is not running at unix:\/\/\/nowhere\/mine\.sock/);
    expect(dead.err).not.toContain('Ptah engine that runs');

    const other = env(`unix://${join(folder.root, 'd.sock')}`);
    expect((await runPtah([command], { cwd: folder.root, env: other })).err).toContain(
      'works with another Docker or other clusters than this terminal',
    );
  },
);
