// `node scripts/gallery.mjs [FILTER…] [--themes light,dark] [--out DIR] [--axe] [--cut]`: builds renderer/gallery.html, serves it under the
// window's own content security policy, and takes a picture of each screen in each state. `--axe` looks for what shuts people out,
// `--cut` for text that is cut and whose whole stands in no tooltip. For looking, not for CI.
import { createServer } from 'node:http';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { root } from './places.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    themes: { type: 'string', default: 'light,dark' },
    out: { type: 'string', default: join(tmpdir(), 'ptah-gallery') },
    size: { type: 'string', default: '1440x900' },
    keep: { type: 'boolean', default: false },
    axe: { type: 'boolean', default: false },
    cut: { type: 'boolean', default: false },
  },
});
const apiRow = '[data-row="pod/shop/api-7c9f6d5b8-2xk4q/api"]';
const apiRow2 = '[data-row="pod/shop/api-7c9f6d5b8-m8vtz/api"]';
/**
 * Name, world, place, how long it settles, what is open, and what is pressed before the picture.
 * @type {[name: string, fake: string, hash: string, wait?: number, open?: string, presses?: string[]][]}
 */
const shots = [
  ['projects', 'busy', '#/projects'],
  ['projects-empty', 'empty', '#/projects'],
  ['overview', 'idle', '#/p/p-1/overview'],
  ['overview-busy', 'busy', '#/p/p-1/overview'],
  ['overview-rollout', 'rollout', '#/p/p-1/overview'],
  ['overview-failed', 'failed', '#/p/p-1/overview'],
  ['overview-settled', 'settled', '#/p/p-1/overview'],
  ['overview-guard', 'guard', '#/p/p-1/overview'],
  ['overview-blocked', 'blocked', '#/p/p-1/overview'],
  ['overview-fresh', 'fresh', '#/p/p-1/overview'],
  ['overview-slow', 'slow', '#/p/p-1/overview', 4000],
  ['overview-error', 'error', '#/p/p-1/overview'],
  ['overview-lost', 'lost', '#/p/p-1/overview', 2500],
  ['overview-log', 'busy', '#/p/p-1/overview', 900, 'log'],
  ['images', 'idle', '#/p/p-1/images'],
  ['images-busy', 'busy', '#/p/p-1/images'],
  ['images-layers', 'idle', '#/p/p-1/images', 900, '', ['text=Layers']],
  ['images-run', 'idle', '#/p/p-1/images', 900, '', ['.seg >> text=Run']],
  ['images-run-log', 'idle', '#/p/p-1/images', 900, '', ['.seg >> text=Run', '.run-list >> text=Log']],
  ['images-tags', 'idle', '#/p/p-1/images', 900, '', ['text=Old tags']],
  [
    'images-tags-remove',
    'idle',
    '#/p/p-1/images',
    900,
    '',
    ['text=Old tags', 'text=Choose all', 'text=Remove 2'],
  ],
  ['images-empty', 'empty', '#/p/p-1/images'],
  ['changes', 'idle', '#/p/p-1/changes'],
  ['changes-settled', 'settled', '#/p/p-1/changes'],
  ['workloads', 'idle', '#/p/p-1/workloads'],
  ['workloads-fresh', 'fresh', '#/p/p-1/workloads'],
  ['workloads-error', 'error', '#/p/p-1/workloads'],
  ['objects-workload', 'idle', '#/p/p-1/workloads', 900, '', ['text=migrate', '.wl tr.level-1 >> text=api']],
  ['objects-pod', 'idle', '#/p/p-1/workloads', 900, '', [apiRow.replace('/api"]', '"]')]],
  ['objects-config', 'idle', '#/p/p-1/workloads', 900, '', ['text=api-config']],
  ['objects-scale', 'idle', '#/p/p-1/workloads', 900, '', ['.wl tr.level-1 >> text=api', 'text=Scale']],
  [
    'objects-delete',
    'idle',
    '#/p/p-1/workloads',
    900,
    '',
    [apiRow.replace('/api"]', '"]'), 'text=Delete pod'],
  ],
  ['objects-yaml', 'idle', '#/p/p-1/workloads', 900, '', ['.wl tr.level-1 >> text=api', 'text=YAML']],
  [
    'objects-yaml-diff',
    'idle',
    '#/p/p-1/workloads',
    900,
    '',
    ['.wl tr.level-1 >> text=api', 'text=YAML', 'type=replicas: 5', 'text=Check the change'],
  ],
  [
    'objects-yaml-refused',
    'idle',
    '#/p/p-1/workloads',
    900,
    '',
    ['.wl tr.level-1 >> text=api', 'text=YAML', 'type=replicas: many', 'text=Check the change'],
  ],
  [
    'objects-yaml-conflict',
    'conflict',
    '#/p/p-1/workloads',
    900,
    '',
    ['.wl tr.level-1 >> text=api', 'text=YAML', 'type=replicas: 5', 'text=Check the change'],
  ],
  ['objects-denied', 'denied', '#/p/p-1/workloads'],
  ['objects-many', 'many', '#/p/p-1/workloads'],
  ['forwards', 'idle', '#/p/p-1/workloads', 900, '', ['text=Forward all ports']],
  ['forwards-inspected', 'idle', '#/p/p-1/workloads', 900, '', ['text=Forward all ports', 'text=api-config']],
  ['forwards-ports', 'forwarding', '#/p/p-1/workloads', 900, '', ['.wl tr.level-1 >> text=api']],
  ['workloads-slow', 'slow', '#/p/p-1/workloads', 4500],
  ['sync-off', 'sync-off', '#/p/p-1/workloads'],
  ['sync-mixed', 'sync-mixed', '#/p/p-1/workloads', 900, '', [apiRow]],
  ['sync-equal', 'sync-equal', '#/p/p-1/workloads', 900, '', [apiRow, 'text=Verify']],
  ['sync-sending', 'sync-sending', '#/p/p-1/workloads', 900, '', [apiRow]],
  ['sync-drift', 'sync-drift', '#/p/p-1/workloads', 900, '', [apiRow]],
  ['sync-drift-dialog', 'sync-drift', '#/p/p-1/workloads', 900, '', [apiRow, 'text=Send all mine']],
  ['sync-degraded', 'sync-degraded', '#/p/p-1/workloads', 900, '', [apiRow]],
  ['sync-refused', 'sync-degraded', '#/p/p-1/workloads', 900, '', [apiRow2]],
  ['sync-paused', 'sync-paused', '#/p/p-1/workloads', 900, '', [apiRow]],
  ['sync-build', 'sync-build', '#/p/p-1/workloads', 900, '', [apiRow]],
  ['sync-polling', 'sync-polling', '#/p/p-1/overview'],
  ['sync-blocked', 'sync-blocked', '#/p/p-1/overview'],
  ['sync-blocked-workloads', 'sync-blocked', '#/p/p-1/workloads'],
  ['sync-overview', 'sync-build', '#/p/p-1/overview'],
  ['sync-images', 'sync-mixed', '#/p/p-1/images'],
  ['sync-pending', 'sync-off', '#/p/p-1/workloads', 900, '', ['.head .switch']],
  ['sync-feed', 'sync-degraded', '#/p/p-1/workloads', 900, '', ['.statusbar button.cell >> text=Sync']],
  ['sync-feed-empty', 'sync-off', '#/p/p-1/overview', 900, '', ['.statusbar button.cell >> text=Sync']],
  ['sync-feed-error', 'error', '#/p/p-1/overview', 900, '', ['.statusbar button.cell >> text=Sync']],
  ['sync-palette', 'sync-mixed', '#/p/p-1/workloads', 900, '', [apiRow, '.titlebar .search']],
  ['terminal', 'terminal-running', '#/p/p-1/workloads', 900, '', ['#tab-terminal-t-1']],
  [
    'terminal-find',
    'terminal-running',
    '#/p/p-1/workloads',
    900,
    '',
    ['#tab-terminal-t-1', '[aria-label="Find in the terminal"]'],
  ],
  ['terminal-ended', 'terminal-ended', '#/p/p-1/workloads', 900, '', ['#tab-terminal-t-1']],
  ['terminal-lost', 'terminal-lost', '#/p/p-1/workloads', 900, '', ['#tab-terminal-t-1']],
  ['terminal-bare', 'terminal-bare', '#/p/p-1/workloads', 900, '', ['#tab-terminal-t-1']],
  ['logs', 'logs-full', '#/p/p-1/workloads', 900, 'logs'],
  ['logs-hit', 'logs-full', '#/p/p-1/workloads', 900, 'logs-hit', ['[aria-label="Previous hit"]']],
  [
    'logs-json',
    'logs-full',
    '#/p/p-1/workloads',
    900,
    'logs',
    ['.log-row .log-twist', '[aria-label="Wrap lines"]'],
  ],
  ['logs-sources', 'logs-full', '#/p/p-1/workloads', 900, 'logs', ['.logs-sources']],
  ['logs-export', 'logs-full', '#/p/p-1/workloads', 900, 'logs', ['text=Export…']],
  ['logs-workload', 'logs-full', '#/p/p-1/workloads', 900, 'logs-workload'],
  ['logs-quiet', 'logs-quiet', '#/p/p-1/workloads', 900, 'logs'],
  ['logs-connecting', 'logs-connecting', '#/p/p-1/workloads', 900, 'logs'],
  ['logs-forbidden', 'logs-forbidden', '#/p/p-1/workloads', 900, 'logs'],
  ['logs-none', 'logs-none', '#/p/p-1/workloads', 900, 'logs'],
  ['logs-silent', 'logs-silent', '#/p/p-1/workloads', 4500, 'logs'],
  ['remove', 'idle', '#/p/p-1/overview', 900, '', ['text=Remove…', '.dialog-title']],
  ['remove-cluster', 'idle', '#/p/p-1/overview', 900, '', ['text=Remove…', 'label:has-text("Kind cluster")']],
  ['remove-run', 'removing', '#/p/p-1/overview', 900, '', ['text=Remove…', '.dialog .btn.danger']],
  ['remove-failed', 'removal-failed', '#/p/p-1/overview', 900, '', ['text=Remove…', '.dialog .btn.danger']],
  ['cluster', 'idle', '#/p/p-1/cluster'],
  ['cluster-fresh', 'fresh', '#/p/p-1/cluster'],
  ['cluster-error', 'error', '#/p/p-1/cluster'],
  ['cluster-delete', 'idle', '#/p/p-1/cluster', 900, '', ['text=Delete cluster…']],
  ['dashboard', 'idle', '#/p/p-1/cluster', 900, '', ['text=Dashboard']],
  ['dashboard-none', 'no-dashboard', '#/p/p-1/cluster', 900, '', ['text=Dashboard']],
  ['setup', 'idle', '#/setup'],
  ['activity', 'busy', '#/activity'],
  ['activity-empty', 'empty', '#/activity'],
  ['settings', 'idle', '#/settings'],
  ['dialog-proposal', 'idle', '#/projects', 900, 'proposal'],
  ['dialog-browse', 'idle', '#/projects', 900, 'browse'],
  ['dialog-palette', 'idle', '#/p/p-1/overview', 900, 'palette'],
  ['dialog-keys', 'idle', '#/p/p-1/overview', 900, 'sheet'],
  ['toasts', 'idle', '#/p/p-1/overview', 900, 'toast'],
].filter(([name]) => positionals.length === 0 || positionals.some(part => name.includes(part)));

