import { PassThrough } from 'node:stream';
import { cancelled } from './cancellation.ts';
import type { Transport } from './transport.ts';
import type { ContainerTerminal } from './types.ts';

/** A command on a terminal in a container. The Engine API cannot end it: who closes the connection ends the command first. */
export async function execOnTerminal(
  transport: Transport,
  container: string,
  argv: readonly string[],
  signal?: AbortSignal,
): Promise<ContainerTerminal> {
  const { Id: id } = await transport.json<{ Id: string }>(
    'POST',
    `/containers/${encodeURIComponent(container)}/exec`,
    {
      signal,
      body: { Cmd: argv, AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: true },
    },
  );
  const socket = await transport.upgrade(`/exec/${id}/start`, {
    protocol: 'tcp',
    body: { Detach: false, Tty: true },
    signal,
  });
  if (signal?.aborted) {
    socket.destroy();
    throw cancelled();
  }
  const output = new PassThrough();
  let reason: string | null = null;
  socket.on('error', error => (reason = error.message));
  socket.pipe(output);
  const closed = new Promise<void>(resolve => {
    socket.once('end', () => resolve());
    socket.once('close', () => resolve());
  });
  const exit = closed.then(async () => {
    output.end();
    socket.destroy();
    try {
      const state = await transport.json<{ Running: boolean; ExitCode: number | null }>(
        'GET',
        `/exec/${id}/json`,
      );
      return { exitCode: state.Running ? null : state.ExitCode, reason };
    } catch (error) {
      // the container is gone, and with it what Docker knew of the command
      return { exitCode: null, reason: reason ?? (error instanceof Error ? error.message : null) };
    }
  });
  return {
    stdin: socket,
    stdout: output,
    exit,
    resize(cols, rows) {
      transport.json('POST', `/exec/${id}/resize?h=${rows}&w=${cols}`).catch(() => undefined);
    },
    close: () => socket.destroy(),
  };
}
