// The window: Electron, fetched where it is missing; only where that can't be had, the same page in a browser's
// application window; and without a display, its address.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { endChildren } from './end-children.mjs';
import { cacheFolder, root } from './places.mjs';
import { run } from './run.mjs';

const electronPackage = join(root, 'node_modules/electron');
const isRoot = process.getuid?.() === 0;

/** Opens the window and resolves the process's end: Ctrl+C, or the window being closed, ends everything. */
export async function openWindow({ electron, browser, background }) {
  const children = new Set(background);
  const hurry = new AbortController();
  let ending = false;
  const end = code => {
    if (ending) return;
    ending = true;
    const onSlow = () => console.log('What was cancelled is being tidied up. Ctrl+C again ends it at once.');
    void endChildren(children, { onSlow, hurry: hurry.signal }).finally(() => process.exit(code));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => (ending ? hurry.abort() : end(0)));

  if (electron) {
    const reason = await tryElectron(children, end);
    if (reason === null) return;
    const instead = hasDisplay()
      ? 'Opening the same window in a browser instead.'
      : 'Serving the window instead.';
    console.log(`Electron can't be used here: ${reason}. ${instead}`);
  }
  await openLoopback({ browser, children, end });
}

/** Null when the window is open; else why not. */
async function tryElectron(children, end) {
  if (!hasDisplay()) return 'there is no display';
  const binary = electronBinary() ?? (await fetchElectron());
  if (typeof binary !== 'string') return binary.reason;
  const argv = [...(isRoot && process.platform === 'linux' ? ['--no-sandbox'] : []), root];
  const child = spawn(binary, argv, { stdio: ['ignore', 'inherit', 'pipe'] });
  children.add(child);
  let complaint = '';
  child.stderr.on('data', chunk => {
    complaint = (complaint + chunk).slice(-4_000);
    process.stderr.write(chunk);
  });
  // a missing library or a sandbox that is not allowed shows itself at once
  return new Promise(resolve => {
    const settled = setTimeout(() => {
      child.once('close', code => end(code ?? 0));
      resolve(null);
    }, 4_000);
    const failed = reason => {
      clearTimeout(settled);
      children.delete(child);
      resolve(reason);
    };
    child.once('error', error => failed(error.message));
    child.once('close', code => {
      if (code === 0) end(0);
      else failed(complaint.trim().split('\n').at(-1) || `it ended with ${code}`);
    });
  });
}

function electronBinary() {
  const path = join(electronPackage, 'path.txt');
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (!override && !existsSync(path)) return null;
  const name = existsSync(path)
    ? readFileSync(path, 'utf8').trim()
    : process.platform === 'darwin'
      ? 'Electron.app/Contents/MacOS/Electron'
      : process.platform === 'win32'
        ? 'electron.exe'
        : 'electron';
  const binary = join(override || join(electronPackage, 'dist'), name);
  return existsSync(binary) ? binary : null;
}

async function fetchElectron() {
  console.log("Getting Electron's binary (about 120 MB, once)");
  const { code, output, timedOut } = await run(process.execPath, [join(electronPackage, 'install.js')], {
    output: 'collect',
    timeoutMs: 60_000,
  });
  const binary = code === 0 ? electronBinary() : null;
  if (binary) return binary;
  if (timedOut) return { reason: 'its binary was not fetched within 60 seconds' };
  const cause = /cause: .*?(?:Error: )?(.+)|code: '(\w+)'/.exec(output);
  const first = output.split('\n').find(line => /error/i.test(line)) ?? 'unknown reason';
  return {
    reason: `its binary could not be fetched (${(cause?.[1] ?? cause?.[2] ?? first).trim().slice(0, 160)})`,
  };
}

async function openLoopback({ browser, children, end }) {
  const host = spawn(process.execPath, [join(root, 'dist/main/loopback.mjs'), '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Ctrl+C reaches the whole group of a terminal, and the host would take ours for the second signal
    detached: process.platform !== 'win32',
  });
  children.add(host);
  host.once('close', code => end(code ?? 0));
  // each address opens one window; when it was used the host says the next
  let address = '';
  let isTold = false;
  await new Promise(resolve => {
    createInterface({ input: host.stdout }).on('line', line => {
      if (!line.startsWith('{')) return console.log(line);
      address = JSON.parse(line).url;
      if (isTold) console.log(`For another window: ${address}`);
      resolve();
    });
  });
  const tell = why => {
    isTold = true;
    console.log(`${why}\nPtah Desktop is at ${address}\nCtrl+C ends it.`.trimStart());
  };
  const program = browser && hasDisplay() ? findBrowser() : null;
  if (!program) {
    tell(browser && hasDisplay() ? 'No Chromium or Chrome was found.' : '');
    return;
  }
  const argv = [
    `--app=${address}`,
    `--user-data-dir=${join(cacheFolder, 'browser-window')}`,
    '--no-first-run',
    '--no-default-browser-check',
    '--window-size=1440,900',
    ...(isRoot && process.platform === 'linux' ? ['--no-sandbox', '--test-type'] : []),
  ];
  const window = spawn(program, argv, { stdio: 'ignore' });
  children.add(window);
  const opened = Date.now();
  window.once('error', error => tell(`${program}: ${error.message}`));
  window.once('close', code => {
    // a browser that is there already takes the window over; one that can't show anything fails at once
    if (Date.now() - opened > 3_000) end(0);
    else
      tell(code === 0 ? 'The window opened in a browser that was running.' : `${program} failed (${code}).`);
  });
  console.log('The window is open. Closing it, or Ctrl+C, ends Ptah Desktop.');
}

const hasDisplay = () =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

function findBrowser() {
  if (process.platform === 'darwin')
    return firstThatExists(
      ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser'].flatMap(name =>
        ['/Applications', join(homedir(), 'Applications')].map(
          folder => `${folder}/${name}.app/Contents/MacOS/${name}`,
        ),
      ),
    );
  if (process.platform === 'win32')
    return firstThatExists(
      ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'].flatMap(name =>
        [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
          .filter(Boolean)
          .map(folder => join(folder, name)),
      ),
    );
  const names = [
    'chromium',
    'chromium-browser',
    'google-chrome-stable',
    'google-chrome',
    'microsoft-edge',
    'brave-browser',
  ];
  const folders = (process.env.PATH ?? '').split(delimiter);
  return firstThatExists(names.flatMap(name => folders.map(folder => join(folder, name))));
}

const firstThatExists = paths => paths.find(path => existsSync(path)) ?? null;
