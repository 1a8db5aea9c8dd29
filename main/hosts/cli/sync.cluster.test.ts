import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPtah, testFolder, type TestFolder } from './testing.ts';

/** `ptah deploy --sync` and `ptah sync`, as processes of their own, on the real cluster. */
const run = promisify(execFile);
const cluster = process.env.PTAH_TEST_CLUSTER ?? 'ptah-test';
const node = `${cluster}-control-plane`;
const namespace = 'sync-session-cli';
const image = 'sync-session-cli';

let folder: TestFolder;
let home: TestFolder;
const docker = async (...argv: string[]) => (await run('docker', argv, { maxBuffer: 1e8 })).stdout;
const kubectl = (...argv: string[]) =>
  docker('exec', node, 'kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', '-n', namespace, ...argv);
const cat = (path: string) => kubectl('exec', 'deploy/app', '--', '/bin/busybox', 'cat', path);
const inside = (...argv: string[]) => kubectl('exec', 'deploy/app', '--', '/bin/busybox', ...argv);
const ptah = (argv: readonly string[], options: Parameters<typeof runPtah>[1] = {}) =>
  runPtah(argv, { cwd: folder.root, env: { PTAH_HOME: home.root }, ...options });

async function cleanUp(): Promise<void> {
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait');
  const mine = (await docker('images', '--format', '{{.Repository}}:{{.Tag}}'))
    .split('\n')
    .filter(name => name.startsWith(`${image}:`));
  if (mine.length > 0) await docker('rmi', '-f', ...mine);
  const held = (await docker('exec', node, 'ctr', '-n', 'k8s.io', 'images', 'ls', '-q')).split('\n');
  const loaded = held.filter(name => name.includes(`library/${image}:`));
  if (loaded.length > 0) await docker('exec', node, 'ctr', '-n', 'k8s.io', 'images', 'rm', ...loaded);
}

beforeAll(async () => {
  folder = await testFolder('shop');
  home = await testFolder('home');
  await cleanUp();
  await folder.write({
    'ptah.yml': `name: ${image}\nnamespace: ${namespace}\nkind: {name: ${cluster}}\ndockerfiles: Dockerfile$\n`,
    [`${image}/Dockerfile`]:
      'FROM scratch\nCOPY bin /bin\nCOPY app /srv/app\nCOPY conf/*.ini /srv/conf/\nCOPY shared /opt/shared\nCMD ["/bin/busybox", "sleep", "100000"]\n',
    [`${image}/app/main.py`]: 'one\n',
    [`${image}/conf/a.ini`]: 'a\n',
    [`${image}/conf/b.ini`]: 'b\n',
    [`${image}/shared/words`]: 'shared\n',
    'k8s/app.yaml': `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${namespace}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app, namespace: ${namespace}}\nspec:\n  selector: {matchLabels: {app: app}}\n  template:\n    metadata: {labels: {app: app}}\n    spec:\n      terminationGracePeriodSeconds: 0\n      containers: [{name: app, image: "ptah://${image}"}]\n`,
  });
  await mkdir(join(folder.root, image, 'bin'));
  await copyFile('/bin/busybox', join(folder.root, image, 'bin/busybox'));
  await chmod(join(folder.root, image, 'bin/busybox'), 0o755);
}, 120_000);
afterAll(async () => {
  await cleanUp();
  await folder.remove();
  await home.remove();
}, 120_000);

describe('on the real cluster', () => {
  it('deploy --sync goes on with sync, until Ctrl+C', async () => {
    const ran = await ptah(['deploy', '--sync'], {
      at: [/1 container equal to the folder/, () => void folder.write({ [`${image}/app/main.py`]: 'two\n' })],
      interruptAtOut: /app\/main\.py in \d/,
    });
    expect(ran.err).toContain('equal to the folder');
    expect(ran.out).toMatch(/app\/main\.py in \d+ ms/);
    expect(ran.code).toBe(0);
    expect(await cat('/srv/app/main.py')).toBe('two\n');
  }, 240_000);

  it('sync --once --verify brings up to date, reads the bytes, and ends', async () => {
    await folder.write({ [`${image}/app/main.py`]: 'three\n', [`${image}/app/new.py`]: 'new\n' });
    const ran = await ptah(['sync', '--once', '--verify', '--events', '--image', image]);
    expect(ran).toMatchObject({ code: 0, err: expect.stringMatching(/ 6 files read and equal/) as string });
    const events = ran.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { type: string; count: number });
    expect(events.find(({ type }) => type === 'batch')).toMatchObject({ count: 2 });
    expect(await cat('/srv/app/new.py')).toBe('new\n');
  }, 120_000);

  it('what a wildcard selected goes, a link into another synced folder comes, one that leaves is named', async () => {
    await rename(join(folder.root, image, 'conf/b.ini'), join(folder.root, image, 'conf/c.ini'));
    await symlink('../../opt/shared/words', join(folder.root, image, 'app/words'));
    await symlink('/etc/passwd', join(folder.root, image, 'app/leaves'));
    const ran = await ptah(['sync', '--once', '--verify']);
    expect(ran).toMatchObject({
      code: 0,
      err: expect.stringMatching(/warning: app\/leaves:\d+: /) as string,
    });
    expect((await inside('ls', '/srv/conf')).trim().split('\n')).toEqual(['a.ini', 'c.ini']);
    expect(await cat('/srv/app/words')).toBe('shared\n');
    expect((await inside('ls', '/srv/app')).split('\n')).not.toContain('leaves');
  }, 120_000);

  it('what can’t be reached is an error with its path, and the exit code says so', async () => {
    const shared = join(folder.root, image, 'shared');
    await rename(shared, `${shared}-away`);
    const ran = await ptah(['sync', '--once']);
    await rename(`${shared}-away`, shared);
    expect(ran).toMatchObject({
      code: 1,
      err: expect.stringContaining('"shared" is not in the context') as string,
    });
    expect(await cat('/opt/shared/words')).toBe('shared\n');
    expect((await ptah(['sync', '--once'])).code).toBe(0);
  }, 120_000);

  it('a file changed inside is named, and the exit code says that the state was not reached', async () => {
    await kubectl('exec', 'deploy/app', '--', '/bin/busybox', 'cp', '/srv/app/new.py', '/srv/app/main.py');
    const ran = await ptah(['sync', '--once']);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('/srv/app/main.py');
  }, 120_000);

  it('an image that is none of the project’s', async () => {
    const ran = await ptah(['sync', '--image', 'nope']);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain(`Its images: ${image}.`);
  }, 60_000);
});
