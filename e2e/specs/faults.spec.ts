import { execFile } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { parse, stringify } from 'yaml';
import { openDockerDoor } from '../../main/hosts/testing/docker-door.ts';
import { Application } from '../pages/application.ts';
import { imagesInDocker, kubectl, output, removeImages, testCluster, waitFor } from '../world/machine.ts';
import { ProjectFolder } from '../world/project-folder.ts';
import { expect, skipWithoutHost, test } from '../world/test.ts';
import { ApplicationWindow } from '../world/window.ts';

/** What goes wrong, as a person at the window meets it: said where it is, mended, and the app goes on. */
test.describe.configure({ mode: 'default' });

const namespace = 'window-faults';
const image = 'mended';
const config = (over = '') => `kind: {name: ${testCluster()}}\nnamespace: ${namespace}\n${over}`;
const dockerfile = (...lines: string[]) =>
  [
    'FROM scratch',
    'COPY busybox /bin/busybox',
    ...lines,
    'ENTRYPOINT ["/bin/busybox", "sleep", "3600"]',
    '',
  ].join('\n');
const shell = (script: string) => `RUN ["/bin/busybox", "sh", "-c", "${script}"]`;
const deployment = (name: string, container = '') => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: main
          image: ptah://${image}
${container}`;

let folder: ProjectFolder;
const made: ProjectFolder[] = [];
const project = async (name: string, files: Readonly<Record<string, string>> = {}) => {
  folder = await ProjectFolder.of(name, {
    'ptah.yml': config(),
    [`${image}/Dockerfile`]: dockerfile(),
    'k8s/app.yaml': deployment(name),
    ...files,
  });
  made.push(folder);
};
const processes = async (command: string) =>
  (await output('ps', '-eo', 'args')).split('\n').filter(line => line.endsWith(command));

async function cleanUp(): Promise<void> {
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found');
  await removeImages(image);
}
test.beforeEach(({ host }) => skipWithoutHost(host));
test.beforeAll(cleanUp);
test.afterEach(async () => {
  for (const each of made.splice(0)) await each.remove();
});
test.afterAll(cleanUp);

/** Adds one object more, and waits until the plan that counts it is there: then it also knows what was mended before. */
async function mended(app: Application): Promise<void> {
  const count = async () => Number(/create (\d+) of/.exec((await app.plan.textContent()) ?? '')?.[1] ?? 0);
  const before = await count();
  const name = `more-${folder.root.split('/').at(-1)}`;
  await folder.write({ 'k8s/more.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n` });
  await expect.poll(count).toBeGreaterThan(before);
  await expect(app.deployButton).toBeEnabled();
}

/** What is in the way, as the Overview lists it. */
const inTheWay = (app: Application): Locator => app.main.getByRole('alert', { name: 'Problems' });

test(
  'a ptah.yml that is wrong, and a folder that vanishes and returns',
  { tag: '@once' },
  async ({ app }) => {
    await project('vanishing');
    await app.open(folder.root, 'vanishing');
    await expect(app.plan).toContainText(/build 1 of 1 image/i);

    await folder.write({ 'ptah.yml': 'kind:\n  nam: x\n' });
    const wrong = app.main.getByRole('alert').first();
    await expect(wrong).toContainText('There is no key “kind.nam” in ptah.yml. (line 2, column 3)');
    await expect(wrong).toContainText('Did you mean “name”? Allowed here: name, config.');
    await app.go('Projects');
    const row = app.main.getByRole('row', { name: 'vanishing' });
    await expect(row).toContainText('There is no key “kind.nam”');
    await expect(row).toContainText('ptah.yml:2:3');

    // Started anew, with nothing known from before, it says the same, and sees that it was mended.
    await app.page.reload();
    await app.main.getByRole('row', { name: 'vanishing' }).getByRole('button', { name: /^Open/ }).click();
    await expect(app.main.getByRole('alert')).toContainText('There is no key “kind.nam”');
    await expect(app.main.getByRole('alert')).toContainText('ptah.yml:2:3');
    await folder.write({ 'ptah.yml': config() });
    await expect(app.plan).toContainText(/build 1 of 1 image/i);
    await expect(app.deployButton).toBeEnabled();

    await rename(folder.root, `${folder.root}-away`);
    await expect(app.main.getByRole('alert').first()).toContainText(`There is no folder ${folder.root}`);
    await expect(app.deployButton).toBeDisabled();
    await app.go('Projects');
    await expect(app.main.getByRole('row', { name: 'vanishing' })).toContainText('There is no folder');
    await rename(`${folder.root}-away`, folder.root);
    await expect(app.main.getByRole('row', { name: 'vanishing' })).toContainText('1 image');
    await app.main.getByRole('row', { name: 'vanishing' }).getByRole('button', { name: /^Open/ }).click();
    await expect(app.plan).toContainText(/build 1 of 1 image/i);
  },
);

