import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApi } from '../../api/index.ts';
import type { Host } from '../../api/index.ts';
import { PtahError } from '../../engine/errors/index.ts';
import { resolveHome } from '../../engine/home/index.ts';
import { attachClient, openSocketServer, worldOf } from '../attach/index.ts';
import type { Command, Terminal } from './command.ts';
import { readVersion } from './version.ts';

export type EngineClient = NonNullable<Awaited<ReturnType<typeof attachClient>>>;

/** How long it stays without anything to do: the next command finds it warm. */
const idleMs = 5_000;
const lookMs = 250;
const startLimitMs = 30_000;

/** `ptah engine`: what holds forwards when no window does. Ends by itself when nobody is attached, nothing is forwarded and no job runs. */
export const engine: Command = {
  name: 'engine',
  summary: 'Hold forwards without a window; started by ptah forward, ends when idle',
  synopsis: '',
  options: {},
  help: [],
  hidden: true,
  async run(_input, terminal) {
    const version = readVersion();
    const home = resolveHome(terminal.env);
    const server = await openSocketServer(home.socket, version, terminal.env);
    // somebody else is it
    if (!server) return 0;
    const { createEngine } = await import('../../engine/index.ts');
    const running = createEngine({ env: terminal.env });
    server.serve(createApi(running, noWindow(version)));
    let idleSince = Date.now();
    try {
      while (!terminal.signal.aborted && Date.now() - idleSince < idleMs) {
        await sleep(lookMs, undefined, { signal: terminal.signal }).catch(() => undefined);
        const jobs = await running.activity.list();
        const busy =
          server.connections.size > 0 ||
          running.forwards.active() > 0 ||
          jobs.some(({ state }) => state === 'running');
        if (busy) idleSince = Date.now();
      }
    } finally {
      await server.close();
      await running.close();
    }
    return 0;
  },
};

const noWindow = (version: string): Host => ({
  kind: 'loopback',
  version,
  openExternal: () =>
    Promise.reject(new PtahError('no-window', 'The engine in the background has no window.')),
  chooseFolder: () => Promise.resolve(null),
});

/** The user's running engine, of this terminal's Docker and clusters; null where none runs. */
export const runningEngine = ({ env }: Terminal): Promise<EngineClient | null> =>
  attachClient(resolveHome(env), readVersion(), worldOf(env));

/** That an engine of another Docker runs is no news where this terminal's own Docker is not there: that has to be mended first. */
async function withOwnDocker<T>(work: Promise<T>, { env, signal }: Terminal): Promise<T> {
  try {
    return await work;
  } catch (other) {
    if (!(other instanceof PtahError) || other.code !== 'engine-of-other-world') throw other;
    const { connectDocker } = await import('../../engine/docker/index.ts');
    try {
      await connectDocker({ env }).info(signal);
    } catch (own) {
      if (own instanceof PtahError && own.code === 'docker-unreachable') throw own;
    }
    throw other;
  }
}

/** The user's running engine; where none runs, one is started in the background and outlives this command. */
export async function lastingEngine(terminal: Terminal): Promise<EngineClient> {
  const deadline = Date.now() + startLimitMs;
  const running = await withOwnDocker(runningEngine(terminal), terminal);
  if (running) return running;
  const argv = [...process.execArgv, process.argv[1] ?? '', 'engine'];
  const child = spawn(process.execPath, argv, {
    detached: true,
    stdio: 'ignore',
    env: terminal.env,
    // the folder may be deleted meanwhile
    cwd: homedir(),
    windowsHide: true,
  });
  const failures: string[] = [];
  child.once('error', error => failures.push(error.message));
  // 0: another one was quicker
  child.once('exit', code => void (code === 0 || failures.push(`it ended with ${code}`)));
  child.unref();
  while (Date.now() < deadline && failures.length === 0) {
    terminal.signal.throwIfAborted();
    const client = await runningEngine(terminal);
    if (client) return client;
    await sleep(50);
  }
  throw new PtahError(
    'engine-not-started',
    `No engine could be started in the background: ${failures[0] ?? 'it does not answer'}.`,
    {
      details: { command: [process.execPath, ...argv] },
    },
  );
}
