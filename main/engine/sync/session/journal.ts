import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from '../core/entries.ts';
import type { Operation } from '../types.ts';

/**
 * What we sent into one container, noted before it is sent: an engine that is killed in between does not take its own
 * file for somebody's edit when it comes again.
 */
export interface Journal {
  readonly sent: ReadonlyMap<string, ReadonlySet<string>>;
  /** Null when it was noted, else why not: then sync goes on, and only a killed engine would ask about its own files. */
  note(operations: readonly Operation[]): string | null;
  close(): void;
  /** The container is gone, and what was sent with it. */
  forget(): void;
}

/** The last contents of a path that may still be found there. */
const keptPerPath = 8;

export function openJournal(folder: string, containerId: string): Journal {
  const file = join(folder, `${createHash('sha256').update(containerId).digest('hex').slice(0, 32)}.jsonl`);
  const sent = new Map<string, Set<string>>();
  let handle: number | null = null;
  const add = (path: string, content: string) => {
    const known = sent.get(path) ?? new Set();
    sent.set(path, known);
    known.delete(content);
    known.add(content);
    if (known.size > keptPerPath) {
      const [oldest] = known;
      if (oldest !== undefined) known.delete(oldest);
    }
  };
  for (const [path, content] of readLines(file)) add(path, content);
  return {
    sent,
    note(operations) {
      const lines = operations.flatMap(operation => {
        const content = contentOf(operation);
        if (content === null) return [];
        const known = sent.get(operation.path)?.has(content) === true;
        add(operation.path, content);
        return known ? [] : [`${JSON.stringify([operation.path, content])}\n`];
      });
      if (lines.length === 0) return null;
      try {
        if (handle === null) {
          mkdirSync(folder, { recursive: true, mode: 0o700 });
          handle = openSync(file, 'a', 0o600);
        }
        // at the disk's mercy only when the machine itself fails: not worth an fsync for each edit
        writeSync(handle, lines.join(''));
        return null;
      } catch (error) {
        return (error as Error).message;
      }
    },
    close() {
      if (handle !== null) closeSync(handle);
      handle = null;
    },
    forget() {
      this.close();
      rmSync(file, { force: true });
    },
  };
}

/** What was sent to containers that ended while no engine ran is of no use to anybody; nobody's container is that old. */
const keptMs = 60 * 24 * 60 * 60 * 1000;

/** Removes the notes that nothing was added to for a long time. */
export function forgetOldJournals(folder: string): void {
  try {
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      if (Date.now() - statSync(file).mtimeMs > keptMs) rmSync(file, { force: true });
    }
  } catch {
    // there are none, or they are not ours to remove
  }
}

function contentOf(operation: Operation): string | null {
  if (operation.op === 'remove') return fingerprint(undefined);
  if (operation.op === 'file') return `f:${operation.hash}`;
  if (operation.op === 'symlink') return `l:${operation.target}`;
  return operation.op === 'directory' ? 'd' : null;
}

/** A line that was cut by a kill is left out. */
function readLines(file: string): [string, string][] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap(line => {
    try {
      const value: unknown = JSON.parse(line);
      return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string'
        ? [[value[0], value[1]] as [string, string]]
        : [];
    } catch {
      return [];
    }
  });
}
