import type { ReadStream, WriteStream } from 'node:tty';
import type { Readable, Writable } from 'node:stream';

/** What a remote command is joined to. */
export interface RemoteStreams {
  readonly input: Writable;
  readonly output: Readable;
  readonly error: Readable | null;
  resize(cols: number, rows: number): void;
  /** Settles when the other side is over. */
  readonly exit: Promise<unknown>;
}

export interface LocalStreams {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
}

/** Both ends are a terminal: keys go through one by one, Ctrl+C with them. */
export const isTerminal = ({ stdin, stdout }: LocalStreams): boolean => stdin.isTTY && stdout.isTTY;

export const sizeOf = ({ stdout }: LocalStreams): { cols: number; rows: number } => ({
  cols: stdout.columns || 80,
  rows: stdout.rows || 24,
});

/** Joins this process' streams to the remote ones until the remote side ends, then puts the terminal back as it was. */
export async function joinStreams(local: LocalStreams, remote: RemoteStreams, raw: boolean): Promise<void> {
  const { stdin, stdout, stderr } = local;
  const resized = (): void => {
    const { cols, rows } = sizeOf(local);
    remote.resize(cols, rows);
  };
  const drained = Promise.all([copied(remote.output, stdout), remote.error && copied(remote.error, stderr)]);
  stdin.on('error', () => undefined);
  try {
    if (raw) {
      stdin.setRawMode(true);
      stdout.on('resize', resized);
      resized();
    }
    // the end of a pipe is the end of the command's input
    stdin.pipe(remote.input);
    await remote.exit;
    await drained;
  } finally {
    stdin.unpipe(remote.input);
    stdin.pause();
    if (raw) {
      stdin.setRawMode(false);
      stdout.off('resize', resized);
    }
  }
}

function copied(from: Readable, to: Writable): Promise<void> {
  return new Promise(resolve => {
    from.once('end', resolve);
    from.once('close', resolve);
    from.once('error', () => resolve());
    // `| head -1`: whoever reads no more must not stop what is still to be read
    to.once('error', () => from.unpipe(to).resume());
    from.pipe(to, { end: false });
  });
}
