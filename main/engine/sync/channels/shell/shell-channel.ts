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
import type { StagedFiles } from './bulk.ts';
import { readTree } from './read-tree.ts';
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

/** A shell reads lines byte by byte: more than this goes through tar. */
const inlineBytes = 24 * 1024;
const inlineFiles = 24;
const pieceBytes = 32 * 1024;
/** What `one` answers for a file that tar did not bring. */
const notStaged = 44;
const mostRetries = 20;

/** Notes how one path fared; null for a file that changed while it was read. */
type Settle = (path: string, answer: ShellAnswer | null) => void;
const fine: ShellAnswer = { code: 0, output: Buffer.alloc(0) };

interface BulkOptions {
  readonly settle: Settle;
  readonly signal?: AbortSignal;
  readonly onBytes?: (sent: number) => void;
}

/** The channels through the API server: by lines for a shell in the container, with `tar` for more than a few files. */
export async function openShellChannel(options: ShellChannelOptions): Promise<Channel> {
  const { cluster, address, targets, limits, label, kind, reason } = options;
  const over = Promise.withResolvers<string>();
  const first = await openShellSession(cluster, address, limits, label, options.signal);
  let standing: ShellSession | null = null;
  let ended: string | null = null;
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

  /** The innermost target that the path lies below; empty for none. */
  function targetOf(path: string): string {
    return targets
      .filter(one => path.startsWith(one === '/' ? '/' : `${one}/`))
      .reduce((a, b) => (b.length > a.length ? b : a), '');
  }

  /** Directories between the rule's target and the file: none of them may be a link. */
  function between(path: string): string[] {
    const target = targetOf(path);
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
    if (operation.op === 'directory')
      return `directory ${word(path)} ${(operation.mode & 0o7777).toString(8)} ${word(operation.owner ?? '')} ${parent}`;
    if (operation.op === 'symlink')
      return `link ${word(temporary(path))} ${parent} ${word(path)} ${word(operation.target)} ${word(operation.owner ?? '')}`;
    if (operation.op === 'mode') return `chmod ${(operation.mode & 0o7777).toString(8)} ${word(path)}`;
    return `remove ${word(path)}`;
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

  /** Many files, or large ones: staged by tar, moved by one `mv` per directory. */
  async function bulk(
    shell: ShellSession,
    files: readonly FileOperation[],
    { settle, signal, onBytes }: BulkOptions,
  ): Promise<void> {
    let before = 0;
    for (const [root, ours] of byRoot(files)) {
      await shell.line(`parents ${word(root)}`);
      let left: readonly FileOperation[] = ours;
      for (let tries = 0; left.length > 0; tries += 1) {
        const staged = await stageFiles(cluster, address, root, left, limits, {
          signal,
          onBytes: add => onBytes?.(before + add),
        });
        left = await moveStaged(shell, staged, settle);
        const { problem } = staged;
        if (problem === null || left.length === 0) break;
        left = await withoutCulprit(
          shell,
          left,
          problem,
          tries < mostRetries && left.length < ours.length,
          settle,
        );
      }
      before += ours.reduce((sum, { size }) => sum + size, 0);
    }
  }

  /** Files below one target lie on one file system, as a rule: a move there is a rename. */
  function byRoot(files: readonly FileOperation[]): ReadonlyMap<string, FileOperation[]> {
    const roots = new Map<string, FileOperation[]>();
    for (const file of files) {
      const target = targetOf(file.path);
      const root = target === '' || target === '/' ? posix.dirname(file.path) : target;
      roots.set(root, [...(roots.get(root) ?? []), file]);
    }
    return roots;
  }

  /** Returns the files that did not get into the container. */
  async function moveStaged(
    shell: ShellSession,
    staged: StagedFiles,
    settle: Settle,
  ): Promise<FileOperation[]> {
    const missing: FileOperation[] = [];
    try {
      for (const group of staged.groups) {
        const folder = posix.join(staged.folder, group.name);
        for (const { path } of group.files.filter(file => staged.changed.has(file))) settle(path, null);
        const whole = group.files.filter(file => !staged.changed.has(file));
        if (staged.problem === null && (await spread(shell, folder, group, whole))) {
          for (const { path } of whole) settle(path, fine);
          continue;
        }
        // Something of it did not go: each by itself, so that the path that fails is known and the others arrive.
        for (const file of whole) {
          const { path, mode, owner, size } = file;
          const names = [posix.join(folder, posix.basename(path)), posix.dirname(path), path]
            .map(word)
            .join(' ');
          const rest = `${(mode & 0o7777).toString(8)} ${word(owner ?? '')} ${size} ${staged.problem === null ? 1 : 0}`;
          const answer = await shell.line(guarded(path, `one ${names} ${rest}`));
          if (answer.code === notStaged) missing.push(file);
          else settle(path, answer);
        }
      }
    } finally {
      await shell.line(`rm -rf -- ${word(staged.folder)}`, 30_000).catch(() => undefined);
    }
    return missing;
  }

  async function spread(
    shell: ShellSession,
    folder: string,
    group: StagedFiles['groups'][number],
    files: readonly FileOperation[],
  ): Promise<boolean> {
    for (let at = 0; at < files.length; at += 400) {
      const names = files.slice(at, at + 400).map(({ path }) => word(posix.basename(path)));
      const places = `${word(folder)} ${word(group.directory)} ${word(group.owner ?? '')}`;
      const command = `spread ${places} ${names.join(' ')}`;
      const { code } = await shell.line(guarded(files[0]?.path ?? '/', command), 30_000);
      if (code !== 0) return false;
    }
    return true;
  }

  /** What tar did not get out: the first one is to blame; where nothing came out, small ones may still go in place. */
  async function withoutCulprit(
    shell: ShellSession,
    left: readonly FileOperation[],
    problem: string,
    again: boolean,
    settle: Settle,
  ): Promise<readonly FileOperation[]> {
    const failure = { code: 1, output: Buffer.from(problem) };
    if (['EROFS', 'EACCES', 'EPERM'].includes(errnoOf(problem))) {
      for (const file of left) {
        if (isSmall(file) && file.size <= inlineBytes) await putInline(shell, file, settle);
        else settle(file.path, failure);
      }
      return [];
    }
    const [culprit, ...rest] = left;
    if (culprit !== undefined) settle(culprit.path, failure);
    if (again || rest.length < mostRetries) return rest;
    for (const { path } of rest) settle(path, failure);
    return [];
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
