import { Readable } from 'node:stream';
import type { Duplex } from 'node:stream';
import { cancelled } from './cancellation.ts';
import { createDemultiplexer } from './multiplexed-stream.ts';
import type { Transport } from './transport.ts';
import type { ContainerSession } from './types.ts';

/**
 * Starts a command and stays connected to it. The Engine API cannot end an exec: the command must end by itself when its input
 * does, which happens also when this process is killed.
 */
export async function attachToContainer(
  transport: Transport,
  container: string,
  argv: readonly string[],
  signal?: AbortSignal,
): Promise<ContainerSession> {
  const { Id: id } = await transport.json<{ Id: string }>(
    'POST',
    `/containers/${encodeURIComponent(container)}/exec`,
    {
      signal,
      body: { Cmd: argv, AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: false },
    },
  );
  const socket = await transport.upgrade(`/exec/${id}/start`, {
    protocol: 'tcp',
    body: { Detach: false, Tty: false },
    signal,
  });
  if (signal?.aborted) {
    socket.destroy();
    throw cancelled();
  }
  return sessionOver(socket);
}

function sessionOver(socket: Duplex): ContainerSession {
  let errors = '';
  const stdout = new Readable({ read: () => void socket.resume(), highWaterMark: 256 * 1024 });
  stdout.on('error', () => undefined);
  const demultiplex = createDemultiplexer((stream, bytes) => {
    if (stream === 'stderr') errors = (errors + bytes.toString('utf8')).slice(-4000);
    else if (!stdout.destroyed && !stdout.push(bytes)) socket.pause();
  });
  const closed = new Promise<string>(resolve => {
    let why = '';
    socket.on('data', (chunk: Buffer) => demultiplex(chunk));
    socket.on('error', error => (why = error.message));
    const end = (): void => {
      if (!stdout.destroyed && !stdout.readableEnded) stdout.push(null);
      socket.destroy();
      resolve(errors.trim() || why);
    };
    socket.once('end', end);
    socket.once('close', end);
  });
  return {
    stdin: socket,
    stdout,
    closed,
    close() {
      socket.end();
      setTimeout(() => socket.destroy(), 500).unref();
    },
  };
}
