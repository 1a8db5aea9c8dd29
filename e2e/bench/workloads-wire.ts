import type { Browser } from '@playwright/test';
import { createApi } from '../../main/api/index.ts';
import { createSampleEngine, createSampleHost } from '../../main/api/testing.ts';
import type { WorkloadsSnapshot } from '../../main/engine/workloads/index.ts';
import { startLoopback } from '../../main/hosts/loopback/server.ts';
import { findPlaces } from '../../main/hosts/window/index.ts';
import { firstPaint } from './workloads-page.ts';

/** From the click to the rows where the picture first has to come from an engine that has it: checked, sent, read, drawn. */
export async function firstPaintByWire(
  browser: Browser,
  picture: WorkloadsSnapshot,
  rounds: number,
  say: (text: string) => void,
): Promise<readonly number[]> {
  const engine = createSampleEngine();
  engine.feed('workloads.watch', async function* (_, signal) {
    yield picture;
    await new Promise(resolve => signal.addEventListener('abort', resolve));
  });
  const { renderer } = findPlaces();
  const loopback = await startLoopback({ api: createApi(engine, createSampleHost()), renderer });
  try {
    const took: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      try {
        const page = await context.newPage();
        await page.goto(loopback.url);
        await page.evaluate(() => {
          window.location.hash = '#/p/p-1/images';
        });
        await page.getByRole('link', { name: 'Workloads' }).waitFor();
        await page.waitForTimeout(1500);
        const first = await page.evaluate(firstPaint);
        if (round > 0) took.push(first);
      } finally {
        await context.close();
      }
      say(round === 0 ? 'wire: warmed up' : `wire: round ${round} of ${rounds}`);
    }
    return took;
  } finally {
    await loopback.close();
  }
}
