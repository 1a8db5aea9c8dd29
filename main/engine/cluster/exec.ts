import { Readable, Writable } from 'node:stream';
import { WebSocket } from 'ws';
import type { RawData } from 'ws';
import { PtahError } from '../errors/index.ts';
import type { Credentials } from './credentials.ts';
import { socketOpened } from './socket-opened.ts';
import type { Status } from './status.ts';
import type { ExecCommand, ExecExit, ExecSession, PodContainer } from './types.ts';

/** Newest first; only the v5 one can end the standard input without ending everything (kubernetes#89899). */
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const channel = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4, close: 255 } as const;
const pingEveryMs = 15_000;
const openTimeoutMs = 30_000;
/** How long the other side gets to agree to the end. */
const closeGraceMs = 1000;
/** One message of ours; the API server reads whole messages into memory. */
const largestMessage = 64 * 1024;

/** Starts a command in a container through the API server and stays connected to it. */
export async function execInPod(
  credentials: Credentials,
  pod: PodContainer,
  command: ExecCommand,
  signal?: AbortSignal,
): Promise<ExecSession> {
  if (signal?.aborted) throw cancelled();
  const socket = dial(credentials, pod, command);
  await socketOpened(
    socket,
    {
      verb: 'run a command in',
      namespace: pod.namespace,
      name: pod.name,
      none: `No connection into ${describe(pod)}`,
      hint: 'Is the cluster running, and does a proxy on the way let WebSockets through?',
    },
    signal,
  );
  return sessionOver(socket, command, signal);
}

function dial({ server, tls, headers, agent }: Credentials, pod: PodContainer, command: ExecCommand) {
  const search = new URLSearchParams({ container: pod.container, stdout: 'true' });
  if (command.stdin !== false) search.set('stdin', 'true');
  if (command.tty) search.set('tty', 'true');
  // A terminal has one output.
  else search.set('stderr', 'true');
  for (const word of command.argv) search.append('command', word);
  const base = server.pathname.replace(/\/$/, '');
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/exec`;
  const url = new URL(server);
  url.protocol = server.protocol === 'http:' ? 'ws:' : 'wss:';
  url.pathname = `${base}${path}`;
  url.search = search.toString();
  return new WebSocket(url, protocols, {
    ...tls,
    ...(agent && { agent }),
    headers: { 'user-agent': 'ptah-desktop', ...headers },
    perMessageDeflate: false,
    handshakeTimeout: openTimeoutMs,
  });
}

function sessionOver(socket: WebSocket, command: ExecCommand, signal?: AbortSignal): ExecSession {
  const halfClose = socket.protocol === protocols[0];
  let status: ExecExit | null = null;
  let why: string | null = null;
  const stdout = output();
  const stderr = output();
  let held = 0;

  /** A reader that does not keep up stops the socket, and with it the command. */
  function output(): Readable {
    let full = false;
    const stream = new Readable({
      highWaterMark: 256 * 1024,
      read() {
        if (!full) return;
        full = false;
        held -= 1;
        if (held === 0) socket.resume();
      },
    });
    stream.on('error', () => undefined);
    stream.on('hold', () => {
      if (full) return;
      full = true;
      held += 1;
      socket.pause();
    });
    return stream;
  }

  function deliver(stream: Readable, bytes: Buffer): void {
    if (stream.destroyed || stream.readableEnded) return;
    if (!stream.push(bytes)) stream.emit('hold');
  }

  const stdin = new Writable({
    highWaterMark: 256 * 1024,
    write(chunk: Buffer, _encoding, done) {
      sendAll(chunk, done);
    },
    final(done) {
      if (halfClose && socket.readyState === WebSocket.OPEN)
        socket.send(Buffer.from([channel.close, channel.stdin]), () => done());
      else done();
    },
  });
  stdin.on('error', () => undefined);

  function sendAll(chunk: Buffer, done: (error?: Error) => void): void {
    if (chunk.length === 0) return done();
    send(channel.stdin, chunk.subarray(0, largestMessage), error => {
      if (error) done(error);
      else sendAll(chunk.subarray(largestMessage), done);
    });
  }

  function send(to: number, bytes: Uint8Array, done?: (error?: Error) => void): void {
    if (socket.readyState !== WebSocket.OPEN) return done?.(lost());
    socket.send(Buffer.concat([Buffer.from([to]), bytes]), error => done?.(error ? lost(error) : undefined));
  }

  socket.on('message', (data: RawData) => {
    const message = bytesOf(data);
    const [to] = message;
    const body = message.subarray(1);
    if (body.length === 0) return;
    if (to === channel.stdout) deliver(stdout, body);
    else if (to === channel.stderr) deliver(stderr, body);
    else if (to === channel.status) status = exitOf(body.toString('utf8'));
  });

  let answered = true;
  socket.on('pong', () => (answered = true));
  const pings = setInterval(() => {
    // Nothing is read while a reader is slow, no pong either.
    if (held > 0) return;
    if (!answered) {
      why = `The API server did not answer for ${pingEveryMs / 1000} s.`;
      socket.terminate();
      return;
    }
    answered = false;
    socket.ping();
  }, pingEveryMs);
  pings.unref();

  const exit = new Promise<ExecExit>(resolve => {
    socket.once('close', (code, reason) => {
      clearInterval(pings);
      signal?.removeEventListener('abort', close);
      why ??= reason.toString('utf8') || `The connection to the API server ended (${code}).`;
      if (!stdout.destroyed) stdout.push(null);
      if (!stderr.destroyed) stderr.push(null);
      if (!stdin.writableFinished) stdin.destroy();
      resolve(status ?? { exitCode: null, reason: why });
    });
  });

  function close(): void {
    if (socket.readyState >= WebSocket.CLOSING) return;
    why ??= signal?.aborted ? 'Cancelled.' : 'Closed by us.';
    held = 0;
    socket.resume();
    socket.close(1000);
    setTimeout(() => socket.terminate(), closeGraceMs).unref();
  }
  signal?.addEventListener('abort', close, { once: true });
  if (signal?.aborted) close();

  return {
    stdin,
    stdout,
    stderr,
    halfClose,
    exit,
    close,
    resize(cols, rows) {
      if (command.tty) send(channel.resize, Buffer.from(JSON.stringify({ Width: cols, Height: rows })));
    },
  };
}

/** The command's end, as the `Status` of the error channel tells it. */
export function exitOf(json: string): ExecExit {
  let status: Status & { readonly status?: string };
  try {
    status = JSON.parse(json) as typeof status;
  } catch {
    return { exitCode: null, reason: json.trim() };
  }
  if (status.status === 'Success') return { exitCode: 0, reason: null };
  const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  return {
    exitCode: code === undefined ? null : Number.parseInt(code, 10),
    reason: status.message ?? status.reason ?? 'The command failed.',
  };
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

function lost(cause?: Error): PtahError {
  return new PtahError('unreachable', 'The connection into the container is closed.', { cause });
}

function cancelled(): PtahError {
  return new PtahError('cancelled', 'Cancelled.');
}

function describe({ namespace, name, container }: PodContainer): string {
  return `container ${container} of pod ${name} in namespace ${namespace}`;
}
