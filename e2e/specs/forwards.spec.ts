import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from '../world/test.ts';
import { kubectl, removeImages, waitFor } from '../world/machine.ts';
import { ProjectFolder } from '../world/project-folder.ts';

const namespace = `forwards-spec-${Math.random().toString(36).slice(2, 8)}`;
const answers = async (address: string): Promise<boolean> =>
  fetch(`${address}/probe`, { headers: { connection: 'close' } }).then(
    ({ ok }) => ok,
    () => false,
  );

/** A Service is forwarded by a press; its pod goes, the port stays; a taken port is named and another one taken; off is off. */
test('a forward outlives the pod, and says who has its port', { tag: '@once' }, async ({ app }) => {
  const folder = await ProjectFolder.copyOf('fastapi', 'forwards-spec');
  await folder.edit('ptah.yml', text => `${text}\nnamespace: ${namespace}\n`);
  await kubectl('create', 'namespace', namespace);
  const list = app.main.getByRole('table', { name: 'Forwards' });
  const row = list.getByRole('row').filter({ hasText: 'fastapi' });
  const address = async () => /http:\/\/127\.0\.0\.1:\d+/.exec(await row.innerText())?.[0] ?? '';
  const blocker = createServer();
  try {
    await app.open(folder.root, 'forwards-spec');
    await app.deploy();
    await app.go('Workloads');
    await app.main.getByRole('button', { name: 'Forward fastapi port 80' }).click();
    await expect(row).toContainText('Active', { timeout: 60_000 });
    const first = await address();
    expect(await answers(first)).toBe(true);
    await expect(app.statusBar).toContainText('Forwards');

    const pods = await kubectl('-n', namespace, 'get', 'pods', '-o', 'name');
    await kubectl('-n', namespace, 'delete', pods.trim(), '--wait=false');
    await waitFor('another pod', async () => {
      const now = await kubectl('-n', namespace, 'get', 'pods', '-o', 'name');
      return now.trim() !== '' && !now.includes(pods.trim());
    });
    await waitFor('the same port', () => answers(first));
    await expect(row).toContainText('Active', { timeout: 60_000 });
    expect(await address()).toBe(first);

    await row.getByRole('switch').click();
    await expect(row.getByRole('switch')).toHaveAttribute('aria-checked', 'false');
    await waitFor('nobody at the port', async () => !(await answers(first)));

    blocker.listen(Number(new URL(first).port), '127.0.0.1');
    await once(blocker, 'listening');
    await row.getByRole('switch').click();
    await expect(row).toContainText(`pid ${process.pid}`, { timeout: 30_000 });
    await row.getByRole('button', { name: /^Use \d+$/ }).click();
    await expect(row).toContainText('Active', { timeout: 60_000 });
    const second = await address();
    expect(second).not.toBe(first);
    expect(await answers(second)).toBe(true);
    await row.getByRole('button', { name: /^Remove the forward/ }).click();
    await expect(row).toBeHidden();
    await waitFor('nobody at the port', async () => !(await answers(second)));

    // by its key: F on the workload's row, and again
    const workload = app.main.getByRole('treegrid', { name: 'Workloads' }).getByRole('row', { level: 1 });
    await workload.filter({ hasText: 'fastapi' }).click();
    await app.page.keyboard.press('f');
    await expect(row).toContainText('Deployment');
    await expect(row).toContainText('Active', { timeout: 60_000 });
    const third = await address();
    expect(await answers(third)).toBe(true);
    await app.page.keyboard.press('f');
    await expect(row.getByRole('switch')).toHaveAttribute('aria-checked', 'false');
    await waitFor('nobody at the port', async () => !(await answers(third)));

    // R restarts it as kubectl does
    await app.page.keyboard.press('r');
    const restartedAt = '{.spec.template.metadata.annotations.kubectl\\.kubernetes\\.io/restartedAt}';
    await waitFor(
      'its restart',
      async () =>
        (await kubectl('-n', namespace, 'get', 'deployment', 'fastapi', '-o', `jsonpath=${restartedAt}`)) !==
        '',
    );
  } finally {
    blocker.close();
    await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
    await removeImages('fastapi');
    await folder.remove();
  }
});
