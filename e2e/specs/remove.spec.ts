import { access } from 'node:fs/promises';
import { expect, test } from '../world/test.ts';
import {
  imagesInDocker,
  imagesOnNode,
  kubectl,
  nodeNames,
  removeImages,
  testCluster,
  waitFor,
} from '../world/machine.ts';
import { ProjectFolder } from '../world/project-folder.ts';

const names = ['leaving', 'staying'] as const;
const [leaving, staying] = names;

const files = (name: string): Readonly<Record<string, string>> => ({
  'ptah.yml': `kind:\n  name: ${testCluster()}\nnamespace: ${name}\ndockerfiles: '(?P<name>[\\w-]+)/Dockerfile$'\n`,
  [`${name}-web/Dockerfile`]: `FROM scratch\nCOPY busybox /bin/busybox\nCOPY page.txt /\nENTRYPOINT ["/bin/busybox", "sleep", "3600"]\n`,
  [`${name}-web/page.txt`]: `${name}\n`,
  'k8s/all.yaml': `
apiVersion: v1
kind: Namespace
metadata: { name: ${name} }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { a: "1" }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], storageClassName: none, resources: { requests: { storage: 8Mi } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{ name: web, image: "ptah://${name}-web" }]
`,
});

/** Everything of a project that a removal could take: in its namespace, in Docker, on the nodes. */
async function holdings(name: string): Promise<readonly string[]> {
  const objects = await kubectl('get', 'deployments,configmaps,pvc', '-n', name, '-o', 'name');
  const images = await Promise.all((await nodeNames()).map(node => imagesOnNode(node, `${name}-web`)));
  return [
    ...objects.split('\n').filter(object => object !== '' && !object.endsWith('kube-root-ca.crt')),
    ...(await imagesInDocker(`${name}-web`)),
    ...images.flat(),
  ].toSorted();
}

async function clean(): Promise<void> {
  for (const name of names) {
    await kubectl('delete', 'namespace', name, '--ignore-not-found');
    await removeImages(`${name}-web`);
  }
}

test('a project is removed, and nothing of the one beside it', { tag: '@once' }, async ({ app }) => {
  await clean();
  const folder = await ProjectFolder.of(leaving, files(leaving));
  try {
    // beside the first: whoever opened that one knows where this one lies
    for (const [path, text] of Object.entries(files(staying)))
      await folder.write({ [`../${staying}/${path}`]: text });
    for (const name of names) {
      await app.open(folder.path(`../${name}`), name);
      await app.deploy();
    }
    const beside = await holdings(staying);
    expect(beside).toEqual(expect.arrayContaining(['deployment.apps/web', 'persistentvolumeclaim/data']));

    // Enter presses Cancel, and nothing has gone
    await app.sidebar.getByRole('link', { name: leaving }).first().click();
    await app.planIsThere(leaving);
    const before = await holdings(leaving);
    await app.main.getByRole('button', { name: 'Remove…' }).click();
    const dialog = app.dialog(/^Remove leaving from /);
    await expect(dialog.getByRole('region', { name: 'Objects in the cluster' })).toContainText('settings');
    await expect(dialog.getByRole('region', { name: 'Stays', exact: true })).toContainText(
      `Kind cluster ${testCluster()}`,
    );
    await expect(dialog).not.toContainText(staying);
    await app.page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    expect(await holdings(leaving)).toEqual(before);

    // from the palette: everything but what is asked apart
    await app.page.keyboard.press('Control+k');
    await app.page.getByRole('combobox', { name: 'Search or run a command' }).fill('remove leaving');
    await app.page.keyboard.press('Enter');
    await expect(dialog.getByRole('checkbox', { name: /^Volumes and claims/ })).not.toBeChecked();
    await dialog.getByRole('button', { name: /^Remove \d+ things/ }).click();
    await expect(app.dialog('leaving is removed')).toBeVisible({ timeout: 100_000 });
    await app.dialog('leaving is removed').getByRole('button', { name: 'Close' }).click();
    expect(await holdings(leaving)).toEqual([
      // lists what stayed
      'configmap/ptah-desktop-leaving',
      'persistentvolumeclaim/data',
    ]);
    await expect(access(folder.path('.build'))).rejects.toThrow();
    await access(folder.path(`${leaving}-web/page.txt`));

    // then the claim and the namespace, ticked
    await app.main.getByRole('button', { name: 'Remove…' }).click();
    await dialog.getByRole('checkbox', { name: /^Volumes and claims/ }).click();
    await dialog.getByRole('checkbox', { name: /^Namespaces and definitions/ }).click();
    await dialog.getByRole('button', { name: /^Remove 2 things/ }).click();
    await expect(app.dialog('leaving is removed')).toBeVisible({ timeout: 100_000 });
    await waitFor('the namespace to be gone', async () => {
      const left = await kubectl('get', 'namespace', leaving, '--ignore-not-found', '-o', 'name');
      return left === '' ? 'gone' : null;
    });
    expect(await holdings(staying)).toEqual(beside);
    expect(await kubectl('get', 'pods', '-n', staying, '-o', 'jsonpath={.items[*].status.phase}')).toBe(
      'Running',
    );
  } finally {
    await clean();
    await folder.remove();
  }
});
