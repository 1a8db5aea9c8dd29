import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { chromium, type CDPSession, type Page } from '@playwright/test';
import { build } from 'vite';
import { root } from '../../../scripts/places.mjs';
import { machineVariables } from '../../../scripts/test-machine.mjs';
import { timingOf } from '../measure.ts';
import type { Measured } from '../report.ts';
import { collectFrames, startFrames } from './frames.ts';
import { longestTask } from './tasks.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** The window by itself, before a stand-in engine that holds a million lines and says 20,000 more every second. */
export async function rowsAlone(folder: string, say: (text: string) => void): Promise<Measured[]> {
  const site = join(folder, 'site');
  await build({
    root: join(root, 'renderer'),
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    build: {
      outDir: site,
      emptyOutDir: true,
      sourcemap: false,
      rollupOptions: { input: join(root, 'renderer/gallery.html') },
    },
  });
  const server = createServer((request, response) => {
    const path = join(site, normalize(new URL(request.url ?? '/', 'http://here').pathname));
    response.setHeader('content-type', types[extname(path)] ?? 'application/octet-stream');
    createReadStream(path)
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { PTAH_TEST_BROWSER: executablePath } = { ...(await machineVariables()), ...process.env };
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const { port } = server.address() as AddressInfo;
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const measured = async (what: string, during: () => Promise<unknown>): Promise<Measured> => {
      const before = await cpuOf(session);
      const { result: frames, milliseconds } = await longestTask(browser, page, async () => {
        await page.evaluate(startFrames);
        await during();
        return page.evaluate(collectFrames);
      });
      const cpu = (await cpuOf(session)) - before;
      say(what);
      const over = frames.times.filter(time => time > 50).length;
      return {
        what: `${what}: time from frame to frame`,
        timings: [timingOf('frames', frames.times)],
        notes: [
          `${frames.times.length} frames, ${over} over 50 ms, the longest ${frames.longest.toFixed(1)} ms; of the processor the page’s thread took ${(cpu / frames.times.length).toFixed(1)} ms a frame, its longest task ${milliseconds.toFixed(1)} ms`,
        ],
      };
    };
    await page.goto('about:blank');
    const blank = await measured('An empty page', () => page.waitForTimeout(5_000));
    await page.goto(
      `http://127.0.0.1:${port}/gallery.html?fake=logs-flood&theme=light&open=logs#/p/p-1/workloads`,
    );
    const list = page.getByRole('treegrid', { name: /^Log of/ });
    await list.waitFor();
    await page.waitForTimeout(2_000);
    const follow = await measured('20,000 lines/s followed', () => page.waitForTimeout(20_000));
    const wheel = await measured('A million lines scrolled by wheel', () => wheelOf(page));
    const bar = await measured('The scroll bar dragged over a million lines', () =>
      list.evaluate(async element => {
        for (let at = 0; at < 300; at += 1) {
          element.scrollTop = (element.scrollHeight * at) / 300;
          await new Promise(resolve => requestAnimationFrame(resolve));
        }
      }),
    );
    return [blank, follow, wheel, bar];
  } finally {
    await browser.close();
    server.close();
  }
}

async function wheelOf(page: Page): Promise<void> {
  const box = await page.getByRole('treegrid', { name: /^Log of/ }).boundingBox();
  if (box === null) throw new Error('The log is not on the page');
  await page.mouse.move(box.x + 400, box.y + 80);
  const until = performance.now() + 5_000;
  while (performance.now() < until) await page.mouse.wheel(0, -240);
}

/** Milliseconds of the processor that the page's own thread took until now. */
async function cpuOf(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1_000;
}
