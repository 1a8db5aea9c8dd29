import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { PtahError } from '../errors/index.ts';
import { cancelled } from './cancellation.ts';
import { createDemultiplexer } from './multiplexed-stream.ts';
import type { Transport } from './transport.ts';
import type { ContainerExecOptions, ContainerExecResult } from './types.ts';

/** How long a command gets to end by itself once its standard input was closed early. */
const graceMs = 300;

/**
 * Runs an argument array in a container. The Engine API cannot end an exec, so each one carries a mark in its environment,
 * by which a cancelled command and all that it started are found and killed.
 */
export async function execInContainer(
  transport: Transport,
  container: string,
  argv: readonly string[],
  options: ContainerExecOptions = {},
): Promise<ContainerExecResult> {
  const mark = `PTAH_EXEC=${randomUUID()}`;
  const timeout = options.timeoutMs === undefined ? null : AbortSignal.timeout(options.timeoutMs);
  const signals = [options.signal, timeout].filter(signal => signal !== undefined && signal !== null);
  const signal = signals.length > 0 ? AbortSignal.any(signals) : undefined;
  let started: string | null = null;
  try {
    return await attach({
      transport,
      container,
      argv,
      mark,
      stdin: options.stdin,
      signal,
      onStarted: id => (started = id),
    });
  } catch (error) {
    // Without its input to the end a command must not go on as if it had had all of it.
    if (!signal?.aborted && started === null) throw error;
    await kill(transport, container, mark, started);
    if (!signal?.aborted) throw error;
    if (timeout?.aborted && !options.signal?.aborted) {
      throw new PtahError(
        'timeout',
        `\`${argv.join(' ')}\` in ${container} did not end within ${options.timeoutMs} ms.`,
        {
          details: { command: argv },
        },
      );
    }
    throw cancelled();
  }
}

interface Attachment {
  readonly transport: Transport;
  readonly container: string;
  readonly argv: readonly string[];
  /** An environment variable that marks the command. */
  readonly mark: string | null;
  readonly stdin?: ContainerExecOptions['stdin'];
  readonly signal?: AbortSignal;
  readonly onStarted?: (execId: string) => void;
}

async function attach({
  transport,
  container,
  argv,
  mark,
  stdin,
  signal,
  onStarted,
}: Attachment): Promise<ContainerExecResult> {
  const { Id: id } = await transport.json<{ Id: string }>(
    'POST',
    `/containers/${encodeURIComponent(container)}/exec`,
    {
      signal,
      body: {
        Cmd: argv,
        AttachStdin: stdin !== undefined,
        AttachStdout: true,
        AttachStderr: true,
        Tty: false,
        Env: mark === null ? [] : [mark],
      },
    },
  );
  const socket = await transport.upgrade(`/exec/${id}/start`, {
    protocol: 'tcp',
    body: { Detach: false, Tty: false },
    signal,
  });
  onStarted?.(id);
  const output: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  const demultiplex = createDemultiplexer((stream, bytes) => output[stream].push(Buffer.from(bytes)));
  const abort = (): void => {
    // A closed input lets `ctr`, `tar` and the like clean up after themselves; what is still there afterwards is killed.
    socket.end();
    setTimeout(() => socket.destroy(), graceMs).unref();
  };
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  try {
    const ended = readAll(socket, demultiplex);
    // Output is read while input is written: a command that talks before it has read all would block both sides.
    const fed = feed(socket, stdin, signal);
    await Promise.all([ended, fed]);
    if (signal?.aborted) throw cancelled();
    return {
      exitCode: await exitCodeOf(transport, id),
      stdout: Buffer.concat(output.stdout),
      stderr: Buffer.concat(output.stderr),
    };
  } finally {
    signal?.removeEventListener('abort', abort);
    socket.destroy();
  }
}

async function readAll(socket: Duplex, demultiplex: (chunk: Buffer) => void): Promise<void> {
  for await (const chunk of socket) demultiplex(chunk as Buffer);
}

/** Writes with back-pressure. A command that ends without reading its input is not a failure of the write. */
async function feed(
  socket: Duplex,
  stdin: ContainerExecOptions['stdin'],
  signal: AbortSignal | undefined,
): Promise<void> {
  if (stdin === undefined) return;
  const closed = new AbortController();
  socket.once('close', () => closed.abort());
  socket.once('end', () => closed.abort());
  socket.on('error', () => closed.abort());
  const sources: AsyncIterable<Uint8Array> = stdin instanceof Uint8Array ? single(stdin) : stdin;
  for await (const chunk of sources) {
    if (closed.signal.aborted || signal?.aborted) return;
    if (!socket.write(chunk)) await once(socket, 'drain', { signal: closed.signal }).catch(() => undefined);
  }
  if (!socket.destroyed) socket.end();
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The output may end a moment before the engine has the exit code. */
async function exitCodeOf(transport: Transport, id: string): Promise<number> {
  for (let wait = 2; ; wait = Math.min(wait * 2, 200)) {
    const state = await transport.json<{ Running: boolean; ExitCode: number | null }>(
      'GET',
      `/exec/${id}/json`,
    );
    if (!state.Running && state.ExitCode !== null) return state.ExitCode;
    if (wait >= 200) return state.ExitCode ?? -1;
    await delay(wait);
  }
}

/** Exit code of the script where `/proc` shows another PID namespace: its numbers would hit the wrong processes. */
const foreignProc = 9;

const killScript = `
read -r pid rest < /proc/self/stat
[ "$pid" = "$$" ] || exit ${foreignProc}
for file in $(grep -l -s -e "$1" /proc/[0-9]*/environ); do
  pid=\${file#/proc/}
  pid=\${pid%/environ}
  [ "$pid" = "$$" ] || kill -KILL "$pid"
done
exit 0`;

/**
 * Until the engine says that the command has ended: it may begin only after it was looked for. Best effort otherwise: a
 * container without a shell keeps a command whose input and output are gone.
 */
async function kill(
  transport: Transport,
  container: string,
  mark: string,
  execId: string | null,
): Promise<void> {
  const signal = AbortSignal.timeout(3000);
  const argv = ['sh', '-c', killScript, 'kill', mark];
  try {
    for (;;) {
      const { exitCode } = await attach({ transport, container, argv, mark: null, signal });
      if (execId === null || exitCode !== 0) return;
      const state = await transport.json<{ Running: boolean; ExitCode: number | null }>(
        'GET',
        `/exec/${execId}/json`,
        { signal },
      );
      if (!state.Running && state.ExitCode !== null) return;
      await delay(50, undefined, { signal });
    }
  } catch {
    // Out of time, or the container is gone and the command with it.
  }
}
