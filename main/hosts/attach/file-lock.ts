import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { PtahError } from '../../engine/errors/index.ts';

const staleMs = 10_000;
const patienceMs = 8_000;

/** Does `work` while no other process does. Held for milliseconds; a lock whose holder died is taken over. */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const until = Date.now() + patienceMs;
  while (!(await take(file))) {
    if (await isStale(file)) {
      // renamed, not removed: of two who find it stale one gets it
      await rename(file, `${file}.${process.pid}`).catch(() => undefined);
      await rm(`${file}.${process.pid}`, { force: true });
    } else if (Date.now() > until) {
      throw new PtahError('busy', 'Another Ptah is starting and does not finish.', { details: { file } });
    } else await sleep(20);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(file: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs > staleMs) return true;
    const pid = Number(await readFile(file, 'utf8'));
    // just made, its number not yet written
    if (!Number.isInteger(pid) || pid <= 0) return false;
    return !isAlive(pid);
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
