// `npm run build`: dist/renderer, dist/main/{electron,loopback,ptah}.mjs, dist/preload/bridge.cjs.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withLock } from './lock.mjs';
import { onNode24 } from './node24.mjs';
import { root } from './places.mjs';
import { ensureDependencies } from './setup.mjs';
import { fingerprint, isStale, writeStamp } from './stale.mjs';

const dist = join(root, 'dist');
const always = ['package.json', 'package-lock.json', 'scripts/bundle.mjs', 'tsconfig.json'];

const parts = {
  main: { sources: [...always, 'main', 'preload'], bundle: 'bundlePrograms' },
  preload: { sources: [...always, 'preload'], bundle: 'bundlePreload' },
  renderer: {
    sources: [...always, 'renderer', 'preload', 'assets', 'vite.config.ts'],
    bundle: 'bundleRenderer',
  },
};

const stampOf = name => join(dist, '.stamps', `${name}.json`);

/** Builds the parts whose sources changed since they were built. Silent: what it says is only an error. */
export async function buildIfStale(names = Object.keys(parts)) {
  const stale = () => names.filter(name => isStale(stampOf(name), parts[name].sources));
  if (stale().length === 0) return;
  await withLock('build', async () => {
    for (const name of stale()) await buildPart(name, { clean: false });
  });
}

async function buildPart(name, { clean }) {
  const bundles = await import('./bundle.mjs');
  mkdirSync(dist, { recursive: true });
  const fresh = mkdtempSync(join(dist, '.new-'));
  try {
    const taken = fingerprint(parts[name].sources);
    await bundles[parts[name].bundle](fresh);
    if (clean) rmSync(join(dist, name), { recursive: true, force: true });
    moveInto(fresh, join(dist, name));
    writeStamp(stampOf(name), taken);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** File by file, chunks before entries: a program that starts meanwhile finds a whole old or a whole new one,
 *  and a window that is open keeps the old chunks it may still load. */
function moveInto(from, to) {
  const files = readdirSync(from, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name).slice(from.length + 1))
    .sort((a, b) => b.split(/[\\/]/).length - a.split(/[\\/]/).length);
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    renameSync(join(from, file), join(to, file));
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await onNode24(import.meta.url);
  await ensureDependencies();
  const began = Date.now();
  await withLock('build', async () => {
    for (const name of Object.keys(parts)) await buildPart(name, { clean: true });
  });
  const missing = [
    'main/electron.mjs',
    'main/loopback.mjs',
    'main/ptah.mjs',
    'preload/bridge.cjs',
    'renderer/index.html',
  ];
  for (const file of missing.filter(file => !existsSync(join(dist, file))))
    console.error(`not built: dist/${file}`);
  console.log(`built in ${((Date.now() - began) / 1000).toFixed(1)} s`);
}
