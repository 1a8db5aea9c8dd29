import { expect, test } from '../world/test.ts';
import { imagesInDocker, output, removeImages, testCluster, waitFor } from '../world/machine.ts';
import { ProjectFolder } from '../world/project-folder.ts';

const image = 'images-test-web';
const project = 'images-test';
const config = `name: ${project}
kind:
  name: ${testCluster()}
dockerfiles: '[\\w-]+/(?P<name>[\\w-]+)/Dockerfile'
manifests: 'k8s/.*\\.yaml'
`;
/** A package that is asked for below the code, where every edit asks for it anew. */
const dockerfile = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
WORKDIR /www
COPY . .
RUN pip install requests || true
EXPOSE 8937
CMD ["sh", "-c", "echo started for $WHO; exec httpd -f -p 8937"]
`;
/** What no build before has made. */
const word = Math.random().toString(36).slice(2, 8);
const started = () =>
  output(
    'docker',
    'ps',
    '-q',
    '--filter',
    'label=ptah-desktop/run',
    '--filter',
    `label=ptah-desktop/project=${project}`,
  );
const read = async (url: string) => (await fetch(url)).text();

async function cleanUp(): Promise<void> {
  const containers = await started();
  if (containers !== '') await output('docker', 'rm', '-f', ...containers.split('\n'));
  await removeImages(image);
}
test.beforeAll(cleanUp);
test.afterAll(cleanUp);

/** Built, built anew, looked into, run, stopped, and what is old taken away: without Kubernetes. */
test('an image by hand', { tag: '@once' }, async ({ app }) => {
  const folder = await ProjectFolder.of(project, {
    'ptah.yml': config,
    [`images/${image}/Dockerfile`]: dockerfile,
    [`images/${image}/index.html`]: `first ${word}\n`,
    'k8s/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: images-test\n',
  });
  const { page } = app;
  const panel = (name: string) => page.getByRole('radio', { name, exact: true });
  const show = (name: string) =>
    app.main
      .locator('label')
      .filter({ has: panel(name) })
      .click();
  const row = app.main.getByRole('row', { name: image });
  const dock = page.getByRole('region', { name: 'Dock' });
  try {
    await app.open(folder.root, project);
    await app.go('Images');
    const build = app.main.getByRole('button', { name: 'Build', exact: true });
    await build.click();
    await expect(row).toContainText('Current', { timeout: 60_000 });
    const [old] = await imagesInDocker(image);
    if (old === undefined) throw new Error('Nothing was built');
    await folder.edit(`images/${image}/index.html`, () => `second ${word}\n`);
    await expect(row).toContainText('1 file changed');
    await build.click();
    await expect(row).toContainText('Current', { timeout: 60_000 });

    await show('Layers');
    const layers = page.getByRole('table', { name: 'Layers' });
    const line = (text: string) => layers.getByRole('row').filter({ hasText: text });
    await expect(line('COPY busybox /bin/busybox')).toContainText('Cached');
    await expect(line('COPY . .')).toContainText('Made anew');
    await expect(line('COPY . .')).toContainText('5');
    const advice = page.getByRole('list', { name: 'Advice on the Dockerfile' });
    await expect(advice).toContainText('Move this above line 5');
    await expect(advice).toContainText(`images/${image}/Dockerfile:6`);

    await show('Run');
    const form = page.getByRole('form', { name: `How ${image} is run` });
    await form.getByRole('button', { name: 'Add a variable' }).click();
    await form.getByRole('textbox', { name: 'Name' }).fill('WHO');
    await form.getByRole('textbox', { name: 'Value' }).fill('a person');
    await expect(form).toContainText("-e 'WHO=a person'");
    await page.keyboard.press('Enter');
    const runs = page.getByRole('list', { name: 'Started by hand' });
    await expect(dock.getByRole('treegrid', { name: `Log of ${image}` })).toContainText(
      'started for a person',
    );
    await expect(dock.locator('time').first()).toBeVisible();
    const address = await runs.getByRole('button', { name: /^http:/ }).innerText();
    expect(await waitFor('its page', () => read(`${address.trim()}/`))).toBe(`second ${word}\n`);
    expect((await started()).split('\n')).toHaveLength(1);

    await runs.getByRole('button', { name: 'Terminal' }).click();
    const screen = page.locator('.xterm-rows');
    await expect(page.getByRole('region', { name: `Terminal in ${image}` })).toBeVisible();
    await expect(screen).toContainText(/[#$]/);
    await page.keyboard.type('echo from-$((40+2)) $WHO; cat index.html');
    await page.keyboard.press('Enter');
    await expect(screen).toContainText('from-42 a person');
    await expect(screen).toContainText(`second ${word}`);

    await runs.getByRole('button', { name: 'Stop' }).click();
    await expect(runs).toContainText('Ended');
    expect(await started()).toBe('');
    await expect(page.getByRole('region', { name: `Terminal in ${image}` })).toContainText('ended');
    await runs.getByRole('button', { name: 'Log', exact: true }).click();
    await expect(dock.getByRole('treegrid', { name: `Log of ${image}` })).toContainText(
      'started for a person',
    );
    await runs.getByRole('button', { name: 'Dismiss it and its log' }).click();
    await expect(runs).toHaveCount(0);

    await show('Old tags');
    const tags = page.getByRole('grid', { name: 'Tags of the project' });
    await expect(tags.getByRole('row').filter({ hasText: 'The folder as it is' })).toHaveCount(1);
    await tags.getByRole('checkbox', { name: `Remove ${old}` }).check();
    await app.main.getByRole('button', { name: 'Remove 1' }).click();
    const dialog = app.dialog('Remove 1 old tag?');
    await expect(dialog).toContainText(old);
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    expect(await imagesInDocker(image)).toHaveLength(2);
    await dialog.getByRole('button', { name: 'Remove 1 tag' }).click();
    await expect(dialog).toBeHidden();
    await expect(tags.getByRole('row', { name: old })).toHaveCount(0);
    expect(await imagesInDocker(image)).not.toContain(old);
    expect(await imagesInDocker(image)).toHaveLength(1);
  } finally {
    await folder.remove();
  }
});
