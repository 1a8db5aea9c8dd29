// Everything here runs on Node 24: client-node 2, jsdom 31 and dependency-cruiser 18 fail on Node 20 (CONTRIBUTING.md).
// Where the machine's Node is older, Node 24 comes out of an npm package that holds the real binary. It is not in
// package.json: 185 MB for everyone, and it would shadow the user's own node.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';
import { cacheFolder } from './places.mjs';
import { become, lastLines, runNpm } from './run.mjs';

const wanted = '24.21.0';
const least = [24, 15];
const packages = new Set(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win-x64', 'win-arm64']);

/** Resolves at once on a Node that is new enough; else runs the calling script again on Node 24 and never resolves. */
export async function onNode24(scriptUrl) {
  if (isNewEnough(process.versions.node)) return;
  const node = await ensureNode24();
  const path = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`;
  await become(node, [fileURLToPath(scriptUrl), ...process.argv.slice(2)], { env: { PATH: path } });
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > least[0] || (major === least[0] && minor >= least[1]);
}

async function ensureNode24() {
  const home = join(cacheFolder, `node-${wanted}`);
  const binary = join(home, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `${platform}-${process.arch}`;
  if (!packages.has(name)) fail(`there is no package of it for ${name}`);
  await withLock('node24', () => fetchInto(home, binary, `node-${name}`), { shared: true });
  return binary;
}

async function fetchInto(home, binary, packageName) {
  if (existsSync(binary)) return;
  console.error(
    `Node ${process.versions.node} is too old: getting Node ${wanted} from npm (about 60 MB, once)`,
  );
  mkdirSync(cacheFolder, { recursive: true });
  const folder = mkdtempSync(join(cacheFolder, '.node-'));
  try {
    // --force: the package says os and cpu, and engines of its own that an old npm may object to
    const argv = [
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--force',
    ];
    const { code, output } = await runNpm([...argv, `${packageName}@${wanted}`], {
      output: 'collect',
      cwd: folder,
    });
    const unpacked = join(folder, 'node_modules', packageName);
    if (code !== 0 || !existsSync(unpacked))
      fail(`npm could not install ${packageName}:\n${lastLines(output)}`);
    rmSync(home, { recursive: true, force: true });
    renameSync(unpacked, home);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fail(reason) {
  console.error(
    `Ptah Desktop needs Node ${least.join('.')} or newer; this is ${process.versions.node}, and ${reason}`,
  );
  console.error('Install Node 24 and run the command again.');
  process.exit(1);
}
