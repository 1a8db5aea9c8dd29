import { posix } from 'node:path';
import type { Cluster } from '../../../cluster/index.ts';
import { PtahError } from '../../../errors/index.ts';
import type { BatchResult, Channel, ContainerAddress, Operation, OperationFailure } from '../../types.ts';
import { errnoOf } from '../errno.ts';
import type { ChannelLimits } from '../limits.ts';
import { runIn } from '../run.ts';
import { isSmall, smallBytes, sourceChanged, streamBytes } from '../sources.ts';
import type { FileOperation } from '../sources.ts';
import { commandsFor, modeWords, temporary } from './commands.ts';
import { bulkFor, inlineBytes } from './many-files.ts';
import type { Settle } from './many-files.ts';
import { readTree } from './read-tree.ts';
import { segments } from './segments.ts';
import { channelLost, openShellSession } from './shell-session.ts';
import type { ShellAnswer, ShellSession } from './shell-session.ts';
import { format, word } from './words.ts';

export interface ShellChannelOptions {
  readonly cluster: Cluster;
  readonly address: ContainerAddress;
  readonly targets: readonly string[];
  readonly limits: ChannelLimits;
  /** What the process list of the container shows. */
  readonly label: string;
  readonly signal: AbortSignal;
  /** `stream`: one shell stays; `tar`: one per batch. */
  readonly kind: 'stream' | 'tar';
  readonly reason: string;
}

const inlineFiles = 24;
const pieceBytes = 32 * 1024;

