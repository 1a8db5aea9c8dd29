import { posix } from 'node:path';
import type { Cluster } from '../../../cluster/index.ts';
import { PtahError } from '../../../errors/index.ts';
import type { BatchResult, Channel, ContainerAddress, Operation, OperationFailure } from '../../types.ts';
import { errnoOf } from '../errno.ts';
import type { ChannelLimits } from '../limits.ts';
import { runIn } from '../run.ts';
import { isSmall, sha256, smallBytes, sourceChanged, streamBytes } from '../sources.ts';
import type { FileOperation } from '../sources.ts';
import { stageFiles } from './bulk.ts';
import { readTree } from './read-tree.ts';
import { channelLost, openShellSession } from './shell-session.ts';
import type { ShellAnswer, ShellSession } from './shell-session.ts';
import { format, word } from './words.ts';

export interface ShellChannelOptions {
  readonly cluster: Cluster;
  readonly address: ContainerAddress;
  readonly targets: readonly string[];
  readonly limits: ChannelLimits;
  readonly signal: AbortSignal;
  /** `stream`: one shell stays; `tar`: one per batch. */
  readonly kind: 'stream' | 'tar';
  readonly reason: string;
}

/** A shell reads lines byte by byte: more than this goes through tar. */
const inlineBytes = 24 * 1024;
const inlineFiles = 24;
const pieceBytes = 32 * 1024;

