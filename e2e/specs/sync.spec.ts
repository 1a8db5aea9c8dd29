import { expect, test } from '../world/test.ts';
import { imagesInDocker, kubectl, output, waitFor } from '../world/machine.ts';
import { ProjectFolder } from '../world/project-folder.ts';

const answer = () => kubectl('get', '--raw', '/api/v1/namespaces/default/services/fastapi:80/proxy/');
const pods = async () => (await kubectl('get', 'pods', '-l', 'app=fastapi', '-o', 'name')).trim();
const inside = (...command: readonly string[]) => kubectl('exec', 'deployment/fastapi', '--', ...command);

/** Switches are pressed, files are saved, and the service answers with what was saved. */
test('a switch keeps the container equal to the folder, and what is changed inside is seen', async ({
  app,
}) => {
  const folder = await ProjectFolder.copyOf('fastapi', 'synced');
  try {
    await app.open(folder.root, 'synced');
    await app.deploy();
    await app.go('Workloads');
    const ofProject = app.main.getByRole('switch', { name: /^Sync of the project/ });
    await expect(ofProject).toHaveAttribute('aria-checked', 'false');
    const tree = app.main.getByRole('treegrid', { name: 'Workloads' });
    const workload = tree.getByRole('row').filter({ hasText: 'Deployment' });
    await workload.getByRole('switch').click();
    await expect(workload.getByRole('switch')).toHaveText('On, equal');
    await expect(ofProject).toHaveText('Sync, 1 of 1');

    await folder.edit('fastapi/app/main.py', text => text.replace('Hello, ', 'Synced, '));
    await waitFor('the saved line in the answer', async () => (await answer()).includes('Synced, world!'));

    await workload.focus();
    await app.page.keyboard.press('ArrowRight');
    const pod = tree.getByRole('row', { level: 2 });
    await pod.first().focus();
    await app.page.keyboard.press('ArrowRight');
    await tree.getByRole('row', { level: 3 }).first().click();
    const inspector = app.page.getByRole('complementary', { name: 'Inspector' });
    await expect(inspector.getByRole('table', { name: 'Last files' })).toContainText('app/main.py');
    await inspector.getByRole('button', { name: 'Verify' }).click();
    await expect(inspector.getByText('Equal, byte for byte')).toBeVisible();

    // a byte that nobody but a reader of all of them can see: neither size nor time are others
    await inside(
      'sh',
      '-c',
      'cd /srv/app && touch -r main.py /tmp/t && sed -i "s/world/wOrld/" main.py && touch -r /tmp/t main.py',
    );
    await inspector.getByRole('button', { name: 'Verify' }).click();
    await expect(inspector.getByRole('list', { name: 'Differences' })).toContainText('/srv/app/main.py');
    await inspector.getByRole('button', { name: /^Send mine: / }).click();
    await app.page.getByRole('dialog').getByRole('button', { name: 'Send mine' }).click();
    await waitFor(
      'the change made inside to be gone',
      async () => !(await inside('cat', '/srv/app/main.py')).includes('wOrld'),
    );
    await inspector.getByRole('button', { name: 'Verify' }).click();
    await expect(inspector.getByText('Equal, byte for byte')).toBeVisible();

    await app.page.keyboard.press('Escape');
    await app.statusBar.getByRole('button', { name: /^Sync/ }).click();
    await expect(app.page.getByRole('log', { name: 'What was synced' })).toContainText('app/main.py');

    await ofProject.click();
    await expect(ofProject).toHaveAttribute('aria-checked', 'false');
    await folder.edit('fastapi/app/main.py', text => text.replace('Synced, ', 'Unsent, '));
    await expect(tree.getByRole('row', { level: 3 }).getByRole('switch').first()).toHaveText('Off');
    expect(await inside('cat', '/srv/app/main.py')).not.toContain('Unsent, ');

    await app.go('Overview');
    const panel = app.main.getByRole('region', { name: 'Live sync' });
    await panel.getByRole('switch', { name: /^Automatic/ }).click();
    await waitFor('what the rules cover to be sent', async () => (await answer()).includes('Unsent, world!'));
    const before = await pods();
    await folder.edit('fastapi/Dockerfile', text => `${text}\nENV PTAH_E2E=rebuilt\n`);
    await waitFor('the rebuilt image to run', async () =>
      (await inside('printenv', 'PTAH_E2E').catch(() => '')).includes('rebuilt'),
    );
    expect(await pods()).not.toBe(before);
    await expect(panel.getByText('Needs a build')).toHaveCount(0);
    await expect(app.lastDeploys.getByRole('row').first()).toContainText('Deployed');
    await panel.getByRole('switch', { name: /^Automatic/ }).click();
    await expect(panel.getByRole('switch', { name: /^Automatic/ })).toHaveAttribute('aria-checked', 'false');
  } finally {
    await kubectl('delete', 'deployment,service', 'fastapi', '--ignore-not-found');
    await kubectl('delete', 'configmap', '-l', 'applyset.kubernetes.io/id', '--ignore-not-found');
    for (const image of await imagesInDocker('fastapi')) await output('docker', 'rmi', '-f', image);
    await folder.remove();
  }
});
