import { kubectl, removeImages } from '../world/machine.ts';
import { ProjectFolder } from '../world/project-folder.ts';
import { expect, test } from '../world/test.ts';

/** The main job without a pointer: open, read the plan, deploy, look at changes and workloads, cancel a dialog. */
test('everything by keyboard', { tag: '@once' }, async ({ app }) => {
  const folder = await ProjectFolder.copyOf('fastapi', 'typist');
  const press = (keys: string) => app.page.keyboard.press(keys);
  try {
    await expect(app.main).toContainText(/Drop a project folder/);
    await press('Control+o');
    const browser = app.dialog('Open folder');
    await expect(browser).toBeVisible();
    await press('Escape');
    await expect(browser).toBeHidden();

    await press('Control+o');
    const path = browser.getByRole('textbox', { name: 'Path of the folder' });
    for (let tabs = 0; tabs < 12 && !(await path.evaluate(field => field === document.activeElement)); tabs++)
      await press('Tab');
    await press('Control+a');
    await app.page.keyboard.type(folder.root);
    await press('Enter');
    await expect(browser.getByRole('listbox', { name: `Folders in ${folder.root}` })).toBeVisible();
    await press('Control+Enter');
    await app.planIsThere('typist');

    await press('Control+Enter');
    await expect(app.lastDeploys.getByRole('row').first()).toContainText('Deployed', { timeout: 120_000 });
    expect(await kubectl('get', 'deployment', 'fastapi', '-o', 'jsonpath={.status.readyReplicas}')).toBe('1');

    await press('Control+d');
    await expect(app.main.getByRole('heading', { name: 'Changes', level: 1 })).toBeVisible();
    await press('Control+k');
    await expect(app.dialog('Search or run a command')).toBeVisible();
    await app.page.keyboard.type('workloads');
    await press('Enter');
    await expect(app.main.getByRole('heading', { name: 'Workloads', level: 1 })).toBeVisible();
    await press('Control+1');
    await expect(app.main.getByRole('heading', { name: 'typist', level: 1 })).toBeVisible();
    await press('?');
    await expect(app.page.getByRole('dialog')).toBeVisible();
    await press('Escape');
    await expect(app.page.getByRole('dialog')).toBeHidden();

    // Regions in turn, each with a place to stand.
    const regions = new Set<string>();
    for (let step = 0; step < 6; step++) {
      await press('F6');
      regions.add(
        await app.page.evaluate(
          () => document.activeElement?.closest('[data-region]')?.getAttribute('data-region') ?? 'nowhere',
        ),
      );
    }
    expect(regions).not.toContain('nowhere');
    expect(regions.size).toBeGreaterThanOrEqual(4);
  } finally {
    await kubectl('delete', 'deployment,service', 'fastapi', '--ignore-not-found');
    await kubectl('delete', 'configmap', '-l', 'applyset.kubernetes.io/id', '--ignore-not-found');
    await removeImages('fastapi');
    await folder.remove();
  }
});