/** The channels through the API server: by lines for a shell in the container, with `tar` for more than a few files. */
export async function openShellChannel(options: ShellChannelOptions): Promise<Channel> {
  const { cluster, address, targets, limits, kind, reason } = options;
  const over = Promise.withResolvers<string>();
  const first = await openShellSession(cluster, address, limits, options.signal);
  let standing: ShellSession | null = null;
  let ended: string | null = null;
  const tar = (await first.line('command -v tar && command -v head')).code === 0;
  try {
    await checkWritable(first, targets, address);
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
      shell = await openShellSession(cluster, address, limits, signal);
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

  /** Directories between the rule's target and the file: none of them may be a link. */
  function between(path: string): string[] {
    const target = targets
      .filter(one => path.startsWith(one === '/' ? '/' : `${one}/`))
      .reduce((a, b) => (b.length > a.length ? b : a), '');
    if (target === '') return [];
    const inner: string[] = [];
    for (let at = posix.dirname(path); at.length > target.length && at !== '/'; at = posix.dirname(at))
      inner.push(at);
    return inner.toReversed();
  }

  function guarded(path: string, command: string): string {
    const inner = between(path);
    return inner.length === 0 ? command : `links ${inner.map(word).join(' ')} && ${command}`;
  }

  function temporary(path: string): string {
    return posix.join(posix.dirname(path), `.ptah-sync-${sha256(Buffer.from(path)).slice(0, 12)}`);
  }

  /** Without bits to execute the mode comes from the mask, and no `chmod` has to be started. */
  function modeWords(mode: number): string {
    const bits = mode & 0o7777;
    return (bits & ~0o666) === 0 ? `${(0o777 & ~bits).toString(8)} ''` : `077 ${bits.toString(8)}`;
  }

  function command(operation: Exclude<Operation, FileOperation>): string {
    const { path } = operation;
    const parent = word(posix.dirname(path));
    switch (operation.op) {
      case 'directory':
        return `directory ${word(path)} ${(operation.mode & 0o7777).toString(8)} ${word(operation.owner ?? '')} ${parent}`;
      case 'symlink':
        return `link ${word(temporary(path))} ${parent} ${word(path)} ${word(operation.target)} ${word(operation.owner ?? '')}`;
      case 'mode':
        return `chmod ${(operation.mode & 0o7777).toString(8)} ${word(path)}`;
      case 'remove':
        return `remove ${word(path)}`;
    }
  }

  async function putSmall(
    shell: ShellSession,
    operation: FileOperation,
    content: Uint8Array,
  ): Promise<ShellAnswer> {
    const { path, mode, owner } = operation;
    const names = `${word(temporary(path))} ${word(posix.dirname(path))} ${word(path)}`;
    if (content.byteLength <= inlineBytes)
      return shell.line(
        guarded(path, `put ${names} ${modeWords(mode)} ${word(owner ?? '')} ${format(content)}`),
      );
    throw new PtahError('unexpected', 'Too large for one line.');
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
      const settle = (path: string, { code, output }: ShellAnswer): void => {
        if (code === 0) done.push(path);
        else {
          const said = output.toString('utf8').trim();
          failed.push({ path, code: errnoOf(said), message: said.split('\n').at(-1) ?? `exit code ${code}` });
        }
      };
      for (const segment of segments(operations)) {
        if (signal?.aborted) throw new PtahError('cancelled', 'Cancelled.');
        if (segment.files === null) {
          const answers = segment.others.map(operation => ({
            path: operation.path,
            answer: shell.line(guarded(operation.path, command(operation))),
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
          await bulk(shell, files, { signal, onBytes: add => onBytes?.(sent + add) }, settle, failed);
          sent += bytes;
          continue;
        }
        for (const file of files) {
          if (file.size > inlineBytes || !isSmall(file)) {
            const answer = await putPieces(shell, file, signal);
            if (answer === null) failed.push({ path: file.path, ...sourceChanged });
            else settle(file.path, answer);
          } else {
            const content = await smallBytes(file);
            if (content === null) failed.push({ path: file.path, ...sourceChanged });
            else settle(file.path, await putSmall(shell, file, content));
          }
          onBytes?.((sent += file.size));
        }
      }
      return { done, failed };
    });
  }

  async function bulk(
    shell: ShellSession,
    files: readonly FileOperation[],
    options: { readonly signal?: AbortSignal; readonly onBytes?: (sent: number) => void },
    settle: (path: string, answer: ShellAnswer) => void,
    failed: OperationFailure[],
  ): Promise<void> {
    const root = await stagingRoot(shell, files);
    const staged = await stageFiles(cluster, address, root, files, limits, options);
    try {
      for (const group of staged.groups) {
        const folder = posix.join(staged.folder, group.name);
        const whole = group.files.filter(file => !staged.changed.has(file));
        for (const file of group.files)
          if (staged.changed.has(file)) failed.push({ path: file.path, ...sourceChanged });
        const [first] = whole;
        if (first === undefined) continue;
        let moved = staged.problem === null;
        for (let at = 0; moved && at < whole.length; at += 400) {
          const names = whole.slice(at, at + 400).map(({ path }) => word(posix.basename(path)));
          const { code } = await shell.line(
            guarded(
              first.path,
              `spread ${word(folder)} ${word(group.directory)} ${word(group.owner ?? '')} ${names.join(' ')}`,
            ),
          );
          moved = code === 0;
        }
        if (moved) {
          const ok = { code: 0, output: Buffer.alloc(0) };
          for (const { path } of whole) settle(path, ok);
          continue;
        }
        // Something of it did not go: each by itself, so that the path that fails is known and the others arrive.
        for (const file of whole) {
          const { path, mode, owner } = file;
          const from = word(posix.join(folder, posix.basename(path)));
          const line = `one ${from} ${word(posix.dirname(path))} ${word(path)} ${(mode & 0o7777).toString(8)} ${word(owner ?? '')} ${file.size} ${staged.problem === null ? 1 : 0}`;
          const answer = await shell.line(guarded(path, line));
          const output = answer.output.toString('utf8');
          settle(
            path,
            answer.code === 0
              ? answer
              : {
                  ...answer,
                  output: Buffer.from(
                    output.trim() === '' || /not staged/.test(output) ? (staged.problem ?? output) : output,
                  ),
                },
          );
        }
      }
    } finally {
      await shell.line(`rm -rf -- ${word(staged.folder)}`).catch(() => undefined);
    }
  }

  /** A place on the file system of the target, so that a move is a rename. */
  async function stagingRoot(shell: ShellSession, files: readonly FileOperation[]): Promise<string> {
    const { path } = files[0] ?? { path: '/' };
    const target =
      targets
        .filter(one => path.startsWith(one === '/' ? '/' : `${one}/`))
        .toSorted((a, b) => b.length - a.length)[0] ?? posix.dirname(path);
    const place = target === '/' ? posix.dirname(path) : target;
    await shell.line(`parents ${word(place)}`);
    return place;
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

interface Segment {
  readonly files: readonly FileOperation[] | null;
  readonly others: readonly Exclude<Operation, FileOperation>[];
}

/** Runs of files, and what lies between them: the order of a batch is kept. */
function segments(operations: readonly Operation[]): readonly Segment[] {
  const all: { files: FileOperation[] | null; others: Exclude<Operation, FileOperation>[] }[] = [];
  for (const operation of operations) {
    const last = all.at(-1);
    if (operation.op === 'file') {
      if (last?.files) last.files.push(operation);
      else all.push({ files: [operation], others: [] });
    } else if (last?.files === null) last.others.push(operation);
    else all.push({ files: null, others: [operation] });
  }
  return all;
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
