// The project's own dependencies: `npm ci` when they are missing or the lockfile has changed.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { root } from './places.mjs';
import { lastLines, runNpm } from './run.mjs';

const lockfile = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.package-lock.json');
const stamp = join(root, 'node_modules', '.ptah-setup');

/** Installs what is missing. Says so on stderr only when there is something to do. */
export async function ensureDependencies() {
  if (upToDate()) return;
  await withLock('setup', async () => {
    if (upToDate()) return;
    if (!matchesLockfile()) await install();
    writeFileSync(stamp, lockDigest());
  });
}

async function install() {
  console.error('Installing dependencies (npm ci, about a minute)');
  const { code, output } = await runNpm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    output: 'collect',
    cwd: root,
  });
  if (code === 0) return;
  console.error(lastLines(output, 40));
  console.error('npm ci failed. The lines above say why; is the npm registry reachable?');
  process.exit(1);
}

const lockDigest = () => createHash('sha256').update(readFileSync(lockfile)).digest('hex');

function upToDate() {
  return existsSync(stamp) && existsSync(installed) && readFileSync(stamp, 'utf8') === lockDigest();
}

/** An `npm install` by hand leaves no stamp: then npm's own record of what it installed is compared. */
function matchesLockfile() {
  if (!existsSync(installed)) return false;
  const want = JSON.parse(readFileSync(lockfile, 'utf8')).packages;
  const have = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(want).every(([path, entry]) => {
    if (path === '' || entry.link) return true;
    return have[path] ? have[path].version === entry.version : entry.optional === true || entry.peer === true;
  });
}
