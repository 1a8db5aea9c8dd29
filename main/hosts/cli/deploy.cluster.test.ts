import { execFile } from 'node:child_process';
import { copyFile, realpath, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeployEvent, DeployResult, Plan } from '../../engine/deploy/index.ts';
import { runPtah, testFolder, type TestFolder } from './testing.ts';

const run = promisify(execFile);
const cluster = process.env.PTAH_TEST_CLUSTER ?? 'ptah-test';
const node = `${cluster}-control-plane`;
const namespace = 'cli-deploy';
const [api, web] = ['cli-api', 'cli-web'];

let folder: TestFolder;

const kubectl = async (...argv: string[]) =>
  (
    await run('docker', [
      'exec',
      node,
      'kubectl',
      '--kubeconfig',
      '/etc/kubernetes/admin.conf',
      '-n',
      namespace,
      ...argv,
    ])
  ).stdout;
const docker = async (...argv: string[]) => (await run('docker', argv)).stdout.trim();
const ptah = (...argv: string[]) => runPtah(argv, { cwd: folder.root, env: { PTAH_HOME: folder.home } });

async function plan(): Promise<Plan> {
  const { code, out, err } = await ptah('plan', '-o', 'json');
  expect(code, err).toBe(0);
  return JSON.parse(out) as Plan;
}
async function deploy(...argv: string[]): Promise<{ plan: Plan; result: DeployResult }> {
  const { code, out, err } = await ptah('deploy', '-o', 'json', ...argv);
  expect(code, err).toBe(0);
  return JSON.parse(out) as { plan: Plan; result: DeployResult };
}
/** What a plan would do, short. */
const doings = ({ images, loads, objects }: Plan) => [
  ...images.flatMap(({ name, action, reason }) =>
    action === 'none' ? [] : [`build ${name}: ${reason?.code}`],
  ),
  ...loads.flatMap(({ image, node, action }) => (action === 'none' ? [] : [`load ${image} to ${node}`])),
  ...objects.flatMap(({ ref, action }) => (action === 'none' ? [] : [`${action} ${ref.kind} ${ref.name}`])),
];

function deployment(name: string): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 1
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: ${name}
          image: ptah://${name}
