import { execFile } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeployResult, Plan } from '../../engine/deploy/index.ts';
import { runPtah, testFolder, type TestFolder } from './testing.ts';

/** The one project whose deploy makes its own cluster. */
const run = promisify(execFile);
const name = 'cli-anew';
let folder: TestFolder;

const env = () => ({ PTAH_HOME: folder.home, KUBECONFIG: join(folder.home, 'kubeconfig') });
const ptah = (...argv: string[]) => runPtah(argv, { cwd: folder.root, env: env() });
const kind = (...argv: string[]) => run('kind', argv, { env: { ...process.env, ...env() } });
const plan = async () => JSON.parse((await ptah('plan', '-o', 'json')).out) as Plan;
const config = (extra: string) =>
  `# a comment\nkind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nname: ${name}\nnodes:\n  - role: control-plane\n${extra}`;

beforeAll(async () => {
  folder = await testFolder(name);
  await removeAll();
  await folder.write({
    'ptah.yml': `kind:\n  config: kind.yml\ndockerfiles: '(?P<name>[\\w-]+)/Dockerfile$'\n`,
    'kind.yml': config('    extraMounts: [{ hostPath: data, containerPath: /data }]\n'),
    'data/seen.txt': 'from the folder',
    [`${name}/Dockerfile`]:
      'FROM scratch\nCOPY busybox /bin/busybox\nENTRYPOINT ["/bin/busybox","sleep","3600"]\n',
    'app.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec:
  selector: { matchLabels: { app: app } }
  template:
    metadata: { labels: { app: app } }
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: app, image: "ptah://${name}" }] }
`,
  });
  await copyFile('/bin/busybox', join(folder.root, name, 'busybox'));
});
afterAll(async () => {
  await removeAll();
  await folder.remove();
});

/** Also what a run that was cut off left behind. */
async function removeAll(): Promise<void> {
  await kind('delete', 'cluster', '--name', name);
  const { stdout } = await run('docker', ['images', '-q', name]);
  const ids = [...new Set(stdout.split('\n').filter(Boolean))];
  if (ids.length > 0) await run('docker', ['rmi', '-f', ...ids]);
}

describe('a project whose cluster is not there', () => {
  it('makes it from its own Kind configuration, and deploys into it', async () => {
    const before = await plan();
    expect(before.summary).toBe(
      `Create the cluster \`${name}\`; build 1 of 1 image because it was never built here; load it to 1 node; create 1 of 1 object.`,
    );
    const { code, out, err } = await ptah('deploy', '-o', 'json');
    expect(code, err).toBe(0);
    const { result } = JSON.parse(out) as { result: DeployResult };
    expect(result).toMatchObject({
      state: 'deployed',
      summary: `Made the cluster ${name}, built ${name}, created 1 object`,
    });
    const seen = await run('docker', ['exec', `${name}-control-plane`, 'cat', '/data/seen.txt']);
    expect(seen.stdout).toBe('from the folder');
    expect((await plan()).nothingToDo).toBe(true);
  });

  it('says that the configuration changed after that, not that its comments did', async () => {
    const original = config('    extraMounts: [{ hostPath: data, containerPath: /data }]\n');
    await folder.write({ 'kind.yml': original.replace('# a comment', '# another') });
    expect((await plan()).cluster.configChanged).toBe(false);
    await folder.write({ 'kind.yml': `${original}    labels: { a: b }\n` });
    expect(await plan()).toMatchObject({
      nothingToDo: true,
      cluster: { configChanged: true },
      warnings: [{ code: 'kind-config-changed' }],
    });
    await folder.write({ 'kind.yml': original });
  });

  it('is removed with its cluster, and with no other', async () => {
    const others = (await kind('get', 'clusters')).stdout.split('\n').filter(each => each && each !== name);
    expect(others.length).toBeGreaterThan(0);
    const removed = await ptah('nuke', '--kind', '--no-docker', '--yes', '-o', 'json');
    expect(removed.code, removed.err).toBe(0);
    expect(JSON.parse(removed.out)).toMatchObject({
      result: {
        state: 'removed',
        failed: [],
        removed: expect.arrayContaining([expect.objectContaining({ group: 'cluster', outcome: 'removed' })]),
      },
    });
    // the cluster is gone, from the kubeconfig too; every other one is as it was
    const clusters = (await kind('get', 'clusters')).stdout.split('\n').filter(Boolean);
    expect(clusters).toEqual(expect.arrayContaining(others));
    expect(clusters).not.toContain(name);
    expect((await run('docker', ['ps', '-aq', '--filter', `name=^${name}-`])).stdout).toBe('');
    expect(await readFile(join(folder.home, 'kubeconfig'), 'utf8')).not.toContain(`kind-${name}`);
  });

  it('plans exactly the cluster, the load and the objects when it was deleted; the image is still built', async () => {
    const found = await plan();
    expect(found.cluster).toMatchObject({ action: 'create', exists: false });
    expect(found.images.map(({ action }) => action)).toEqual(['none']);
    expect(found.summary).toMatch(
      new RegExp(
        `^Create the cluster \`${name}\`; load \`${name}:[0-9a-f]{7}\` to 1 node; create 1 of 1 object\\.$`,
      ),
    );
  });
});

describe('a cancel while the cluster is made', () => {
  it('is over at once, and leaves no half-made cluster behind', async () => {
    const { code, err } = await runPtah(['deploy'], {
      cwd: folder.root,
      env: env(),
      interruptAt: /Preparing nodes|Writing configuration/,
    });
    expect(code).toBe(1);
    expect(err).toContain('Cancelled');
    expect((await kind('get', 'clusters')).stdout).not.toContain(name);
  });
});
