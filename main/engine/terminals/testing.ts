import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { PtahError } from '../errors/index.ts';
import type { TerminalBackend, TerminalConnection, TerminalExit, TerminalLoss } from './types.ts';

/** A shell that a test speaks for. */
export interface FakeShell {
  readonly output: PassThrough;
  readonly input: PassThrough;
  /** As it was told: `80x24`. */
  readonly sizes: string[];
  closed: boolean;
  readonly exit: (exit: TerminalExit) => void;
}

export interface FakeBackend extends TerminalBackend {
  readonly shells: FakeShell[];
  disposed: boolean;
  /** What the next `open` fails with. */
  refuse: Error | null;
  /** What `judge` says. */
  loss: TerminalLoss | null;
}

export function fakeBackend(): FakeBackend {
  const shells: FakeShell[] = [];
  return {
    shells,
    disposed: false,
    refuse: null,
    loss: null,
    async open({ cols, rows }, signal): Promise<TerminalConnection> {
      signal.throwIfAborted();
      if (this.refuse) throw this.refuse;
      let settle: (exit: TerminalExit) => void = () => undefined;
      const exited = new Promise<TerminalExit>(resolve => (settle = resolve));
      const shell: FakeShell = {
        output: new PassThrough(),
        input: new PassThrough(),
        sizes: [`${cols}x${rows}`],
        closed: false,
        exit(exit) {
          shell.output.end();
          settle(exit);
        },
      };
      shells.push(shell);
      return {
        place: `pod-${shells.length}`,
        shell: 'bash',
        output: shell.output,
        input: shell.input,
        exit: exited,
        resize: (wide, high) => void shell.sizes.push(`${wide}x${high}`),
        async close() {
          shell.closed = true;
          shell.exit({ exitCode: null, reason: 'Closed by us.' });
        },
      };
    },
    async judge(exit) {
      return this.loss ?? { kind: 'ended', reason: exit.reason };
    },
    async dispose() {
      this.disposed = true;
    },
  };
}

/** Loads an image that Docker holds into the nodes of the test cluster. */
export async function intoNodes(reference: string): Promise<void> {
  const cluster = process.env.PTAH_TEST_CLUSTER || 'ptah-test';
  for (const node of await lines(['ps', '-q', '--filter', `label=io.x-k8s.kind.cluster=${cluster}`])) {
    const save = spawn('docker', ['save', reference], { stdio: ['ignore', 'pipe', 'inherit'] });
    const load = spawn('docker', ['exec', '-i', node, 'ctr', '-n', 'k8s.io', 'images', 'import', '-'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    save.stdout.pipe(load.stdin);
    const [[saved], [loaded]] = await Promise.all([once(save, 'exit'), once(load, 'exit')]);
    if (saved !== 0 || loaded !== 0) throw new PtahError('load-failed', `${reference} was not loaded.`);
  }
}

async function lines(argv: readonly string[]): Promise<readonly string[]> {
  const child = spawn('docker', argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  await once(child, 'close');
  return text.split('\n').filter(Boolean);
}