test(
  'what the folder says wrongly stands in the way with its place, until it is mended',
  { tag: '@once' },
  async ({ app }) => {
    await project('misspelt', {
      'ptah.yml': config(`manifests: '^(\\w+\\s?)+\\.yaml$|yaml$'\n`),
      [`${image}/Dockerfile`]: 'FRM scratch\nCOPY busybox\n',
      'k8s/app.yaml': deployment('misspelt', '          imagePullPolicy: Always\n'),
      'k8s/unknown.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: u}\ndata: {a: ptah://mendd}\n',
      'k8s/twice.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: t}\ndata:\n  a: "1"\n  a: "2"\n',
      'k8s/tab.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: tab\n',
      'k8s/kind.yaml': 'apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: x}\n',
      [`${'b'.repeat(48)}!.txt`]: '',
    });
    await app.open(folder.root, 'misspelt');
    const problems = inTheWay(app);
    await expect(problems).toContainText('took longer than');
    await expect(problems).toContainText('ptah.yml:3:1');
    await expect(app.deployButton).toBeDisabled();

    await folder.write({ 'ptah.yml': config() });
    for (const text of [
      '"FRM" is no Dockerfile instruction',
      'Did you mean FROM?',
      `${image}/Dockerfile:1:1`,
      'k8s/app.yaml:14:28',
      'Write IfNotPresent or Never',
      'No image of the project is called "mendd"',
      'k8s/unknown.yaml:4:11',
      'k8s/twice.yaml:6:3',
      'Indent with spaces',
      'The cluster does not know Gadget in example.com/v1',
    ])
      await expect(problems).toContainText(text);
    await expect(app.deployButton).toBeDisabled();
    expect(await imagesInDocker(image)).toEqual([]);

    await folder.write({
      [`${image}/Dockerfile`]: dockerfile(),
      'k8s/app.yaml': deployment('misspelt'),
      'k8s/unknown.yaml': '',
      'k8s/twice.yaml': '',
      'k8s/tab.yaml': '',
      'k8s/kind.yaml': '',
    });
    await expect(problems).toBeHidden();
    await expect(app.deployButton).toBeEnabled();
  },
);

test(
  'a build that fails shows the line and its output; mended, Retry goes on to a pod that crashes, and says why',
  { tag: '@once' },
  async ({ app }) => {
    await project('failing', {
      [`${image}/Dockerfile`]: dockerfile(
        shell('echo looking; echo error: no flour in the kitchen >&2; exit 7'),
      ),
    });
    await app.open(folder.root, 'failing');
    await app.deploy('Failed');
    await expect(app.failure).toContainText(`Build of ${image} failed at step 2`);
    await expect(app.failure).toContainText('no flour in the kitchen');
    await expect(app.failure).toContainText(`${image}/Dockerfile, line 3`);
    await expect(app.failure).toContainText('exit status 7');
    await expect(app.main.getByRole('region', { name: 'Last output' }).first()).toContainText('looking');
    expect(await imagesInDocker(image)).toEqual([]);

    await folder.write({
      [`${image}/Dockerfile`]: dockerfile(),
      'k8s/app.yaml': deployment(
        'failing',
        '          command: ["/bin/busybox", "sh", "-c", "echo no settings found; exit 3"]\n',
      ),
    });
    await mended(app);
    await expect(app.main.getByRole('button', { name: /^Retry from/ })).toBeEnabled();
    await app.deploy('Failed');
    await expect(app.failure).toContainText('The container main crashes: exit code 3');
    await expect(app.failure).toContainText('Its last log lines say why');
    await expect(app.failure).toContainText('no settings found');

    await folder.write({ 'k8s/app.yaml': deployment('failing') });
    await expect(app.plan).toContainText(/change 1 of \d+ object/i);
    await app.deploy('Deployed');
    await expect(app.failure).toBeHidden();
  },
);

