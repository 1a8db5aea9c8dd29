import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from '@playwright/test';
import type { Browser } from '@playwright/test';
import { machineVariables } from '../../scripts/test-machine.mjs';
import { interleave } from './measure.ts';
import { builtProgram, output } from './processes.ts';
import type { Benchmark } from './report.ts';

const PROJECTS = 20;

/** From starting the program to a list of projects that answers a click. */
export const launch: Benchmark = {
  id: 'launch',
  window: true,
  title: `Window interactive after launch, ${PROJECTS} projects`,
  about:
    'From spawning the loopback host until the list of projects is on the page, with all projects, and a click on the last of them has opened it. The browser runs already (a headless Chromium, empty profile each time), as Electron’s start is not ours; “only the host” is until it prints its address. There is nothing else to compare with.',
  async measure(rounds, say) {
    const folder = mkdtempSync(join(tmpdir(), 'ptah-bench-launch-'));
    const env = { PTAH_HOME: join(folder, 'home') };
    const { PTAH_TEST_BROWSER: executablePath } = { ...(await machineVariables()), ...process.env };
    const browser = await chromium.launch({
      ...(executablePath && { executablePath }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
    try {
      await makeProjects(folder, env);
      const host: number[] = [];
      const [whole] = await interleave(
        [
          {
            name: 'interactive',
            run: async () => {
              const times = await launchOnce(browser, env);
              host.push(times.host);
              return times.interactive;
            },
          },
        ],
        rounds,
        say,
      );
      const { timingOf } = await import('./measure.ts');
      if (whole === undefined) throw new Error('nothing was measured');
      return [
        {
          what: 'interactive',
          timings: [whole, timingOf('of which only the host', host.slice(1))],
          reach: { ours: 'interactive', milliseconds: 1500 },
        },
      ];
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function makeProjects(folder: string, env: Record<string, string>): Promise<void> {
  for (let index = 0; index < PROJECTS; index++) {
    const root = join(folder, `project-${index}`);
    mkdirSync(join(root, 'api'), { recursive: true });
    // A cluster that is not there: what is measured is the window, not the state of somebody's cluster.
    writeFileSync(join(root, 'ptah.yml'), `kind:\n  name: ptah-bench-none\n`);
    writeFileSync(join(root, 'api', 'Dockerfile'), 'FROM scratch\nCOPY main.txt /\n');
    writeFileSync(join(root, 'api', 'main.txt'), `${index}\n`);
    await register(root, env);
  }
}

/** The list of projects is written as a deploy in a terminal writes it; that one then fails where Docker may not be asked. */
async function register(root: string, env: Record<string, string>): Promise<void> {
  const nowhere = { ...env, DOCKER_HOST: 'unix:///nonexistent/docker.sock' };
  await output(process.execPath, [builtProgram('ptah'), 'deploy', '--yes', '--project', root], {
    env: nowhere,
  }).catch(() => '');
}

async function launchOnce(
  browser: Browser,
  env: Record<string, string>,
): Promise<{ readonly host: number; readonly interactive: number }> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const began = performance.now();
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
    const listening = performance.now() - began;
    await page.goto(url);
    const rows = page.getByRole('navigation', { name: 'Projects and tools' }).getByRole('link', {
      name: /project-\d+/,
    });
    await rows.nth(PROJECTS - 1).click();
    await page
      .getByRole('main')
      .getByRole('heading', { name: /project-\d+/ })
      .first()
      .waitFor();
    return { host: listening, interactive: performance.now() - began };
  } finally {
    await page.context().close();
    const ended = new Promise(resolve => host.once('exit', resolve));
    host.kill('SIGTERM');
    await ended;
  }
}
