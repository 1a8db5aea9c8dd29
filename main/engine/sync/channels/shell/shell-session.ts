import { randomBytes } from 'node:crypto';
import type { Cluster, ExecSession } from '../../../cluster/index.ts';
import { PtahError } from '../../../errors/index.ts';
import type { ContainerAddress } from '../../types.ts';
import type { ChannelLimits } from '../limits.ts';
import { readerSource } from './reader-source.ts';
import { format } from './words.ts';

export interface ShellAnswer {
  readonly code: number;
  readonly output: Buffer;
}

/** A shell in a container that carries out line by line. */
export interface ShellSession {
  /** Answers come in the order of the lines. `grantMs` on top of the usual limit for what takes its time. */
  line(text: string, grantMs?: number): Promise<ShellAnswer>;
  readonly lost: Promise<string>;
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (answer: ShellAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly limit: number;
  readonly chunks: Buffer[];
}

export function podOf({ namespace, pod, container }: ContainerAddress) {
  return { namespace, name: pod, container };
}

/** Starts the reader; rejects with `channel-unfit` where the container has no shell that does as it should. */
export async function openShellSession(
  cluster: Cluster,
  address: ContainerAddress,
  limits: ChannelLimits,
  label: string,
  signal?: AbortSignal,
): Promise<ShellSession> {
  const mark = randomBytes(16).toString('hex');
  const opening = new AbortController();
  const abort = (): void => opening.abort();
  const timer = setTimeout(abort, limits.open);
  signal?.addEventListener('abort', abort, { once: true });
  let session: ExecSession;
  try {
    session = await cluster.exec(
      podOf(address),
      { argv: ['sh', '-c', readerSource, label, mark] },
      opening.signal,
    );
  } catch (error) {
    if (opening.signal.aborted && !signal?.aborted) throw unfit('the API server did not answer in time');
    throw error;
  } finally {
    clearTimeout(timer);
    // From here on the signal of the opening has no say.
    signal?.removeEventListener('abort', abort);
  }
  const shell = sessionOver(session, mark, limits);
  try {
    const every = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const { code, output } = await shell.line(`printf ${format(every)}`, limits.open);
    if (code !== 0 || !output.equals(every)) throw unfit('its `printf` does not write what it is given');
  } catch (error) {
    await shell.close();
    if (error instanceof PtahError && error.code === 'channel-unfit') throw error;
    const { reason } = await session.exit;
    throw unfit(`the container runs no shell of ours (${(reason ?? 'it ended').trim()})`);
  }
  return shell;
}

function sessionOver(session: ExecSession, mark: string, limits: ChannelLimits): ShellSession {
  const end = Buffer.from(`\n${mark} `);
  const waiting: Waiting[] = [];
  const lost = Promise.withResolvers<string>();
  let tail: Buffer = Buffer.alloc(0);
  let lastHeard = performance.now();
  let broken: string | null = null;

  session.stderr.resume();
  session.stdin.on('error', () => undefined);
  session.stdout.on('data', (chunk: Buffer) => {
    lastHeard = performance.now();
    read(chunk);
  });
  void session.exit.then(({ reason, exitCode }) =>
    fail(reason ?? `The shell in the container ended (${exitCode}).`),
  );

  function read(chunk: Buffer): void {
    let rest = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
    for (;;) {
      const at = rest.indexOf(end);
      const line = at < 0 ? -1 : rest.indexOf('\n', at + end.length);
      if (line < 0) {
        // The mark may be cut by the chunks: as much as it could hold back is kept.
        const keep = at < 0 ? Math.max(0, rest.length - end.length) : at;
        if (keep > 0) waiting[0]?.chunks.push(rest.subarray(0, keep));
        tail = rest.subarray(keep);
        return;
      }
      const entry = waiting.shift();
      entry?.chunks.push(rest.subarray(0, at));
      entry?.resolve({
        code: Number(rest.toString('latin1', at + end.length, line)),
        output: Buffer.concat(entry.chunks),
      });
      rest = rest.subarray(line + 1);
    }
  }

  function fail(reason: string): void {
    if (broken !== null) return;
    broken = reason;
    clearInterval(watch);
    for (const entry of waiting.splice(0)) entry.reject(channelLost(reason));
    lost.resolve(reason);
    session.close();
  }

  const watch = setInterval(() => {
    const [first] = waiting;
    if (first !== undefined && performance.now() - lastHeard > first.limit)
      fail(`The container did not answer for ${Math.round(first.limit / 1000)} s.`);
  }, limits.silence / 5);
  watch.unref();

  return {
    lost: lost.promise,
    line(text, grantMs = 0) {
      if (broken !== null) return Promise.reject(channelLost(broken));
      if (waiting.length === 0) lastHeard = performance.now();
      const limit = limits.silence + grantMs + (text.length / 2 ** 20) * limits.perMiB;
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject, limit, chunks: [] });
        session.stdin.write(`${text}\n`);
      });
    },
    async close() {
      broken ??= 'The channel was closed.';
      clearInterval(watch);
      for (const entry of waiting.splice(0)) entry.reject(channelLost(broken));
      lost.resolve(broken);
      if (session.halfClose) session.stdin.end();
      const timer = setTimeout(() => session.close(), 300);
      await session.exit;
      clearTimeout(timer);
    },
  };
}

export function channelLost(reason: string): PtahError {
  return new PtahError('channel-lost', reason);
}

export function unfit(reason: string): PtahError {
  return new PtahError('channel-unfit', reason);
}
