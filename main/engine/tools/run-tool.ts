import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { PtahError } from '../errors/index.ts';
import { killTree } from './kill-tree.ts';
import { collectLines } from './lines.ts';
import type { RunOptions, RunResult, Tool } from './types.ts';

/** How long a process has between SIGTERM and SIGKILL: a cancel must be over within a second. */
const graceMs = 500;
/** How long output is awaited after the process ended: a daemon that it started may keep the pipes open for ever. */
const drainMs = 500;

/** Runs a program with an argument array, in a process group of its own. */
export async function runTool(
  tool: Tool,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  options: RunOptions,
): Promise<RunResult> {
  const command = [tool.path, ...argv];
  if (options.signal?.aborted) throw cancelled(tool.name, command);
  const output = collectLines(options.onLine);
  const child = spawn(tool.path, [...argv], {
    cwd: options.cwd,
    env: { ...env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  child.stdout.on('data', output.stdout.write);
  child.stderr.on('data', output.stderr.write);
  // a program that does not read its input closes the pipe: that is its right
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');

  const stopping = stopOn(child, options);
  let exit: Exit;
  try {
    exit = await ended(child);
  } finally {
    stopping.clear();
  }
  output.stdout.end();
  output.stderr.end();

  if (options.signal?.aborted) throw cancelled(tool.name, command);
  const details = { command, exitCode: exit.code, output: output.last(20) };
  if (stopping.timedOut())
    throw new PtahError('tool-failed', `${tool.name} did not finish within ${options.timeoutMs} ms.`, {
      hint: 'It was stopped. Run the command by hand to see what it waits for.',
      details,
    });
  if (exit.error)
    throw new PtahError('tool-failed', `${tool.name} could not be started.`, { details, cause: exit.error });
  const exitCode = exit.code ?? -1;
  if (exitCode !== 0 && !options.allowFailure)
    throw new PtahError(
      'tool-failed',
      exit.signal
        ? `${tool.name} was ended by ${exit.signal}.`
        : `${tool.name} failed with exit code ${exitCode}.`,
      { hint: 'Its last lines say why.', details },
    );
  return { command, exitCode, stdout: output.stdout.text(), stderr: output.stderr.text() };
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: Error;
}

function ended(child: ChildProcess & { stdout: Readable; stderr: Readable }): Promise<Exit> {
  return new Promise(resolve => {
    child.on('error', error => resolve({ code: null, signal: null, error }));
    child.on('exit', (code, signal) => {
      const finish = () => {
        clearTimeout(timer);
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ code, signal });
      };
      const timer = setTimeout(finish, drainMs);
      child.on('close', finish);
    });
  });
}

function stopOn(child: ChildProcess, options: RunOptions) {
  let timedOut = false;
  let kill: NodeJS.Timeout | undefined;
  const stop = () => {
    killTree(child, 'SIGTERM');
    kill ??= setTimeout(() => killTree(child, 'SIGKILL'), graceMs);
  };
  const limit =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          stop();
        }, options.timeoutMs);
  options.signal?.addEventListener('abort', stop, { once: true });
  return {
    timedOut: () => timedOut,
    clear() {
      clearTimeout(limit);
      clearTimeout(kill);
      options.signal?.removeEventListener('abort', stop);
    },
  };
}

const cancelled = (name: string, command: readonly string[]) =>
  new PtahError('cancelled', `${name} was cancelled.`, { details: { command } });
