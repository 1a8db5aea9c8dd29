import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, chromium, expect, type Page } from '@playwright/test';
import { electronBinary } from './electron.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const browserPath = (): string => {
  const candidates = [
    process.env.PTAH_TEST_BROWSER,
    '/usr/bin/chromium',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  const found = candidates.find(path => path !== undefined && existsSync(path));
  if (found === undefined) throw new Error('No Chromium or Chrome on this machine: set PTAH_TEST_BROWSER');
  return found;
};

export type Host = 'browser' | 'electron';

interface Options {
  /** A home to start with again; else a new one. */
  readonly home?: string;
  readonly env?: Record<string, string>;
}

/** The application as a person meets it: the real host with a home of its own, and a real window. */
export class ApplicationWindow {
  readonly page: Page;
  readonly home: string;
  /** Content-security-policy violations, uncaught errors, requests to strangers; a spec that ends with any has failed. */
  readonly complaints: string[] = [];
  private readonly end: () => Promise<void>;

  private constructor(page: Page, home: string, end: () => Promise<void>) {
    this.page = page;
    this.home = home;
    this.end = end;
    page.on('pageerror', error => this.complaints.push(`uncaught: ${error.message}`));
    page.on('console', message => {
      if (message.text().includes('Content Security Policy')) this.complaints.push(message.text());
    });
    page.on('request', request => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol.startsWith('http') && hostname !== '127.0.0.1')
        this.complaints.push(`asked a stranger: ${request.url()}`);
    });
  }

  static async open(host: Host = 'browser', options: Options = {}): Promise<ApplicationWindow> {
    const home = options.home ?? (await mkdtemp(join(tmpdir(), 'ptah-home-')));
    const env = { ...process.env, PTAH_HOME: home, ...options.env } as Record<string, string>;
    return host === 'electron' ? openElectron(home, env) : openBrowser(home, env);
  }

  static of(page: Page, home: string, end: () => Promise<void>): ApplicationWindow {
    return new ApplicationWindow(page, home, end);
  }

  /** Drops a real directory entry, as the desktop does; the page learns its name and its listing, never its path. */
  async dropFolder(path: string): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const size = this.page.viewportSize() ?? { width: 1440, height: 900 };
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    const at = { x: size.width / 2, y: size.height / 2 };
    const drag = (type: 'dragEnter' | 'dragOver' | 'drop') =>
      session.send('Input.dispatchDragEvent', { type, ...at, data });
    // As with a hand, what is let go before the window has said that it takes it is not dropped at all.
    const veil = this.page.getByText('Drop to open the folder');
    await drag('dragEnter');
    await expect(async () => {
      await drag('dragOver');
      await expect(veil).toBeVisible({ timeout: 500 });
    }).toPass({ timeout: 15_000 });
    await drag('dragOver');
    await drag('drop');
    await session.detach();
    await veil.waitFor({ state: 'hidden' });
  }

  /** Ends the host as a person closing the window does. `keepHome` leaves its home for a next start. */
  async close(keepHome = false): Promise<void> {
    await this.end();
    if (!keepHome) await rm(this.home, { recursive: true, force: true });
  }
}

async function openElectron(home: string, env: Record<string, string>): Promise<ApplicationWindow> {
  const application = await _electron.launch({
    executablePath: electronBinary() ?? '',
    args: [join(root, 'dist/main/electron.mjs'), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    env,
  });
  return ApplicationWindow.of(await application.firstWindow(), home, () => application.close());
}

async function openBrowser(home: string, env: Record<string, string>): Promise<ApplicationWindow> {
  const host = spawn(process.execPath, [join(root, 'dist/main/loopback.mjs'), '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await addressOf(host);
  const browser = await chromium.launch({ executablePath: browserPath(), args: browserArguments });
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
    // what a browser asks once, when Paste is chosen in a menu
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const window = ApplicationWindow.of(page, home, async () => {
    await browser.close();
    if (host.exitCode !== null) return;
    const ended = new Promise(resolve => host.once('exit', resolve));
    host.kill('SIGTERM');
    await ended;
  });
  await page.goto(url);
  return window;
}

/** The loopback host prints one line of JSON when it listens. */
function addressOf(host: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    host.once('exit', code => reject(new Error(`The loopback host ended with ${code}`)));
    if (host.stdout === null) throw new Error('The loopback host has no output');
    createInterface({ input: host.stdout }).on('line', line => {
      if (line.startsWith('{')) resolve((JSON.parse(line) as { url: string }).url);
    });
  });
}

// Without these, Chromium asks its maker's hosts at every start.
const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
