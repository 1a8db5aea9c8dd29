import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { standInHelmfile } from '../cluster/stand-in-dashboard.ts';
import { expect, test } from '../world/test.ts';
import {
  kubectl,
  nodeNames,
  output,
  removeImages,
  testCluster,
  testNodes,
  waitFor,
} from '../world/machine.ts';
import { ProjectFolder } from '../world/project-folder.ts';

const serviceAnswer = (service: string, port: number, path = '/', namespace = 'default'): Promise<string> =>
  kubectl('get', '--raw', `/api/v1/namespaces/${namespace}/services/${service}:${port}/proxy${path}`);

const forget = async (names: readonly string[], ...images: readonly string[]): Promise<void> => {
  await kubectl('delete', ...names, '--ignore-not-found', '--wait=false');
  await kubectl('delete', 'configmap', '-l', 'applyset.kubernetes.io/id', '--ignore-not-found');
  for (const image of images) await removeImages(image);
};

test('the dashboard example: Helmfile first, then the account', { tag: '@once' }, async ({ app }) => {
  const folder = await ProjectFolder.copyOf('dashboard');
  await writeFile(folder.path('helmfile.yaml'), standInHelmfile('A board of our own'));
  try {
    await app.open(folder.root, 'dashboard');
    await expect(app.plan).toContainText(/[Hh]elmfile/);
    await app.deploy();
    expect(await kubectl('get', 'serviceaccounts', '-A', '-o', 'name')).toContain(
      'serviceaccount/dashboard-admin',
    );
    await waitFor('the board', async () =>
      (await serviceAnswer('kubernetes-dashboard', 80, '/', 'kubernetes-dashboard').catch(() => '')).includes(
        'A board of our own',
      ),
    );
  } finally {
    await kubectl('delete', 'namespace', 'kubernetes-dashboard', '--ignore-not-found');
    await kubectl(
      'delete',
      'clusterrolebinding,serviceaccount',
      '-A',
      '-l',
      'ptah-desktop/project=dashboard',
      '--ignore-not-found',
    ).catch(() => '');
    await folder.remove();
  }
});

test('the database example: two images, a volume, and its own cluster where the run has one node', async ({
  app,
}) => {
  const own = testNodes() === 1;
  const cluster = own ? 'ptah-e2e-own' : testCluster();
  // a run that was cut off may have left it behind
  if (own) await promisify(execFile)('kind', ['delete', 'cluster', '--name', cluster]);
  for (const image of ['api', 'database']) await removeImages(image);
  const folder = await ProjectFolder.copyOf('fastapi-db', 'notes', { ownCluster: own });
  if (own) await folder.edit('kind.yml', text => text.replace(/^name: .*$/m, `name: ${cluster}`));
  const inCluster = (...argv: string[]) =>
    output(
      'docker',
      'exec',
      `${cluster}-control-plane`,
      'kubectl',
      '--kubeconfig',
      '/etc/kubernetes/admin.conf',
      ...argv,
    );
  try {
    await app.open(folder.root, 'notes');
    await expect(app.plan).toContainText(/2 of 2 images/);
    if (own)
      await expect(app.plan).toContainText(
        new RegExp(`[Cc]reate the cluster|[Mm]ake.*cluster|cluster ${cluster}`),
      );
    await app.deploy('Deployed', 230_000);
    const note = JSON.stringify({ text: 'kept' });
    await inCluster(
      'exec',
      'deploy/api',
      '--',
      'python',
      '-c',
      `import urllib.request as u;print(u.urlopen(u.Request('http://localhost:8000/notes',data=${JSON.stringify(note)}.encode(),headers={'content-type':'application/json'})).read())`,
    );
    const answer = await inCluster('get', '--raw', '/api/v1/namespaces/default/services/api:80/proxy/notes');
    expect(answer).toContain('kept');
    if (own) {
      expect(
        (await output('docker', 'exec', `${cluster}-control-plane`, 'ls', '/var/lib/notes')).length,
      ).toBeGreaterThan(0);
      await app.go('Cluster');
      await expect(app.main).toContainText(`${cluster}-control-plane`);
      await app.main.getByRole('button', { name: /^Delete/ }).click();
      const dialog = app.page.getByRole('dialog');
      await dialog.getByRole('textbox').fill(cluster);
      await dialog.getByRole('button', { name: /^Delete/ }).click();
      await waitFor(
        'the cluster to go',
        async () => !(await output('kind', 'get', 'clusters')).split('\n').includes(cluster),
        90_000,
      );
      expect((await nodeNames()).length).toBe(1);
    }
  } finally {
    if (own) await promisify(execFile)('kind', ['delete', 'cluster', '--name', cluster]);
    else
      await forget([
        'deployment/api',
        'deployment/database',
        'service/api',
        'service/database',
        'secret/database',
        'pvc/notes-database',
        'pv/notes-database',
      ]);
    for (const image of ['api', 'database']) await removeImages(image);
    await folder.remove();
  }
});

test(
  'a folder without ptah.yml: the proposal is read, agreed to, and deploys',
  { tag: '@once' },
  async ({ app }) => {
    const folder = await ProjectFolder.copyOf('walkthrough', 'fastapi-k8s', { ownCluster: true });
    const manifest = await readFile(folder.path('k8s.yaml'), 'utf8');
    await removeImages('fastapi-k8s');
    try {
      await app.drop(folder.root);
      const dialog = app.dialog('Create ptah.yml?');
      await expect(dialog).toContainText('fastapi-k8s:latest');
      await expect(dialog).toContainText('ptah://fastapi-k8s');
      await dialog.getByRole('button', { name: /^Create/ }).click();
      await expect(dialog).toBeHidden();
      expect(await readFile(folder.path('k8s.yaml'), 'utf8')).toBe(
        manifest.replace('image: fastapi-k8s:latest', 'image: ptah://fastapi-k8s'),
      );
      await folder.edit('ptah.yml', text => text.replace(/^(\s*name:\s*)\S+$/m, `$1${testCluster()}`));
      await app.planIsThere('fastapi-k8s');
      await expect(app.plan).toContainText(/Build 1 of 1 image/, { timeout: 30_000 });
      await app.deploy();
      await waitFor(
        'an answer',
        async () => (await serviceAnswer('fastapi-k8s', 80, '/health').catch(() => '')) !== '',
      );
      expect(
        await kubectl('get', 'deployment', 'fastapi-k8s', '-o', 'jsonpath={.status.readyReplicas}'),
      ).toBe('2');
    } finally {
      await forget(['deployment/fastapi-k8s', 'service/fastapi-k8s'], 'fastapi-k8s');
      await folder.remove();
    }
  },
);
