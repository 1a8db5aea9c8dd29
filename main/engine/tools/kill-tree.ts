import type { ChildProcess } from 'node:child_process';

/** Signals the whole process group of a child that was started with `detached`. Nothing happens when it is gone. */
export function killTree(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // ESRCH: it has ended meanwhile
  }
}
