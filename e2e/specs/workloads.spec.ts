import { expect, test } from '../world/test.ts';
import { kubectl, removeImages, testCluster, waitFor } from '../world/machine.ts';
import { ProjectFolder } from '../world/project-folder.ts';

const namespace = `workloads-spec-${Math.random().toString(36).slice(2, 8)}`;
const image = 'workloadsspec';
const deployment = (name: string, script: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  replicas: 1
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: main
          image: ptah://${image}
          args: ['-c', '${script}']
`;
const live = (path: string, what = 'deployment/steady') =>
  kubectl('-n', namespace, 'get', what, '-o', `jsonpath={${path}}`);

/** Everything of the project is listed, a crash says why, and what is done by hand is done in the cluster. */
test('objects of a project, their events, and changes by hand', { tag: '@once' }, async ({ app }) => {
  await removeImages(image);
  const folder = await ProjectFolder.of('workloads-spec', {
    'ptah.yml': `name: workloads-spec\nnamespace: ${namespace}\nkind:\n  name: ${testCluster()}\n`,
    [`${image}/Dockerfile`]: 'FROM scratch\nCOPY busybox /bin/busybox\nENTRYPOINT ["/bin/busybox", "sh"]\n',
    'k8s/steady.yaml': deployment('steady', 'exec /bin/busybox sleep 3600'),
    'k8s/config.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings, namespace: ${namespace} }\ndata: { colour: blue }\n`,
  });
  await kubectl('create', 'namespace', namespace);
  const { page } = app;
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  const row = (name: string) =>
    app.main.getByRole('row', { level: 1 }).filter({ hasText: new RegExp(`^${name}`) });
  const button = (name: string | RegExp) => inspector.getByRole('button', { name });
  try {
    await app.open(folder.root, 'workloads-spec');
    await app.deploy();
    // one that crashes, made beside the deploy, which would wait for it
    const running = await live('.spec.template.spec.containers[0].image');
    const inNamespace = (...argv: string[]) => kubectl('-n', namespace, ...argv);
    await inNamespace(
      'create',
      'deployment',
      'crasher',
      `--image=${running}`,
      '--',
      '/bin/busybox',
      'sh',
      '-c',
      'exit 3',
    );
    await inNamespace('label', 'deployment', 'crasher', 'ptah-desktop/project=workloads-spec');
    await app.go('Workloads');

    // all objects, workloads first; a filter narrows them
    await expect(row('steady')).toContainText('1 of 1 ready');
    await expect(app.main.getByRole('grid', { name: 'Other objects' })).toContainText('settings');
    await page.keyboard.press('/');
    await page.keyboard.type('sett');
    await expect(row('steady')).toHaveCount(0);
    await app.main.getByRole('row').filter({ hasText: 'settings' }).click();
    await expect(inspector).toContainText('ConfigMap');
    await page.keyboard.press('Escape');
    await app.main.getByRole('textbox', { name: 'Name, image or state' }).fill('');

    // the events of a crash loop stand beside it
    await expect(row('crasher')).toContainText('CrashLoopBackOff: exit code 3', { timeout: 90_000 });
    await row('crasher').click();
    const events = inspector.getByRole('region', { name: 'Events' });
    await expect(events).toContainText('BackOff');
    await expect(events).toContainText('ScalingReplicaSet');

    // scale
    await row('steady').click();
    await button('Scale').click();
    const scale = app.dialog('Scale Deployment steady?');
    await scale.getByRole('textbox').fill('2');
    await scale.getByRole('button', { name: 'Scale', exact: true }).click();
    await waitFor('two pods', async () => (await live('.status.readyReplicas')) === '2');
    await expect(row('steady')).toContainText('2 of 2 ready');

    // restart
    const before = await live('.metadata.generation');
    await button('Restart').click();
    await expect(page.getByText('Deployment steady restarts, pod by pod.')).toBeVisible();
    await waitFor('a new generation', async () => (await live('.metadata.generation')) !== before);
    await kubectl('-n', namespace, 'rollout', 'status', 'deployment/steady', '--timeout=60s');
    await expect(row('steady')).toContainText('2 of 2 ready');

    // YAML: tried, shown, applied
    const editor = page.getByRole('textbox', { name: 'YAML of Deployment steady' });
    await button('YAML').click();
    const text = await editor.inputValue();
    await editor.fill(text.replace('replicas: 2', 'replicas: many'));
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('alert')).toContainText('spec.replicas');
    await editor.fill(text.replace('replicas: 2', 'replicas: 1'));
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('region', { name: 'What changes' })).toContainText('replicas: 1');
    expect(await live('.spec.replicas'), 'a dry run changes nothing').toBe('2');
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await expect(page.getByText('Applied to Deployment steady')).toBeVisible();
    expect(await live('.spec.replicas')).toBe('1');

    // somebody else changes it meanwhile
    await kubectl('-n', namespace, 'label', 'deployment', 'steady', 'team=storefront');
    await editor.fill((await editor.inputValue()).replace('replicas: 1', 'replicas: 2'));
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('region', { name: 'What others changed' })).toContainText('team: storefront');
    await page.getByRole('button', { name: 'Bring my edit onto it' }).click();
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await waitFor('both changes', async () => (await live('.spec.replicas')) === '2');
    expect(await live('.metadata.labels.team')).toBe('storefront');
    await page.getByRole('button', { name: 'Close', exact: true }).click();

    // a pod is deleted, and its owner makes another
    await expect(row('steady')).toContainText('2 of 2 ready');
    await row('steady').focus();
    await page.keyboard.press('ArrowRight');
    const pod = app.main.getByRole('row', { level: 2 }).filter({ hasText: 'steady' }).first();
    await pod.click();
    const name = await inspector.getByRole('heading', { level: 2 }).innerText();
    await button('Delete pod').click();
    await app.dialog(`Delete pod ${name}?`).getByRole('button', { name: 'Delete pod' }).click();
    await waitFor(
      'the pod to be gone',
      async () => !(await kubectl('-n', namespace, 'get', 'pods', '-o', 'name')).includes(name),
    );
    await waitFor('another pod', async () => (await live('.status.readyReplicas')) === '2');
  } finally {
    await kubectl('delete', 'namespace', namespace, '--wait=false');
    await removeImages(image);
    await folder.remove();
  }
});
