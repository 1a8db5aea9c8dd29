import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from '@playwright/test';
import { chromium } from '@playwright/test';
import { connectTestCluster, testNamespace } from '../../../main/engine/cluster/testing.ts';
import { machineVariables } from '../../../scripts/test-machine.mjs';
import type { Measured } from '../report.ts';
import { ensureCluster } from '../test-cluster.ts';
import { FLOOD_RATE, startFlood } from './flood-pod.ts';
import { kubectlFollows } from './kubectl.ts';
import { framesOf, framesRow } from './page-frames.ts';

/**
 * What the machine gives a page that shows nothing, beside the same pod: while nobody follows it, and while `kubectl logs -f` does. It is
 * the floor under what a window with the log in it can reach there.
 */
export async function emptyPage(say: (text: string) => void): Promise<Measured[]> {
  const { PTAH_TEST_BROWSER: executablePath } = { ...(await machineVariables()), ...process.env };
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    return [await beside(browser, false, say), await beside(browser, true, say)];
  } finally {
    await browser.close();
  }
}

async function beside(browser: Browser, followed: boolean, say: (text: string) => void): Promise<Measured> {
  const seconds = Number(process.env.PTAH_BENCH_SECONDS ?? 60);
  const name = await ensureCluster();
  process.env.PTAH_TEST_CLUSTER = name;
  const cluster = await connectTestCluster();
  const space = await testNamespace(cluster, 'bench-logs-empty');
  const lines = FLOOD_RATE * seconds;
  try {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    await page.goto('about:blank');
    await startFlood(cluster, space.name, lines);
    const following = followed ? kubectlFollows(name, space.name, lines) : null;
    // until the pod runs and writes
    await sleep(8_000);
    const frames = await framesOf(page, () => sleep(seconds * 1_000 - 5_000));
    const told = await following?.stop();
    const what = followed ? '“kubectl logs -f” follows it' : 'nobody follows it';
    say(what);
    const notes = told
      ? [`“kubectl logs -f” got ${told.lines.toLocaleString('en')} of ${lines.toLocaleString('en')} lines`]
      : [];
    const title = `An empty page, ${FLOOD_RATE} lines/s written, ${what}: time from frame to frame`;
    return framesRow(title, frames, notes);
  } finally {
    await space.remove();
  }
}
