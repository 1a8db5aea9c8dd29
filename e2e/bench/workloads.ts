import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from '@playwright/test';
import { build } from 'vite';
import { machineVariables } from '../../scripts/test-machine.mjs';
import { timingOf } from './measure.ts';
import type { Benchmark } from './report.ts';
import { workloadsEngine } from './workloads-engine.ts';
import { firstPaint } from './workloads-page.ts';
import { firstPaintByWire } from './workloads-wire.ts';

const PODS = 5_000;
const TURNS = 30;
const root = fileURLToPath(new URL('../..', import.meta.url));
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** The Workloads screen over a world of many pods, measured in the browser. */
export const workloads: Benchmark = {
  id: 'workloads',
  window: true,
  title: `Workloads, ${PODS} pods in 50 Deployments, all opened`,
  about:
    'In the browser (headless Chromium), the built window over a world without an engine. First paint: from the click on Workloads to the frame after the first rows. “Through the wire” is the same click in the window as it is served, where the engine’s own picture has to be checked, sent and read first; the API server’s answer to the engine is not in it. Update: from one pod’s change arriving to the changed row, styled and laid out. Every round is a new page. There is nothing else to compare with. Before it the engine by itself: an API server of 5,000 recorded pods in this process, listed and watched by the real client.',
  async measure(rounds, say, tell) {
    const ofEngine = await workloadsEngine(rounds, say);
    for (const measured of ofEngine.measured) tell(measured);
    const site = mkdtempSync(join(tmpdir(), 'ptah-bench-workloads-'));
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
    const { url, close } = await serve(site);
    const { PTAH_TEST_BROWSER: executablePath } = { ...(await machineVariables()), ...process.env };
    const browser = await chromium.launch({
      ...(executablePath && { executablePath }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
    try {
      const first: number[] = [];
      const updates: number[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        const took = await measureOnce(browser, url);
        if (round > 0) {
          first.push(took.first);
          updates.push(...took.updates);
        }
        say(round === 0 ? 'warmed up' : `round ${round} of ${rounds}`);
      }
      const byWire = await firstPaintByWire(browser, ofEngine.picture, rounds, say);
      return [
        {
          what: 'first paint',
          timings: [timingOf('first paint', first), timingOf('through the wire', byWire)],
          reach: { ours: 'first paint', milliseconds: 300 },
        },
        {
          what: 'update',
          timings: [timingOf('one pod changed', updates)],
          reach: { ours: 'one pod changed', milliseconds: 16 },
        },
      ];
    } finally {
      await browser.close();
      close();
      rmSync(site, { recursive: true, force: true });
    }
  },
};

async function measureOnce(
  browser: Browser,
  url: string,
): Promise<{ readonly first: number; readonly updates: readonly number[] }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    await page.goto(`${url}/gallery.html?fake=many#/p/p-1/overview`);
    await page.getByRole('link', { name: 'Workloads' }).waitFor();
    // the overview's own start is not what is measured
    await page.waitForTimeout(1500);
    const first = await page.evaluate(firstPaint);
    const updates = await page.evaluate(async turns => {
      const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
      const appears = (isThere: () => boolean) =>
        new Promise<void>(resolve => {
          if (isThere()) return resolve();
          const observer = new MutationObserver(() => {
            if (!isThere()) return;
            observer.disconnect();
            resolve();
          });
          observer.observe(document.body, { childList: true, subtree: true, characterData: true });
        });
      await new Promise(resolve => setTimeout(resolve, 500));
      const updates: number[] = [];
      for (let turn = 1; turn <= turns; turn += 1) {
        await frame();
        await new Promise(resolve => setTimeout(resolve, 30));
        const at = performance.now();
        window.dispatchEvent(new Event('ptah-turn'));
        const row = document.querySelector('.wl tr[aria-level="1"]');
        await appears(() => row?.textContent?.includes(`turn ${turn}`) === true);
        // style and layout belong to it
        document.body.getBoundingClientRect();
        updates.push(performance.now() - at);
      }
      return updates;
    }, TURNS);
    return { first, updates };
  } finally {
    await context.close();
  }
}

async function serve(site: string): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    const file = join(site, new URL(request.url ?? '/', 'http://site').pathname);
    if (!file.startsWith(site) || !existsSync(file)) response.writeHead(404).end();
    else
      response
        .writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' })
        .end(readFileSync(file));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}
