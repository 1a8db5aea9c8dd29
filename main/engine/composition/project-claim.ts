import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from '../home/index.ts';

/** A claim that a process which died left behind counts no longer than this, even where its number was given away again. */
const oldestMs = 12 * 60 * 60 * 1000;

export type ProjectClaim =
  | { readonly release: () => void }
  /** The process that has it, and the file that says so. */
  | { readonly heldBy: number; readonly file: string };

/**
 * Lets one process at a time deploy a project: a window, and terminals that found no window to attach to. Within a process
 * the jobs themselves see to it. Where the file cannot be written nobody is kept from working.
 */
export function claimProject(home: Pick<Home, 'cache'>, identity: string): ProjectClaim {
  const folder = join(home.cache, 'running');
  const file = join(folder, createHash('sha256').update(identity).digest('hex').slice(0, 16));
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const handle = openSync(file, 'wx', 0o600);
      try {
        writeSync(handle, String(process.pid));
      } finally {
        closeSync(handle);
      }
      return { release: () => remove(file) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        remove(file);
        return { release: () => {} };
      }
    }
    const heldBy = holderOf(file);
    if (heldBy !== null) return { heldBy, file };
    remove(file);
  }
  return { release: () => {} };
}

/** Null when whoever has it is gone. */
function holderOf(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    const { mtimeMs } = statSync(file);
    const age = Date.now() - mtimeMs;
    // made in this moment, and not signed yet
    if (!Number.isInteger(pid) || pid <= 0) return age < 1000 ? process.pid : null;
    if (pid === process.pid || age > oldestMs) return null;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? -1 : null;
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // whoever comes next sees that its process is gone
  }
}
