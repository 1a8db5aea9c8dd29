import { posix } from 'node:path';
import type { Operation } from '../../types.ts';
import { sha256 } from '../sources.ts';
import type { FileOperation } from '../sources.ts';
import { word } from './words.ts';

/** Lines for the reader in the container. */
export interface Commands {
  /** The innermost target that the path lies below; empty for none. */
  readonly targetOf: (path: string) => string;
  /** Refused where a directory between the rule's target and the file is a link. */
  readonly guarded: (path: string, command: string) => string;
  readonly of: (operation: Exclude<Operation, FileOperation>) => string;
}

export function commandsFor(targets: readonly string[]): Commands {
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

  return { targetOf, guarded, of: command };
}

export function temporary(path: string): string {
  return posix.join(posix.dirname(path), `.ptah-sync-${sha256(Buffer.from(path)).slice(0, 12)}`);
}

/** Without bits to execute the mode comes from the mask, and no `chmod` has to be started. */
export function modeWords(mode: number): string {
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