`;
}

const dockerfile = (name: string) => `FROM scratch
COPY busybox /bin/busybox
COPY ${name}.txt /page.txt
ENTRYPOINT ["/bin/busybox", "sleep", "3600"]
`;

async function cleanUp(): Promise<void> {
  await run('docker', [
    'exec',
    node,
    'kubectl',
    '--kubeconfig',
    '/etc/kubernetes/admin.conf',
    'delete',
    'namespace',
    namespace,
    '--ignore-not-found',
    '--wait',
  ]);
  const images = (await docker('images', '--format', '{{.Repository}}:{{.Tag}}')).split('\n');
  const mine = images.filter(image => image.startsWith(`${api}:`) || image.startsWith(`${web}:`));
  if (mine.length > 0) await docker('rmi', '-f', ...mine);
  const held = await docker('exec', node, 'ctr', '-n', 'k8s.io', 'images', 'ls', '-q');
  const loaded = held.split('\n').filter(image => /library\/cli-(api|web):/.test(image));
  if (loaded.length > 0) await docker('exec', node, 'ctr', '-n', 'k8s.io', 'images', 'rm', ...loaded);
}

beforeAll(async () => {
  folder = await testFolder('cli-deploy');
  await cleanUp();
  await folder.write({
    'ptah.yml': `kind:\n  name: ${cluster}\nnamespace: ${namespace}\n`,
    [`${api}/Dockerfile`]: dockerfile(api),
    [`${api}/${api}.txt`]: 'one\n',
    [`${web}/Dockerfile`]: dockerfile(web),
    [`${web}/${web}.txt`]: 'one\n',
    'k8s/api.yaml': deployment(api),
    'k8s/web.yaml': deployment(web),
    'k8s/settings.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: "1"\n',
    // names with `-` are not what the default pattern's group takes
    'dockerfiles.md': '',
  });
  await writeFile(
    join(folder.root, 'ptah.yml'),
    `kind:\n  name: ${cluster}\nnamespace: ${namespace}\ndockerfiles: '(?P<name>[\\w-]+)/Dockerfile$'\n`,
  );
  for (const name of [api, web]) await copyFile('/bin/busybox', join(folder.root, name, 'busybox'));
});
afterAll(async () => {
  await cleanUp();
  await folder.remove();
});

describe('ptah deploy on a real cluster', () => {
  it('goes from a folder to running pods', async () => {
    const { plan, result } = await deploy();
    expect(plan.summary).toMatch(
      /^Build 2 of 2 images because they were never built here; load them to \d nodes?; create \d of \d objects\.$/,
    );
    expect(result).toMatchObject({ state: 'deployed', failedStep: null });
    const image = await kubectl(
      'get',
      'deployment',
      api,
      '-o',
      'jsonpath={.spec.template.spec.containers[0].image}',
    );
    expect(image).toBe(plan.images.find(({ name }) => name === api)?.reference);
    const pods = await kubectl('get', 'pods', '-l', `app=${api}`, '-o', 'jsonpath={.items[0].metadata.name}');
    expect(await kubectl('exec', pods, '--', '/bin/busybox', 'cat', '/page.txt')).toBe('one\n');
  });

  const versions = async () =>
    (await kubectl('get', 'all,configmaps', '-o', 'jsonpath={..resourceVersion}')).trim().split(' ').sort();

  it('does nothing when nothing changed, in under a second', async () => {
    const before = await versions();
    const { plan, result } = await deploy();
    expect(doings(plan)).toEqual([]);
    expect(plan.summary).toBe('Nothing has changed: 2 images and 3 objects are as the folder says.');
    expect(result.state).toBe('unchanged');
    expect(result.durationMs).toBeLessThan(5_000);
    expect(await versions()).toEqual(before);
  });

  it('builds, loads and rolls out only the image whose file changed', async () => {
    const untouched = await kubectl(
      'get',
      'pods',
      '-l',
      `app=${web}`,
      '-o',
      'jsonpath={.items[*].metadata.uid}',
    );
    await folder.write({ [`${api}/${api}.txt`]: 'two\n' });
    const { out, err, code } = await ptah('deploy', '--events');
    expect(code, err).toBe(0);
    const events = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as DeployEvent);
    const built = events.flatMap(event => (event.type === 'build-finished' ? [event.image] : []));
    const loaded = events.flatMap(event =>
      event.type === 'load' && event.state === 'done' ? [event.image] : [],
    );
    const changed = events.flatMap(event =>
      event.type === 'object' ? [`${event.object.result} ${event.object.ref.name}`] : [],
    );
    const first = events.find(event => event.type === 'plan');
    expect(first?.plan.summary).toMatch(
      new RegExp(
        `^Build 1 of 2 images because \`${api}.txt\` changed; load it to \\d nodes?; change 1 of 3 objects\\.$`,
      ),
    );
    expect(new Set(built)).toEqual(new Set([api]));
    expect(new Set(loaded)).toEqual(new Set([api]));
    expect(changed.filter(text => !text.startsWith('unchanged'))).toEqual([`changed ${api}`]);
    expect(events.at(-1)).toMatchObject({ type: 'result', result: { state: 'deployed' } });
    const pod = await kubectl('get', 'pods', '-l', `app=${api}`, '-o', 'jsonpath={.items[0].metadata.name}');
    expect(await kubectl('exec', pod, '--', '/bin/busybox', 'cat', '/page.txt')).toBe('two\n');
    expect(await kubectl('get', 'pods', '-l', `app=${web}`, '-o', 'jsonpath={.items[*].metadata.uid}')).toBe(
      untouched,
    );
  });
});

describe('the next plan names exactly what was taken away', () => {
  const nodes = async () => (await plan()).cluster.nodes;

  it('after docker rmi', async () => {
    const reference = (await plan()).images.find(({ name }) => name === api)?.reference ?? '';
    await docker('rmi', reference);
    const found = await plan();
    expect(doings(found)).toEqual([`build ${api}: removed-from-docker`]);
    expect(found.summary).toBe(`Build 1 of 2 images because Docker no longer has \`${reference}\`.`);
    expect((await deploy()).result.state).toBe('deployed');
    expect(doings(await plan())).toEqual([]);
  });

  it('after a Deployment was deleted', async () => {
    await kubectl('delete', 'deployment', api, '--wait');
    const found = await plan();
    expect(doings(found)).toEqual([`create Deployment ${api}`]);
    expect(found.summary).toBe('Create 1 of 3 objects.');
    expect((await deploy()).result.state).toBe('deployed');
    expect(await kubectl('get', 'deployment', api, '-o', 'jsonpath={.status.availableReplicas}')).toBe('1');
  });

  it('after an image was removed from a node', async () => {
    const { images } = await plan();
    const reference = images.find(({ name }) => name === web)?.reference ?? '';
    await docker('exec', node, 'ctr', '-n', 'k8s.io', 'images', 'rm', `docker.io/library/${reference}`);
    const found = await plan();
    expect(doings(found)).toEqual([`load ${web} to ${node}`]);
    expect(found.summary).toBe(`Load \`${reference}\` to 1 node.`);
    expect((await deploy()).result.state).toBe('deployed');
    expect(doings(await plan())).toEqual([]);
  });

  it('nothing for an image that others loaded into the nodes', async () => {
    const [image] = (await plan()).images.filter(({ name }) => name === api);
    const reference = image?.reference ?? '';
    const filter = `label=io.x-k8s.kind.cluster=${cluster}`;
    const names = (await docker('ps', '--filter', filter, '--format', '{{.Names}}')).split('\n');
    for (const name of names) {
      await docker('exec', name, 'ctr', '-n', 'k8s.io', 'images', 'rm', `docker.io/library/${reference}`);
      await run('sh', [
        '-c',
        'docker save "$1" | docker exec -i "$2" ctr -n k8s.io images import -',
        'load',
        reference,
        name,
      ]);
    }
    const after = await plan();
    expect(doings(after)).toEqual([]);
    expect(after.images.find(({ name }) => name === api)?.reference).toBe(reference);
  });

  it('after an object was changed by hand', async () => {
    await kubectl('patch', 'configmap', 'settings', '-p', '{"data":{"a":"2"}}');
    expect(doings(await plan())).toEqual([expect.stringMatching(/^(change|ask) ConfigMap settings$/)]);
    await deploy('--force', '--yes');
    expect(await kubectl('get', 'configmap', 'settings', '-o', 'jsonpath={.data.a}')).toBe('1');
    expect(await nodes()).toContain(node);
  });
});