/** The channels through the API server: by lines for a shell in the container, with `tar` for more than a few files. */
export async function openShellChannel(options: ShellChannelOptions): Promise<Channel> {
  const { cluster, address, targets, limits, label, kind, reason } = options;
  const over = Promise.withResolvers<string>();
  const first = await openShellSession(cluster, address, limits, label, options.signal);
  let standing: ShellSession | null = null;
  let ended: string | null = null;
  const commands = commandsFor(targets);
  const { guarded } = commands;
  const bulk = bulkFor({ cluster, address, limits, commands, putInline });
  const tar = (await first.line('command -v tar && command -v head')).code === 0;
  try {
    await checkWritable(first, targets, address);
    // What a connection that was cut has left.
    await first.line(`sweep ${targets.map(word).join(' ')}`, 30_000);
  } catch (error) {
    await first.close();
    throw error;
  }
  if (kind === 'stream') {
    standing = first;
    void first.lost.then(end);
  } else {
    await first.close();
    if (!tar) throw new PtahError('channel-unfit', 'the container has no `tar`');
  }

  function end(why: string): void {
    if (ended !== null) return;
    ended = why;
    over.resolve(why);
  }

  async function within<T>(
    signal: AbortSignal | undefined,
    work: (shell: ShellSession) => Promise<T>,
  ): Promise<T> {
    if (signal?.aborted) throw new PtahError('cancelled', 'Cancelled.');
    if (ended !== null) throw channelLost(ended);
    if (standing !== null) return work(standing);
    let shell: ShellSession;
    try {
      shell = await openShellSession(cluster, address, limits, label, signal);
    } catch (error) {
      if (signal?.aborted) throw new PtahError('cancelled', 'Cancelled.');
      end(error instanceof Error ? error.message : String(error));
      throw channelLost(ended ?? 'The container cannot be reached.');
    }
    try {
      return await work(shell);
    } finally {
      await shell.close();
    }
  }

  function putSmall(
    shell: ShellSession,
    operation: FileOperation,
    content: Uint8Array,
  ): Promise<ShellAnswer> {
    const { path, mode, owner } = operation;
    const names = `${word(temporary(path))} ${word(posix.dirname(path))} ${word(path)}`;
    return shell.line(
      guarded(path, `put ${names} ${modeWords(mode)} ${word(owner ?? '')} ${format(content)}`),
    );
  }

  /** Piece by piece, where the container has no tar. */
  async function putPieces(
    shell: ShellSession,
    operation: FileOperation,
    signal?: AbortSignal,
  ): Promise<ShellAnswer | null> {
    const { path, mode, owner } = operation;
    const temp = word(temporary(path));
    let answer = await shell.line(guarded(path, `stage ${temp} ${word(posix.dirname(path))}`));
    const whole = await streamBytes(
      operation,
      async chunk => {
        for (let at = 0; at < chunk.length && answer.code === 0; at += pieceBytes)
          answer = await shell.line(`printf ${format(chunk.subarray(at, at + pieceBytes))} >>${temp}`);
      },
      signal,
    );
    if (!whole || answer.code !== 0) {
      await shell.line(`rm -f -- ${temp}`);
      return whole || answer.code !== 0 ? answer : null;
    }
    return shell.line(
      `place ${temp} ${word(posix.dirname(path))} ${word(path)} ${(mode & 0o7777).toString(8)} ${word(owner ?? '')}`,
    );
  }

  async function apply(
    operations: readonly Operation[],
    { signal, onBytes }: { readonly signal?: AbortSignal; readonly onBytes?: (sent: number) => void } = {},
  ): Promise<BatchResult> {
    return within(signal, async shell => {
      const done: string[] = [];
      const failed: OperationFailure[] = [];
      let sent = 0;
      const settle: Settle = (path, answer) => {
        if (answer === null) failed.push({ path, ...sourceChanged });
        else if (answer.code === 0) done.push(path);
        else {
          const { code, output } = answer;
          const said = output.toString('utf8').trim();
          failed.push({ path, code: errnoOf(said), message: said.split('\n').at(-1) ?? `exit code ${code}` });
        }
      };
      for (const segment of segments(operations)) {
        if (signal?.aborted) throw new PtahError('cancelled', 'Cancelled.');
        if (segment.files === null) {
          const answers = segment.others.map(operation => ({
            path: operation.path,
            answer: shell.line(guarded(operation.path, commands.of(operation))),
          }));
          for (const { path, answer } of answers) settle(path, await answer);
          continue;
        }
        const { files } = segment;
        const bytes = files.reduce((sum, { size }) => sum + size, 0);
        const inline =
          kind === 'stream' &&
          files.length <= inlineFiles &&
          files.every(file => isSmall(file) && file.size <= inlineBytes);
        if (!inline && tar) {
          const base = sent;
          await bulk(shell, files, { settle, signal, onBytes: add => onBytes?.(base + add) });
          sent += bytes;
          continue;
        }
        for (const file of files) {
          if (file.size > inlineBytes || !isSmall(file))
            settle(file.path, await putPieces(shell, file, signal));
          else await putInline(shell, file, settle);
          onBytes?.((sent += file.size));
        }
      }
      return { done, failed };
    });
  }

  async function putInline(shell: ShellSession, file: FileOperation, settle: Settle): Promise<void> {
    const content = await smallBytes(file);
    settle(file.path, content === null ? null : await putSmall(shell, file, content));
  }

  return {
    kind,
    reason,
    apply,
    read: (paths, { signal, hash = true } = {}) => within(signal, shell => readTree(shell, paths, hash)),
    fetch: (path, signal) =>
      within(signal, async shell => {
        const { code, output } = await shell.line(`cat -- ${word(path)}`, 60_000);
        if (code === 0) return output;
        throw new PtahError('read-failed', `${path} cannot be read: ${output.toString('utf8').trim()}`, {
          details: { file: path },
        });
      }),
    signal: (name, signal) =>
      within(signal, async shell => {
        const { code, output } = await shell.line(
          `kill -s ${word(name.toUpperCase().replace(/^SIG/, ''))} 1`,
        );
        if (code !== 0) throw new PtahError('signal-failed', output.toString('utf8').trim());
      }),
    run: (argv, signal) => runIn(cluster, address, argv, signal),
    closed: over.promise,
    async close() {
      end('The channel was closed.');
      await standing?.close();
    },
  };
}

async function checkWritable(
  shell: ShellSession,
  targets: readonly string[],
  address: ContainerAddress,
): Promise<void> {
  if (targets.length === 0) return;
  const { code } = await shell.line(`writable ${targets.map(word).join(' ')}`);
  if (code === 0) return;
  throw new PtahError(
    'read-only',
    `Container ${address.container} of pod ${address.pod} has a read-only root file system: its files cannot be replaced.`,
    {
      hint: 'Mount a volume (an emptyDir) at the folder that is synced, or leave out readOnlyRootFilesystem while developing.',
    },
  );
}
