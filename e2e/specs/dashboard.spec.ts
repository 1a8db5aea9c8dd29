import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application } from '../pages/application.ts';
import { kubectl, removeImages, testCluster, waitFor } from '../world/machine.ts';
import { createOpener } from '../world/opener.ts';
import { ProjectFolder } from '../world/project-folder.ts';
import { expect, skipWithoutHost, test } from '../world/test.ts';
import { ApplicationWindow } from '../world/window.ts';

const standIn = fileURLToPath(new URL('../cluster/stand-ins/dashboard', import.meta.url));
const namespace = 'dashboard-spec';
const config = (service: string) =>
  `name: boards\nkind: {name: ${testCluster()}}\nnamespace: ${namespace}\nui: {service: ${service}, user: board-admin}\n`;
const manifests = `apiVersion: v1
kind: ServiceAccount
metadata: { name: board-admin }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: board }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: dashboard-spec }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: 'system:auth-delegator' }
subjects: [{ kind: ServiceAccount, name: board, namespace: ${namespace} }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: board }
spec:
  selector: { matchLabels: { app: board } }
  template:
    metadata: { labels: { app: board } }
    spec:
      serviceAccountName: board
      terminationGracePeriodSeconds: 0
      containers:
        - name: board
          image: ptah://board
          ports: [{ name: https, containerPort: 8443 }]
          readinessProbe: { tcpSocket: { port: https }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: board }
spec:
  selector: { app: board }
  ports: [{ name: https, port: 443, targetPort: https }]
`;

async function cleanUp(): Promise<void> {
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found');
  await kubectl('delete', 'clusterrolebinding', 'dashboard-spec', '--ignore-not-found');
  await removeImages('board');
}

/** The page of the dashboard is opened, the token in the clipboard is one that the API server knows; without a dashboard one is offered. */
test(
  'the dashboard opens with a token for its account, and is offered where there is none',
  { tag: '@once' },
  async ({ host }) => {
    skipWithoutHost(host);
    await cleanUp();
    const folder = await ProjectFolder.of('boards', {
      'ptah.yml': config('no-such-board'),
      'board/Dockerfile': await readFile(join(standIn, 'Dockerfile'), 'utf8'),
      'board/server.py': await readFile(join(standIn, 'server.py'), 'utf8'),
      'k8s/board.yaml': manifests,
    });
    const opener = await createOpener();
    const window = await ApplicationWindow.open(host, { env: opener.env });
    const app = new Application(window);
    try {
      await app.open(folder.root, 'boards');
      await app.deploy();
      await app.go('Cluster');
      const button = app.main.getByRole('button', { name: 'Dashboard' });
      await button.click();
      await expect(app.page.getByText('There is no Service no-such-board (ui.service)')).toBeVisible();

      await folder.write({ 'ptah.yml': config('board') });
      await expect(async () => {
        await button.click();
        await expect(app.page.getByText('A token to sign in with is in the clipboard')).toBeVisible();
      }).toPass();
      const address = await waitFor('the address', opener.opened);
      const token = await app.page.evaluate(() => navigator.clipboard.readText());
      const page = await app.page.context().newPage();
      await page.goto(address);
      await page.getByLabel('Token').fill(token);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expect(
        page.getByText(`Signed in as system:serviceaccount:${namespace}:board-admin`),
      ).toBeVisible();
      await page.goto(address);
      await page.getByLabel('Token').fill(`${token}x`);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expect(page.getByText('Refused')).toBeVisible();
      await page.close();

      // where there is none, the example's is offered as a project, for the account that is looked for
      await folder.write({ 'ptah.yml': config('no-such-board') });
      await expect(async () => {
        await button.click();
        await app.page.getByRole('button', { name: 'Open the example’s' }).click({ timeout: 5_000 });
      }).toPass();
      await app.planIsThere('dashboard');
      await expect(app.plan).toContainText(/[Hh]elmfile/);
      expect(window.complaints).toEqual([]);
    } finally {
      await window.close();
      await opener.remove();
      await cleanUp();
      await folder.remove();
    }
  },
);