test(
  'Cancel ends a build and a rollout within a second, and leaves nothing running',
  { tag: '@once' },
  async ({ app }) => {
    await project('patient', { [`${image}/Dockerfile`]: dockerfile(shell('echo begun; sleep 7531')) });
    await app.open(folder.root, 'patient');
    const images = await imagesInDocker(image);
    const cancel = async () => {
      await app.main.getByRole('button', { name: /^Cancel/ }).click();
      const pressed = Date.now();
      await expect(app.lastDeploys.getByRole('row').first()).toContainText('Cancelled', { timeout: 5_000 });
      return Date.now() - pressed;
    };
    await app.deployButton.click();
    await waitFor('the build', async () => (await processes('sleep 7531')).length > 0);
    expect(await cancel()).toBeLessThan(2_500);
    await expect.poll(() => processes('sleep 7531'), { timeout: 5_000 }).toEqual([]);
    expect(await imagesInDocker(image)).toEqual(images);

    await folder.write({
      [`${image}/Dockerfile`]: dockerfile(),
      'k8s/app.yaml': deployment('patient', '          readinessProbe: {tcpSocket: {port: 9}}\n'),
    });
    await mended(app);
    await app.deployButton.click();
    await waitFor('the pod', async () =>
      (await kubectl('-n', namespace, 'get', 'pods', '-l', 'app=patient', '-o', 'name')).includes('pod/'),
    );
    expect(await cancel()).toBeLessThan(2_500);
    await expect(app.lastDeploys.getByRole('row').first()).toContainText(/Cancelled/);
  },
);

test(
  'Docker stops in the middle of a build: said, and the window lives on',
  { tag: '@once' },
  async ({ host }) => {
    await project('cut', {
      [`${image}/Dockerfile`]: dockerfile(shell('echo begun; sleep 6420')),
      'k8s/app.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cut}\n',
    });
    const door = await openDockerDoor(join(folder.path('..'), 'docker.sock'));
    const window = await ApplicationWindow.open(host, { env: { DOCKER_HOST: door.host } });
    const app = new Application(window);
    try {
      await app.open(folder.root, 'cut');
      await app.deployButton.click();
      await waitFor('the build', async () => (await processes('sleep 6420')).length > 0);
      await door.shut();
      await expect(app.failure).toContainText(/Docker/);
      await expect(app.failure).toContainText(/Check that Docker is still running|Start Docker/);
      await expect(app.statusBar).toContainText(/Docker/);
      await expect(inTheWay(app)).toContainText('Docker is not running at unix:');
      await expect(app.deployButton).toBeDisabled();

      await door.open();
      await folder.write({ [`${image}/Dockerfile`]: dockerfile() });
      await expect(inTheWay(app)).toBeHidden({ timeout: 30_000 });
      await mended(app);
      await app.deploy('Deployed');
      expect(window.complaints).toEqual([]);
    } finally {
      await window.close();
      await door.shut();
    }
  },
);