describe('pruning', () => {
  it('names the other folder where two of one name meet', async () => {
    const other = await testFolder('cli-namesake');
    try {
      await other.write({
        'ptah.yml': `name: ${basename(folder.root)}\nkind:\n  name: ${cluster}\nnamespace: ${namespace}\n`,
        'k8s/mine.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: mine\n',
      });
      const options = { cwd: other.root, env: { PTAH_HOME: other.home } };
      const { out } = await runPtah(['plan', '-o', 'json'], options);
      const found = JSON.parse(out) as Plan;
      expect(found.warnings).toEqual([
        expect.objectContaining({
          code: 'deployed-from-another-folder',
          message: expect.stringContaining(await realpath(folder.root)) as string,
        }),
      ]);
      expect(found.prune.length).toBeGreaterThan(0);
      const { err } = await runPtah(['nuke'], options);
      expect(err).toContain(`last deployed from ${await realpath(folder.root)}`);
      expect((await plan()).warnings).toEqual([]);
    } finally {
      await other.remove();
    }
  });

  it('removes what no manifest names any more only when it is asked for', async () => {
    await folder.write({ 'k8s/settings.yaml': '' });
    expect((await plan()).prune.map(({ ref }) => ref.name)).toEqual(['settings']);
    expect((await deploy()).result.state).toBe('unchanged');
    expect(await ptah('deploy', '--prune')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--yes') as string,
    });
    expect((await deploy('--prune', '--yes')).result.summary).toBe('Pruned 1 object');
    expect((await plan()).prune).toEqual([]);
    expect(await kubectl('get', 'configmaps', '-o', 'name')).not.toContain('/settings');
  });
});

describe('what fails', () => {
  it('a build: with the line of the Dockerfile, and nothing is applied', async () => {
    const before = await kubectl('get', 'deployment', web, '-o', 'jsonpath={.metadata.generation}');
    await folder.write({ [`${web}/Dockerfile`]: dockerfile(web).replace(`${web}.txt`, 'missing.txt') });
    const { code, out, err } = await ptah('deploy', '-o', 'json');
    expect(code).toBe(1);
    expect((JSON.parse(out) as { result: DeployResult }).result).toMatchObject({ state: 'failed' });
    expect(err).toContain('missing.txt');
    expect(await kubectl('get', 'deployment', web, '-o', 'jsonpath={.metadata.generation}')).toBe(before);
    await folder.write({ [`${web}/Dockerfile`]: dockerfile(web) });
  });

  it('a container that exits: which one, and its last line', async () => {
    await folder.write({
      [`${web}/Dockerfile`]: dockerfile(web).replace(
        '"sleep", "3600"',
        '"sh", "-c", "echo cannot start: no settings; exit 3"',
      ),
    });
    const { code, out, err } = await ptah('deploy', '-o', 'json');
    expect(code).toBe(1);
    const { result } = JSON.parse(out) as { result: DeployResult };
    expect(result).toMatchObject({
      state: 'failed',
      failedStep: 'rollout',
      error: { code: 'rollout-failed' },
    });
    expect(err).toContain('cannot start: no settings');
    await folder.write({ [`${web}/Dockerfile`]: dockerfile(web) });
    expect((await deploy()).result.state).toBe('deployed');
  });

  it('a cancel by Ctrl+C: at once, and what was done stays', async () => {
    await folder.write({ [`${api}/${api}.txt`]: 'three\n' });
    const { code, err } = await runPtah(['deploy'], {
      cwd: folder.root,
      env: { PTAH_HOME: folder.home },
      interruptAt: /building cli-api/,
    });
    expect(code).toBe(1);
    expect(err).toMatch(/Cancelled/);
    expect((await deploy()).result.state).toBe('deployed');
  });
});
