import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectTestCluster, shellImage } from '../../engine/cluster/testing.ts';
import { runPtah, testFolder, type TestFolder } from './testing.ts';

/** `ptah deploy --forward` and `ptah forward`, as processes of their own, on the real cluster. */
const run = promisify(execFile);
const cluster = process.env.PTAH_TEST_CLUSTER || 'ptah-test';
const namespace = 'forwards-cli';

let folder: TestFolder;
let home: TestFolder;
const kubectl = (...argv: string[]) =>
  run('docker', [
    'exec',
    `${cluster}-control-plane`,
    'kubectl',
    '--kubeconfig',
    '/etc/kubernetes/admin.conf',
    ...argv,
  ]);
const ptah = (...argv: string[]) => runPtah(argv, { cwd: folder.root, env: { PTAH_HOME: home.root } });
const removeNamespace = () => kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait');
const page = async (port: number) =>
  (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text();

beforeAll(async () => {
  folder = await testFolder('forward');
  home = await testFolder('home');
  await removeNamespace();
  const image = await shellImage(await connectTestCluster());
  await folder.write({
    'ptah.yml': `name: ${namespace}\nnamespace: ${namespace}\nkind: {name: ${cluster}}\napi_server: {port: 28901}\n`,
    'app.yaml': `apiVersion: v1
kind: Namespace
metadata: {name: ${namespace}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: web
          image: ${image}
          command: [sh, -c, 'mkdir -p /w; echo this is web > /w/index.html; exec httpd -f -p 28902 -h /w']
          ports: [{containerPort: 28902, name: http}]
          readinessProbe: {httpGet: {port: http, path: /}, periodSeconds: 1}
`,
  });
}, 120_000);

afterAll(async () => {
  await ptah('forward', '--kill');
  await removeNamespace();
  await folder.remove();
  await home.remove();
}, 120_000);

it('deploys and forwards; the ports stay until --kill, a taken one is named', async () => {
  const deployed = await ptah('deploy', '--forward');
  expect(deployed.err).not.toContain('error:');
  expect(deployed.code).toBe(0);
  expect(deployed.out).toContain(`http://127.0.0.1:28902  deployment/web (${namespace})`);
  expect(deployed.out).toContain('http://127.0.0.1:28901  the API of the cluster');
  // the command has ended
  expect(await page(28_902)).toBe('this is web\n');
  const version = await fetch('http://127.0.0.1:28901/version');
  expect(((await version.json()) as { gitVersion: string }).gitVersion).toMatch(/^v1\./);

  expect(await ptah('forward', '--kill')).toMatchObject({ code: 0, out: '2 forwards switched off.\n' });
  await expect(page(28_902)).rejects.toThrow();

  const other = createServer().listen(28_902, '127.0.0.1');
  await once(other, 'listening');
  const again = await ptah('forward');
  other.close();
  expect(again.code).toBe(0);
  expect(again.out).toMatch(new RegExp(`28902 of this machine is used by .*pid ${process.pid}`));
  expect(await page(28_903)).toBe('this is web\n');
  const json = await ptah('forward', '-o', 'json');
  expect(JSON.parse(json.out)).toMatchObject({ forwards: [{ localPort: 28_903, state: 'active' }] });
  await ptah('forward', '--kill');
  // nobody needs the engine any more
  await expect
    .poll(async () => (await ptah('forward', '--kill')).out, { timeout: 20_000 })
    .toBe('Nothing is forwarded.\n');
}, 120_000);
