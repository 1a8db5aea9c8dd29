import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Page } from '@playwright/test';
import { connectTestCluster, testNamespace } from '../../../main/engine/cluster/testing.ts';
import { machineVariables } from '../../../scripts/test-machine.mjs';
import { timingOf } from '../measure.ts';
import { builtProgram, output } from '../processes.ts';
import type { Measured } from '../report.ts';
import { ensureCluster } from '../test-cluster.ts';
import { FLOOD_PROJECT, FLOOD_RATE, startFlood } from './flood-pod.ts';
import { framesOf, framesRow } from './page-frames.ts';

/** The whole way: pod, API server, engine, host, wire, and the window, whose frames are measured in it. */
export async function floodedWindow(
  folder: string,
  rounds: number,
  say: (text: string) => void,
): Promise<Measured[]> {
  const seconds = Number(process.env.PTAH_BENCH_SECONDS ?? 60);
  const name = await ensureCluster();
  process.env.PTAH_TEST_CLUSTER = name;
  const cluster = await connectTestCluster();
  const space = await testNamespace(cluster, 'bench-logs-window');
  const root = join(folder, FLOOD_PROJECT);
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'ptah.yml'), `kind: {name: ${name}}\n`);
  const env = { PTAH_HOME: join(folder, 'window-home') };
  const nowhere = { ...env, DOCKER_HOST: 'unix:///nonexistent/docker.sock' };
  await output(process.execPath, [builtProgram('ptah'), 'deploy', '--yes', '--project', root], {
    env: nowhere,
  }).catch(() => '');
  const { PTAH_TEST_BROWSER: executablePath } = { ...(await machineVariables()), ...process.env };
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  const host = spawn(process.execPath, [builtProgram('loopback'), '--json'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      host.once('exit', code => reject(new Error(`The loopback host ended with ${code}`)));
      createInterface({ input: host.stdout }).on('line', line => {
        if (line.startsWith('{')) resolve((JSON.parse(line) as { url: string }).url);
      });
    });
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    await page.goto(url);
    const projects = page.getByRole('navigation', { name: 'Projects and tools' });
    await projects.getByRole('link', { name: FLOOD_PROJECT }).click();
    await page.keyboard.press('Control+j');
    await page.getByRole('tab', { name: /^Logs/ }).click();
    await page.getByRole('region', { name: /^Log of/ }).waitFor();
    await sleep(2_000);

    const idle = await framesOf(page, () => sleep(5_000));
    const lines = FLOOD_RATE * seconds;
    const started = performance.now();
    await startFlood(cluster, space.name, lines);
    const last = String(lines - 1).padStart(8, '0');
    const list = page.getByRole('treegrid', { name: /^Log of/ });
    await list.waitFor({ timeout: 60_000 });
    const until = performance.now() + (4 * seconds + 60) * 1_000;
    const flood = await framesOf(page, async () => {
      let before = 0;
      let since = performance.now();
      // on a machine that is busy the pod itself is late: it has ended when nothing comes any more
      while (performance.now() - since < 30_000 && performance.now() < until) {
        if ((await list.textContent())?.includes(last) === true) return;
        const now = linesOf(await footOf(page));
        if (now !== before) since = performance.now();
        before = now;
        await sleep(500);
      }
    });
    const took = (performance.now() - started) / 1_000;
    const foot = await footOf(page);
    const taken = linesOf(foot);
    const account = `${taken.toLocaleString('en')} of ${lines.toLocaleString('en')} lines taken, ${(lines - taken).toLocaleString('en')} lost`;
    say(account);

    const scroll = await framesOf(page, async () => {
      const box = await list.boundingBox();
      if (box === null) throw new Error('The log is not on the page');
      await page.mouse.move(box.x + 400, box.y + 80);
      const until = performance.now() + 5_000;
      while (performance.now() < until) await page.mouse.wheel(0, -240);
    });
    const bar = await framesOf(page, async () => {
      await list.evaluate(async element => {
        const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
        for (let at = 0; at < 300; at += 1) {
          element.scrollTop = (element.scrollHeight * at) / 300;
          await frame();
        }
      });
    });
    say('scrolled');

    const measured: Measured[] = [
      framesRow(`${FLOOD_RATE} lines/s for ${seconds} s in the window: time from frame to frame`, flood, [
        account,
        `From the start of the pod to its last line ${took.toFixed(0)} s`,
        `Beside it the same window doing nothing: longest frame ${idle.longest.toFixed(1)} ms, ${idle.tasks} tasks over 50 ms`,
      ]),
      framesRow(`Scrolling ${taken} lines by wheel: time from frame to frame`, scroll, []),
      framesRow(`Dragging the scroll bar over ${taken} lines: time from frame to frame`, bar, []),
    ];
    await list.focus();
    await page.keyboard.press('End');
    // another wording each time: a view that the engine knows already would be shown at once
    for (const [what, typed] of [
      ['text, rare', round => String(77_777 + round).padStart(8, '0')],
      ['text, a line in ten', round => `${round % 10} INFO${' cart'.slice(0, Math.floor(round / 10))}`],
      ['regular expression', round => `/\\d7 INFO ca.t: GET \\/api|never${round}/`],
    ] as const satisfies readonly (readonly [string, (round: number) => string])[]) {
      const first: number[] = [];
      const all: number[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        // as a hand types: keys that follow each other faster than 50 ms are waited for
        await sleep(150);
        const took = await filterOnce(page, typed(round));
        await filterOnce(page, '');
        if (round === 0) continue;
        first.push(took.first);
        all.push(took.all);
      }
      say(`filter: ${what}`);
      measured.push({
        what: `Filter ${taken} lines in the window: ${what}; from the last key to the first rows`,
        timings: [timingOf('ours', first)],
        reach: { ours: 'ours', milliseconds: 100 },
      });
      measured.push({
        what: `Filter ${taken} lines in the window: ${what}; to all of them`,
        timings: [timingOf('ours', all)],
        reach: { ours: 'ours', milliseconds: 1_000 },
      });
    }
    return measured;
  } finally {
    await browser.close();
    const ended = new Promise(resolve => host.once('exit', resolve));
    host.kill('SIGTERM');
    await ended;
    await space.remove();
  }
}

const footOf = async (page: Page): Promise<string> =>
  (await page.locator('.logs-foot > span').first().innerText()).trim();
const linesOf = (foot: string): number => Number(/([\d,]+) lines/.exec(foot)?.[1]?.replaceAll(',', '') ?? 0);

/** Types a filter at once and waits, in the page, for its first rows and for its end. */
async function filterOnce(
  page: Page,
  text: string,
): Promise<{ readonly first: number; readonly all: number }> {
  return page.evaluate(async wanted => {
    const field = document.querySelector<HTMLInputElement>('.logs-field input[aria-label="Filter"]');
    if (field === null) throw new Error('No field for the filter');
    const foot = () => document.querySelector('.logs-foot')?.textContent ?? '';
    const before = foot().split('lines')[0];
    const began = performance.now();
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field, wanted);
    field.dispatchEvent(new Event('input', { bubbles: true }));
    let first: number | null = null;
    for (;;) {
      await new Promise(resolve => requestAnimationFrame(resolve));
      const now = performance.now();
      const isNew = foot().split('lines')[0] !== before;
      if (isNew && first === null && document.querySelector('.log-row .msg') !== null) first = now - began;
      if (isNew && !foot().includes('looked at')) return { first: first ?? now - began, all: now - began };
      if (now - began > 20_000) throw new Error(`The filter did not end: ${foot()}`);
    }
  }, text);
}
