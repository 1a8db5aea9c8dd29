import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { Application, type Screen } from '../pages/application.ts';
import { kubectl, output, removeImages } from '../world/machine.ts';
import { ProjectFolder } from '../world/project-folder.ts';
import { expect, skipWithoutHost, test } from '../world/test.ts';
import { ApplicationWindow } from '../world/window.ts';

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

test('every screen in light and dark, and none shuts anybody out', { tag: '@once' }, async ({ host }) => {
  skipWithoutHost(host);
  await mkdir(pictures, { recursive: true });
  const person = await personAtHome();
  const window = await ApplicationWindow.open(host, {
    home: join(person.home, '.config', 'ptah-desktop'),
    env: person.env,
  });
  const app = new Application(window);
  const folder = await ProjectFolder.copyOf('fastapi', 'greeter', { below: person.code });
  try {
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
    expect(window.complaints, 'the window complained').toEqual([]);
  } finally {
    await window.close();
    await kubectl('delete', 'deployment,service', 'fastapi', '--ignore-not-found');
    await kubectl('delete', 'configmap', '-l', 'applyset.kubernetes.io/id', '--ignore-not-found');
    await removeImages('fastapi');
    await person.leave();
  }
});
