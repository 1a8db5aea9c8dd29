import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testEnvironment } from '../../../scripts/test-machine.mjs';
import { builtProgram, endWithUs, output, pythonWith } from '../processes.ts';
import { OURS, THEIRS, type Place, type Pod, type SyncWorld } from './world.ts';

/** One way to bring changes into containers. */
export interface SyncSide {
  readonly name: string;
  readonly place: Place;
  /** The folder where a person edits. */
  readonly local: string;
  /** Where its files belong in the container. */
  readonly target: string;
  /** What sends a change, for those that don't watch: it is called the moment after the change, which no watcher can beat. */
  readonly send?: (change: Change, pods: readonly Pod[]) => Promise<void>;
  /** What has to have ended before the next side is measured. */
  readonly settleMs: number;
}

/** What a side of another may take of the time of one case, all its runs together. Ours never comes near. */
export const BUDGET_MS = 25_000;

export type Change =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'make'; readonly path: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'move'; readonly path: string; readonly to: string };

/** Ours. */
export const OWN = 'ptah sync';

export const ours = (world: SyncWorld): SyncSide => ({
  name: OWN,
  place: OURS,
  local: world.source(OURS),
  target: '/target',
  settleMs: 100,
});

export const original = (world: SyncWorld): SyncSide => ({
  name: 'the original: ptah sync',
  place: THEIRS,
  local: world.source(THEIRS),
  target: '/target',
  // it sends each new file twice
  settleMs: 700,
});

/** `kubectl cp` per event. */
export function byCopy(world: SyncWorld): SyncSide {
  const local = join(world.folder, 'by-cp');
  mkdirSync(local, { recursive: true });
  const side = { name: 'kubectl cp', place: THEIRS, local, target: '/by-cp', settleMs: 50 };
  return {
    ...side,
    send: (change, pods) =>
      forAll(pods, pod =>
        change.kind === 'file' || change.kind === 'folder'
          ? world.kubectl(
              'cp',
              join(local, change.path),
              `${THEIRS.namespace}/${pod.name}:${side.target}/${change.path}`,
            )
          : execute(world, side, pod, change),
      ),
  };
}

/** `tar` piped into `kubectl exec tar` per event. */
export function byTar(world: SyncWorld): SyncSide {
  const local = join(world.folder, 'by-tar');
  mkdirSync(local, { recursive: true });
  const side = { name: 'kubectl exec tar', place: THEIRS, local, target: '/by-tar', settleMs: 50 };
  return {
    ...side,
    send: (change, pods) =>
      forAll(pods, pod => {
        if (change.kind !== 'file' && change.kind !== 'folder') return execute(world, side, pod, change);
        const into = ['exec', '-i', pod.name, '--', 'tar', '-xf', '-', '-C', side.target];
        return piped(
          ['tar', '-cf', '-', '-C', local, change.path],
          ['kubectl', '--context', world.context, '-n', THEIRS.namespace, ...into],
        );
      }),
  };
}

async function forAll(pods: readonly Pod[], work: (pod: Pod) => Promise<unknown>): Promise<void> {
  await Promise.all(pods.map(work));
}

function execute(
  world: SyncWorld,
  { target }: Pick<SyncSide, 'target'>,
  pod: Pod,
  change: Change,
): Promise<string> {
  const at = `${target}/${change.path}`;
  const command =
    change.kind === 'move'
      ? ['mv', at, `${target}/${change.to}`]
      : change.kind === 'make'
        ? ['mkdir', '-p', at]
        : ['rm', '-rf', at];
  return world.kubectl('-n', THEIRS.namespace, 'exec', pod.name, '--', ...command);
}

const SEND_MS = 120_000;

/** `from | to`, without a shell. */
export function piped(from: readonly string[], to: readonly string[], inputFile?: number): Promise<void> {
  const env = { ...process.env, ...testEnvironment() };
  const last = spawn(to[0] ?? '', to.slice(1), { env, stdio: [inputFile ?? 'pipe', 'ignore', 'pipe'] });
  if (inputFile === undefined && last.stdin) {
    const first = spawn(from[0] ?? '', from.slice(1), { env, stdio: ['ignore', 'pipe', 'ignore'] });
    // one that ends early has said why
    last.stdin.on('error', () => undefined);
    first.stdout.pipe(last.stdin);
  }
  const late = setTimeout(() => last.kill('SIGKILL'), SEND_MS);
  let errors = '';
  last.stderr?.on('data', chunk => (errors += String(chunk)));
  return new Promise((resolve, reject) => {
    last.once('error', reject);
    last.once('close', code => {
      clearTimeout(late);
      if (code === 0) resolve();
      else reject(new Error(`${to.slice(0, 6).join(' ')} ended with ${code}: ${errors}`));
    });
  });
}

/** A program that stays while the cases run. */
export class Standing {
  private readonly child: ChildProcess;
  private said = '';

  private constructor(child: ChildProcess) {
    this.child = child;
    const hear = (chunk: unknown): void => void (this.said = `${this.said}${String(chunk)}`.slice(-4000));
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    endWithUs(child);
  }

  /** Ours, as a person starts it. */
  static ours(world: SyncWorld, place: Place = OURS): Standing {
    const argv = [builtProgram('ptah'), 'sync', '--project', world.root(place)];
    const env = { ...process.env, ...testEnvironment(), PTAH_HOME: world.home };
    return new Standing(spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] }));
  }
  static async original(world: SyncWorld): Promise<Standing> {
    const python = await pythonWith('original', ['ptah-cli==0.7.2']);
    const kubeconfig = join(world.folder, 'kubeconfig');
    writeFileSync(kubeconfig, await output('kind', ['get', 'kubeconfig', '--name', world.cluster]));
    const env = { ...process.env, ...testEnvironment(), KUBECONFIG: kubeconfig, NO_COLOR: '1' };
    const cwd = world.root(THEIRS);
    return new Standing(
      spawn(join(python, '..', 'ptah'), ['sync'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }
  get output(): string {
    return this.said;
  }
  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
  async stop(): Promise<void> {
    if (this.ended) return;
    const gone = new Promise(resolve => this.child.once('close', resolve));
    this.child.kill('SIGINT');
    const late = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(late);
  }
}
