// One process at a time: two `ptah` in two terminals must not install or build the same checkout together.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder, root } from './places.mjs';

/** Runs `work` while holding the lock `name` of this checkout (or of the whole cache with `shared`). */
export async function withLock(name, work, { shared = false } = {}) {
  const key = shared ? name : `${name}-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`;
  const folder = join(cacheFolder, 'locks', key);
  mkdirSync(join(cacheFolder, 'locks'), { recursive: true });
  while (!acquire(folder)) await sleep(100);
  try {
    return await work();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function acquire(folder) {
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, 'pid'), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (abandoned(folder)) rmSync(folder, { recursive: true, force: true });
    return false;
  }
}

function abandoned(folder) {
  try {
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    if (error.code === 'ESRCH') return true;
    // between mkdir and the pid file: give its owner a moment
    return (
      error.code === 'ENOENT' &&
      Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0) > 5_000
    );
  }
}