/** Runs in the page: what does not fit into its box, and has no tooltip. */
function cutText() {
  const found = new Set();
  for (const element of document.querySelectorAll('body *')) {
    const { overflowX } = getComputedStyle(element);
    const isText = [...element.childNodes].some(
      node => node.nodeType === 3 && node.textContent.trim() !== '',
    );
    const hides = overflowX === 'hidden' || overflowX === 'clip';
    if (!hides || element.scrollWidth <= element.clientWidth + 1 || element.clientWidth < 3) continue;
    if (element.closest('[title], .sr, .xterm, .skeleton') !== null) continue;
    if (!isText && element.querySelector('[title]') !== null) continue;
    const words = element.textContent.trim().replace(/\s+/g, ' ').slice(0, 60);
    found.add(`${element.tagName.toLowerCase()}.${[...element.classList].join('.')} "${words}"`);
  }
  return [...found].slice(0, 8);
}

const outDir = resolve(values.out);
const site = join(outDir, 'site');
if (!values.keep || !existsSync(site)) {
  await build({
    root: join(root, 'renderer'),
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    build: {
      outDir: site,
      emptyOutDir: true,
      sourcemap: false,
      rollupOptions: { input: join(root, 'renderer/gallery.html') },
    },
  });
}
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'";
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const server = createServer((request, response) => {
  const file = join(site, decodeURIComponent(new URL(request.url, 'http://x').pathname));
  if (!file.startsWith(site) || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response
    .writeHead(200, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': policy,
    })
    .end(readFileSync(file));
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const address = `http://127.0.0.1:${server.address().port}/gallery.html`;
const [width, height] = values.size.split('x').map(Number);
const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const browser = await chromium.launch({ executablePath, args });
mkdirSync(outDir, { recursive: true });
let troubles = 0;
for (const theme of values.themes.split(',')) {
  // axe wants a context of its own.
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme === 'dark' ? 'dark' : 'light',
  });
  const page = await context.newPage();
  page.on('console', message => {
    if (message.type() !== 'error') return;
    troubles += 1;
    console.log(`console: ${message.text()}`);
  });
  page.on('pageerror', error => {
    troubles += 1;
    console.log(`page: ${error.message}`);
  });
  for (const [name, fake, hash, wait = 900, open = '', presses = []] of shots) {
    await page.goto('about:blank');
    await page.goto(`${address}?fake=${fake}&theme=${theme}&open=${open}${hash}`);
    await page.waitForTimeout(wait);
    for (const selector of presses) {
      if (selector.startsWith('type=')) {
        // the editor's text with its line of that key replaced
        const area = page.locator('.editor textarea');
        const text = await area.inputValue();
        const [key = ''] = selector.slice(5).split(':');
        await area.fill(text.replace(new RegExp(`${key}: .*`), selector.slice(5)));
        continue;
      }
      await page.locator(selector).first().click({ timeout: 5000 });
      await page.waitForTimeout(300);
    }
    await page.screenshot({ path: join(outDir, `${name}-${theme}.png`) });
    if (values.cut) {
      const found = await page.evaluate(cutText);
      troubles += found.length;
      for (const text of found) console.log(`cut: ${name} ${theme}: ${text}`);
    }
    if (!values.axe) continue;
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const violation of violations.filter(one => ['serious', 'critical'].includes(one.impact))) {
      troubles += 1;
      const nodes = violation.nodes
        .slice(0, 3)
        .map(node => `${node.target.join(' ')}: ${node.any[0]?.message ?? node.all[0]?.message ?? ''}`);
      console.log(
        `axe: ${name} ${theme}: ${violation.id}, ${violation.nodes.length} nodes\n  ${nodes.join('\n  ')}`,
      );
    }
  }
  await context.close();
}
await browser.close();
server.close();
console.log(`${shots.length} pictures per theme in ${outDir}${troubles > 0 ? `, ${troubles} troubles` : ''}`);
process.exitCode = troubles > 0 ? 1 : 0;