test(
  'two windows and a terminal on one project see one job, and nobody deploys twice at once',
  { tag: '@once' },
  async ({ app, window, host }) => {
    await project('shared', {
      [`${image}/Dockerfile`]: dockerfile(shell(`echo begun ${Date.now()}; sleep 6`)),
      'k8s/app.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\n',
    });
    await app.open(folder.root, 'shared');
    const second = await ApplicationWindow.open(host, { home: window.home });
    const other = new Application(second);
    try {
      await other.main.getByRole('row', { name: 'shared' }).getByRole('button', { name: /^Open/ }).click();
      await other.planIsThere('shared');
      await app.deployButton.click();
      await expect(other.main.getByRole('button', { name: /^Cancel/ })).toBeVisible();
      await expect(other.main.getByRole('button', { name: /^Deploy/ })).toBeHidden();
      const terminal = await ptah(window.home, 'deploy');
      expect(terminal).toMatchObject({ code: 1 });
      expect(terminal.err).toMatch(
        /^error: shared is being deployed, built or removed already\.\n {2}See it in Activity/m,
      );
      for (const each of [app, other])
        await expect(each.lastDeploys.getByRole('row').first()).toContainText('Deployed', {
          timeout: 60_000,
        });

      // what a terminal does is seen in both windows
      await folder.write({
        'k8s/app.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\ndata: {a: b}\n',
      });
      expect(await ptah(window.home, 'deploy')).toMatchObject({ code: 0 });
      for (const each of [app, other]) await expect(each.lastDeploys.getByRole('row')).toHaveCount(2);
      expect(second.complaints).toEqual([]);
    } finally {
      await second.close(true);
    }
  },
);

/** A terminal that names no world of its own, and so attaches to the engine of the window. */
async function ptah(home: string, command: string): Promise<{ code: number; err: string }> {
  const env: NodeJS.ProcessEnv = { ...process.env, PTAH_HOME: home };
  for (const name of ['DOCKER_HOST', 'DOCKER_CONTEXT', 'KUBECONFIG', 'PTAH_KIND_NODE_IMAGE'])
    delete env[name];
  return new Promise(resolve => {
    const argv = ['dist/main/ptah.mjs', command, '--project', folder.root];
    execFile(process.execPath, argv, { env }, (error, _out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, err }),
    );
  });
}

test(
  'a context that is not ours, and a user who may not: refused before anything happens',
  { tag: '@once' },
  async ({ host }) => {
    await project('forbidden');
    const path = join(folder.path('..'), 'kubeconfig');
    const real = parse(await readFile(process.env.KUBECONFIG ?? join(homedir(), '.kube/config'), 'utf8')) as {
      clusters: { name: string; cluster: object }[];
    };
    const context = `kind-${testCluster()}`;
    const own = real.clusters.find(({ name }) => name === context)?.cluster;
    const write = (cluster: object, token: string) =>
      writeFile(
        path,
        stringify({
          apiVersion: 'v1',
          kind: 'Config',
          clusters: [{ name: 'c', cluster: { ...own, ...cluster } }],
          users: [{ name: 'u', user: { token } }],
          contexts: [{ name: context, context: { cluster: 'c', user: 'u' } }],
        }),
      );
    await kubectl('create', 'namespace', namespace).catch(() => {});
    await kubectl('-n', namespace, 'create', 'serviceaccount', 'reader');
    await kubectl(
      '-n',
      namespace,
      'create',
      'role',
      'reader',
      '--verb=get,list,watch',
      '--resource=pods,configmaps,deployments.apps',
    );
    await kubectl(
      '-n',
      namespace,
      'create',
      'rolebinding',
      'reader',
      '--role=reader',
      `--serviceaccount=${namespace}:reader`,
    );
    await write({ server: 'https://production.example:6443' }, 'x');
    const window = await ApplicationWindow.open(host, { env: { KUBECONFIG: path } });
    const app = new Application(window);
    try {
      await app.open(folder.root, 'forbidden');
      await expect(inTheWay(app)).toContainText(
        `The context ${context} points to https://production.example:6443`,
      );
      await expect(inTheWay(app)).toContainText('Rename that context');
      await expect(app.deployButton).toBeDisabled();

      await write({}, await kubectl('-n', namespace, 'create', 'token', 'reader'));
      await folder.write({ 'k8s/app.yaml': `${deployment('forbidden')}# read again\n` });
      await expect(inTheWay(app)).toContainText(/cannot patch resource "deployments"/);
      await expect(inTheWay(app)).toContainText('Ask for a Role that allows it');
      await expect(app.deployButton).toBeDisabled();
      expect(await kubectl('-n', namespace, 'get', 'deployments', '-o', 'name')).not.toContain('forbidden');
    } finally {
      await window.close();
    }
  },
);
