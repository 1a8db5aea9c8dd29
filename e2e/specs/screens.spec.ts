import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { Application, type Screen } from '../pages/application.ts';
import { kubectl, output, removeImages } from '../world/machine.ts';
import { ProjectFolder } from '../world/project-folder.ts';
import { expect, skipWithoutHost, test } from '../world/test.ts';
import { ApplicationWindow, type Host } from '../world/window.ts';

// `PTAH_PICTURES=1` keeps the pictures in docs/; otherwise they lie beside the results.
const root = fileURLToPath(new URL('../..', import.meta.url));
const pictures = join(root, process.env.PTAH_PICTURES ? 'docs/pictures' : 'test-results/pictures');

/** A picture in light and in dark, and an accessibility scan of both. */
async function look(app: Application, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await app.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await app.page.waitForTimeout(150);
    await app.page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`) });
    const scan = await new AxeBuilder({ page: app.page }).analyze();
    const found = scan.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(node => node.target.join(' ')).join(', ')}`,
    );
    expect.soft(found, `accessibility of ${name} in ${colorScheme}`).toEqual([]);
  }
  await app.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
}

/** A switch that is on, its container in the inspector, and the feed. */
async function lookAtSync(app: Application): Promise<void> {
  const tree = app.main.getByRole('treegrid', { name: 'Workloads' });
  const workload = tree.getByRole('row').filter({ hasText: 'Deployment' });
  await workload.getByRole('switch').click();
  await expect(workload.getByRole('switch')).toHaveText('On, equal');
  for (const [level, below] of [
    [1, 2],
    [2, 3],
  ] as const) {
    await tree.getByRole('row', { level }).first().focus();
    if (!(await tree.getByRole('row', { level: below }).first().isVisible()))
      await app.page.keyboard.press('ArrowRight');
  }
  await tree.getByRole('row', { level: 3 }).first().click();
  await app.page.getByRole('button', { name: 'Verify' }).click();
  await expect(app.page.getByText('Equal, byte for byte')).toBeVisible();
  await look(app, 'sync');
  await app.statusBar.getByRole('button', { name: /^Sync/ }).click();
  await expect(app.page.getByRole('log', { name: 'What was synced' })).toContainText('app/main.py');
  await look(app, 'sync-feed');
  await app.page.keyboard.press('Control+j');
}

/** A person's home of its own, so that pictures show nobody's machine: `~/code/greeter`, `~/bin/kind`. */
async function personAtHome() {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'ptah-person-')));
  const code = join(home, 'code');
  await mkdir(code);
  await symlink(dirname(await output('which', 'kind')), join(home, 'bin'));
  return {
    home,
    code,
    env: {
      HOME: home,
      PATH: `${join(home, 'bin')}:${process.env.PATH}`,
      KUBECONFIG: process.env.KUBECONFIG ?? join(homedir(), '.kube/config'),
    },
    leave: () => rm(home, { recursive: true, force: true }),
  };
}

/** Of a run that was cut off, too. */
async function cleanUp(name: string): Promise<void> {
  const started = await output('docker', 'ps', '-aq', '--filter', `label=ptah-desktop/project=${name}`);
  if (started !== '') await output('docker', 'rm', '-f', ...started.split('\n'));
  await kubectl('delete', 'deployment,service', 'fastapi', '--ignore-not-found');
  await kubectl('delete', 'configmap', '-l', 'applyset.kubernetes.io/id', '--ignore-not-found');
  await removeImages('fastapi');
}

/** A project of a person's own, whose window ends and whose traces are taken away with it. */
async function greeter(
  host: Host,
  name: string,
  act: (app: Application, folder: ProjectFolder) => Promise<void>,
): Promise<void> {
  await mkdir(pictures, { recursive: true });
  await cleanUp(name);
  const person = await personAtHome();
  const window = await ApplicationWindow.open(host, {
    home: join(person.home, '.config', 'ptah-desktop'),
    env: person.env,
  });
  const folder = await ProjectFolder.copyOf('fastapi', name, { below: person.code });
  try {
    await act(new Application(window), folder);
    expect(window.complaints, 'the window complained').toEqual([]);
  } finally {
    await window.close();
    await cleanUp(name);
    await person.leave();
  }
}

test('every screen in light and dark, and none shuts anybody out', { tag: '@once' }, async ({ host }) => {
  skipWithoutHost(host);
  // many pictures, each looked through for what shuts people out
  test.setTimeout(480_000);
  await greeter(host, 'greeter', async (app, folder) => {
    await expect(app.main).toContainText(/Drop a project folder/);
    await look(app, 'projects-empty');
    await app.page.keyboard.press('?');
    await expect(app.page.getByRole('dialog')).toBeVisible();
    await look(app, 'keys');
    await app.page.keyboard.press('Escape');

    await app.open(folder.root, 'greeter');
    await look(app, 'overview-before');
    await app.deploy();
    await look(app, 'overview');
    await folder.edit('fastapi/app/main.py', text => text.replace('Hello, ', 'Good day, '));
    await expect(app.plan).toContainText('app/main.py', { timeout: 30_000 });
    await look(app, 'overview-stale');

    await app.go('Images');
    await app.main.getByText('fastapi').first().click();
    await look(app, 'images');
    await app.go('Changes');
    await app.main.getByText('Deployment').first().click();
    await expect(app.main.getByText('After deploy')).toBeVisible();
    await look(app, 'changes');
    await app.go('Workloads');
    await expect(app.main.getByText(/^1 of 1 ready/).first()).toBeVisible();
    await app.page.getByText('fastapi').last().click();
    await look(app, 'workloads');
    await lookAtSync(app);
    for (const screen of ['Projects', 'Cluster', 'Activity', 'Setup', 'Settings'] satisfies Screen[]) {
      await app.go(screen);
      await app.page.waitForTimeout(2500);
      await look(app, screen.toLowerCase());
    }
    await app.page.keyboard.press('Control+k');
    await look(app, 'palette');
    await app.page.keyboard.press('Escape');
  });
});

