import { posix } from 'node:path';
import type { Cluster } from '../../../cluster/index.ts';
import type { ContainerAddress } from '../../types.ts';
import { errnoOf } from '../errno.ts';
import type { ChannelLimits } from '../limits.ts';
import { isSmall } from '../sources.ts';
import type { FileOperation } from '../sources.ts';
import { stageFiles } from './bulk.ts';
import type { StagedFiles } from './bulk.ts';
import type { Commands } from './commands.ts';
import type { ShellAnswer, ShellSession } from './shell-session.ts';
import { word } from './words.ts';

/** A shell reads lines byte by byte: more than this goes through tar. */
export const inlineBytes = 24 * 1024;
/** What `one` answers for a file that tar did not bring. */
const notStaged = 44;
const mostRetries = 20;

/** Notes how one path fared; null for a file that changed while it was read. */
export type Settle = (path: string, answer: ShellAnswer | null) => void;
const fine: ShellAnswer = { code: 0, output: Buffer.alloc(0) };

interface BulkOptions {
  readonly settle: Settle;
  readonly signal?: AbortSignal;
  readonly onBytes?: (sent: number) => void;
}

export interface BulkContext {
  readonly cluster: Cluster;
  readonly address: ContainerAddress;
  readonly limits: ChannelLimits;
  readonly commands: Commands;
  /** Sends one small file as a line. */
  readonly putInline: (shell: ShellSession, file: FileOperation, settle: Settle) => Promise<void>;
}

export type Bulk = (
  shell: ShellSession,
  files: readonly FileOperation[],
  options: BulkOptions,
) => Promise<void>;

export function bulkFor({ cluster, address, limits, commands, putInline }: BulkContext): Bulk {
  const { targetOf, guarded } = commands;
  return bulk;

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
}
