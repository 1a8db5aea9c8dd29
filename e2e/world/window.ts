import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from '@playwright/test';

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

/** The application as a person meets it: the real loopback host with a home of its own, and a real browser window. */
export class ApplicationWindow {
  readonly page: Page;
  readonly home: string;
  /** Content-security-policy violations and uncaught errors; a spec that ends with any has failed. */
  readonly complaints: string[];
  private readonly host: ChildProcess;
  private readonly browser: Browser;

  private constructor(page: Page, home: string, complaints: string[], host: ChildProcess, browser: Browser) {
    this.page = page;
    this.home = home;
    this.complaints = complaints;
    this.host = host;
    this.browser = browser;
  }

  static async open(
    options: { home?: string; env?: Record<string, string>; scheme?: 'light' | 'dark' } = {},
  ): Promise<ApplicationWindow> {
    const home = options.home ?? (await mkdtemp(join(tmpdir(), 'ptah-home-')));
    const host = spawn(process.execPath, [join(root, 'dist/main/loopback.mjs'), '--json'], {
      env: { ...process.env, PTAH_HOME: home, ...options.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = await new Promise<string>((resolve, reject) => {
      host.once('exit', code => reject(new Error(`The loopback host ended with ${code}`)));
      createInterface({ input: host.stdout! }).on('line', line => {
        if (line.startsWith('{')) resolve((JSON.parse(line) as { url: string }).url);
      });
    });
    const browser = await chromium.launch({
      executablePath: browserPath(),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      colorScheme: options.scheme ?? 'light',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', error => complaints.push(`uncaught: ${error.message}`));
    page.on('console', message => {
      if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
    });
    page.on('request', request => {
      const host = new URL(request.url()).hostname;
      if (request.url().startsWith('http') && host !== '127.0.0.1' && host !== 'localhost')
        complaints.push(`asked a stranger: ${request.url()}`);
    });
    await page.goto(url);
    return new ApplicationWindow(page, home, complaints, host, browser);
  }

  /** Drops a real directory entry, as the desktop does; the page learns its name and its listing, never its path. */
  async dropFolder(path: string): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const size = this.page.viewportSize() ?? { width: 1440, height: 900 };
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    const at = { x: size.width / 2, y: size.height / 2 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', { type, ...at, data });
    await session.detach();
  }

  /** Ends the host as a person closing the window does. `keepHome` leaves its home for a next start. */
  async close(keepHome = false): Promise<void> {
    await this.browser.close();
    if (this.host.exitCode === null) {
      const ended = new Promise(resolve => this.host.once('exit', resolve));
      this.host.kill('SIGTERM');
      await ended;
    }
    if (!keepHome) await rm(this.home, { recursive: true, force: true });
  }
}