test(
  'what runs: its dock, objects, ports and removal, in light and dark',
  { tag: '@once' },
  async ({ host }) => {
    skipWithoutHost(host);
    test.setTimeout(480_000);
    await greeter(host, 'greeter', async (app, folder) => {
      const { page } = app;
      await folder.edit('ptah.yml', text => `${text}\nui:\n  service: greeter-dashboard\n`);
      await app.open(folder.root, 'greeter');
      await app.deploy();

      // an image by hand
      await app.go('Images');
      const panel = (name: string) =>
        app.main
          .locator('label')
          .filter({ has: page.getByRole('radio', { name, exact: true }) })
          .click();
      await panel('Layers');
      await expect(page.getByRole('table', { name: 'Layers' })).toContainText('COPY app /srv/app');
      await look(app, 'images-layers');
      await panel('Run');
      await app.main.getByRole('button', { name: 'Run', exact: true }).click();
      await expect(page.getByRole('treegrid', { name: 'Log of fastapi' })).toContainText(/startup complete/);
      await look(app, 'images-run');
      await app.main.getByRole('button', { name: 'Stop' }).click();
      await expect(page.getByRole('list', { name: 'Started by hand' })).toContainText('Ended');
      await page.keyboard.press('Control+j');

      // its ports, and some traffic for the log
      await app.go('Workloads');
      const row = app.main.getByRole('treegrid', { name: 'Workloads' }).getByRole('row', { level: 1 });
      await expect(row).toContainText('1 of 1 ready');
      await row.click();
      const ports = page.getByRole('region', { name: 'Ports' });
      await ports.getByRole('button', { name: 'Forward port 8000 of fastapi' }).click();
      await expect(ports).toContainText('Active', { timeout: 60_000 });
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(await ports.innerText()) ?? [''];
      for (const path of ['/', '/probe', '/nowhere', '/?name=Ada'])
        await (await fetch(`${address}${path}`)).text();
      await look(app, 'forwards');

      // one object: events, and an edit that was tried
      const inspector = page.getByRole('complementary', { name: 'Inspector' });
      const events = inspector.getByRole('region', { name: 'Events' });
      await expect(events).toContainText('ScalingReplicaSet');
      await events.scrollIntoViewIfNeeded();
      // neither name nor kind is cut where there is room
      const cut = await page
        .getByRole('grid', { name: 'Other objects' })
        .locator('.cut')
        .evaluateAll(all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent));
      expect(cut).toEqual([]);
      await look(app, 'objects');
      await inspector.getByRole('button', { name: 'YAML' }).click();
      const editor = page.getByRole('textbox', { name: 'YAML of Deployment fastapi' });
      await editor.fill((await editor.inputValue()).replace('replicas: 1', 'replicas: 2'));
      await page.keyboard.press('Control+Enter');
      await expect(page.getByRole('region', { name: 'What changes' })).toContainText('replicas: 2');
      await look(app, 'objects-yaml');
      await page.keyboard.press('Escape');
      await expect(editor).toBeHidden();

      // the dock
      await row.focus();
      await page.keyboard.press('l');
      const log = page.getByRole('region', { name: 'Log of fastapi' });
      await log.getByRole('textbox', { name: 'Filter' }).fill('!probe');
      await expect(log.getByRole('row').filter({ hasText: '/nowhere' })).toBeVisible();
      await look(app, 'logs');
      await row.focus();
      await page.keyboard.press('t');
      const shell = page.locator('.xterm-rows');
      await expect(shell).toContainText(/[#$]/);
      await page.keyboard.type('ls -l --color app; python --version');
      await page.keyboard.press('Enter');
      await expect(shell).toContainText('Python 3');
      await look(app, 'terminal');
      await page.keyboard.press('Control+Shift+J');

      await app.go('Overview');
      await app.main.getByRole('button', { name: 'Remove…' }).click();
      await expect(
        app.dialog(/^Remove greeter from /).getByRole('region', { name: 'Objects in the cluster' }),
      ).toContainText('fastapi');
      await look(app, 'remove');
      await page.keyboard.press('Escape');

      await app.go('Cluster');
      await app.main.getByRole('button', { name: 'Dashboard' }).click();
      await expect(page.getByRole('button', { name: 'Open the example’s' })).toBeVisible();
      // pointed at, it stays for as long as it is looked at
      await page.getByText('There is no Service greeter-dashboard').hover();
      await look(app, 'dashboard');
    });
  },
);
