import { execFile } from 'node:child_process';
import { access, copyFile, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { DeployResult, Plan } from '../../engine/deploy/index.ts';
import { openDockerDoor } from '../testing/docker-door.ts';
import { program, runPtah, testFolder, type RunPtahOptions, type TestFolder } from './testing.ts';

/** What goes wrong, as a person in a terminal meets it: real Docker, a real cluster, and faults put around them. */
const run = promisify(execFile);
const cluster = process.env.PTAH_TEST_CLUSTER ?? 'ptah-test';
const node = `${cluster}-control-plane`;
const namespace = 'cli-faults';
const kubeconfigFile = process.env.KUBECONFIG ?? join(homedir(), '.kube', 'config');

const docker = async (...argv: string[]) => (await run('docker', argv)).stdout.trim();
const kubectl = (...argv: string[]) =>
  docker('exec', node, 'kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', '-n', namespace, ...argv);

const folders: TestFolder[] = [];
const dockerfile = (...command: string[]) =>
  `FROM scratch\nCOPY busybox /bin/busybox\n${command.join('\n')}\nENTRYPOINT ["/bin/busybox", "sleep", "3600"]\n`;
const shell = (script: string) => `RUN ["/bin/busybox", "sh", "-c", "${script}"]`;
const config = (over = '') => `kind: {name: ${cluster}}\nnamespace: ${namespace}\n${over}`;
const deployment = (name: string, container = '', pod = '') => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 0
${pod}      containers:
        - name: main
          image: ptah://faulty
${container}`;

/** A project that deploys, but for what `files` says. */
async function project(name: string, files: Readonly<Record<string, string>> = {}): Promise<TestFolder> {
  const folder = await testFolder(name);
  folders.push(folder);
  await folder.write({
    'ptah.yml': config(),
    'faulty/Dockerfile': dockerfile(),
    'k8s/app.yaml': deployment('app'),
    ...files,
  });
  await copyFile('/bin/busybox', join(folder.root, 'faulty', 'busybox'));
  return folder;
}

const ptah = (folder: TestFolder, argv: readonly string[], options: RunPtahOptions = {}) =>
  runPtah(argv, { cwd: folder.root, ...options, env: { PTAH_HOME: folder.home, ...options.env } });

async function failing(folder: TestFolder, command: string, env: Readonly<Record<string, string>> = {}) {
  const found = await ptah(folder, [command, '-o', 'json'], { env });
  expect(found.code, found.err).toBe(1);
  return { ...found, json: JSON.parse(found.out) as unknown };
}
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
const builtImages = () => docker('images', 'faulty', '-q');

async function cleanUp(): Promise<void> {
  await docker(
    'exec',
    node,
    'kubectl',
    '--kubeconfig',
    '/etc/kubernetes/admin.conf',
    'delete',
    'namespace',
    namespace,
    '--ignore-not-found',
  );
  const containers = await docker('ps', '-aq', '--filter', 'name=^faults-');
  if (containers !== '') await docker('rm', '-f', ...containers.split('\n'));
  const images = await docker('images', 'faulty', '--format', '{{.Repository}}:{{.Tag}}');
  if (images !== '') await docker('rmi', '-f', ...images.split('\n'));
  const held = await docker('exec', node, 'ctr', '-n', 'k8s.io', 'images', 'ls', '-q');
  const loaded = held.split('\n').filter(image => image.includes('library/faulty:'));
  if (loaded.length > 0) await docker('exec', node, 'ctr', '-n', 'k8s.io', 'images', 'rm', ...loaded);
}

beforeAll(cleanUp);
afterAll(async () => {
  await cleanUp();
  for (const folder of folders) await folder.remove();
});

describe('what the folder says', () => {
  it('a ptah.yml that is wrong: line, column, and what is allowed', async () => {
    const folder = await project('config');
    const wrong: [string, RegExp][] = [
      [
        'kind:\n  nam: dev\n',
        /^error: ptah\.yml:2:3: There is no key “kind\.nam”.*\n {2}.*Allowed here: name, config/m,
      ],
      ['kind: {name: dev}\nkind: {name: b}\n', /^error: ptah\.yml:2:1: The key “kind” is there twice/m],
      ['kind:\n\tname: dev\n', /^error: ptah\.yml:2:1: Tabs are not allowed/m],
      ['kind: [dev\n', /^error: ptah\.yml:\d+:\d+: /m],
      ['kind: {name: dev}\napi_server: {port: high}\n', /^error: ptah\.yml:2:20: .*whole number/m],
    ];
    for (const [text, message] of wrong) {
      await folder.write({ 'ptah.yml': text });
      const { err, json } = await failing(folder, 'deploy');
      expect(err).toMatch(message);
      expect(json).toMatchObject({
        plan: null,
        result: { state: 'failed', error: { code: 'config-invalid' } },
      });
    }
    // mended, it goes on
    await folder.write({ 'ptah.yml': config() });
    expect(await ptah(folder, ['plan'])).toMatchObject({ code: 0 });
  });

  it('no ptah.yml, and a folder that vanished: what to do about it', async () => {
    const folder = await project('vanished');
    await rename(join(folder.root, 'ptah.yml'), join(folder.root, 'elsewhere.yml'));
    expect((await failing(folder, 'plan')).err).toMatch(
      /^error: Neither .* holds a ptah\.yml\.\n {2}Open the folder/m,
    );
    const gone = await ptah(folder, ['deploy', '--project', join(folder.root, 'gone')]);
    expect(gone).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error: There is no folder .*gone/m) as string,
    });
    const result = await ptah(folder, ['plan', '-o', 'json', '--project', join(folder.root, 'gone')]);
    expect(JSON.parse(result.out)).toMatchObject({ error: { code: 'folder-missing' } });
  });

  it('a regular expression that never ends is stopped, and named', async () => {
    const long = 'b'.repeat(48);
    const folder = await project('endless', {
      'ptah.yml': config('manifests: (\\w+\\s?)+$\n'),
      [`${long}!.yml`]: '',
    });
    const { err, milliseconds, json } = await failing(folder, 'plan');
    expect(err).toMatch(
      /^error: ptah\.yml:3:\d+: manifests: Matching the regular expression .* took longer than/m,
    );
    expect(json).toMatchObject({ runnable: false });
    expect(milliseconds).toBeLessThan(15_000);
  });

  it('YAML with duplicate keys, tabs, wrong and enormous anchors: each by its place', async () => {
    const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n';
    const laughs = Array.from(
      { length: 11 },
      (_, at) => `x${at + 1}: &x${at + 1} [${Array(9).fill(`*x${at}`).join(',')}]\n`,
    );
    const folder = await project('yaml', {
      'k8s/twice.yaml': `${head}  name: twice\ndata:\n  a: "1"\n  a: "2"\n`,
      'k8s/tab.yaml': `${head}\tname: tab\n`,
      'k8s/anchor.yaml': `${head}  name: anchor\n  labels: *nothing\n`,
      'k8s/laughs.yaml': `${head}  name: laughs\nx0: &x0 [a, a, a]\n${laughs.join('')}`,
      'k8s/good.yaml': `${head}  name: good\n  labels: &labels {a: b}\n  annotations: *labels\n`,
    });
    const { err, json } = await failing(folder, 'deploy');
    expect(err).toMatch(/^error: k8s\/twice\.yaml:7:3: The key "a" stands here a second time.*\n {2}\S/m);
    expect(err).toMatch(/^error: k8s\/tab\.yaml:4:1: A tab .*\n {2}Indent with spaces/m);
    expect(err).toMatch(/^error: k8s\/anchor\.yaml:5:11: There is no anchor "&nothing".*\n {2}\S/m);
    expect(err).toMatch(/^error: k8s\/laughs\.yaml:1:1: .*enormous.*\n {2}\S/m);
    expect(err).not.toContain('good.yaml');
    expect(json).toMatchObject({
      result: { state: 'failed', failedStep: 'scan', error: { code: 'plan-blocked' } },
    });
    expect(await builtImages()).toBe('');
    expect(await exists(join(folder.root, '.build'))).toBe(false);
  });

  it('10 MB of YAML and a byte order mark are read as they stand', async () => {
    const block = `    ${'x'.repeat(100)}\n`.repeat(500);
    const big = Array.from(
      { length: 200 },
      (_, at) => `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x${at}\ndata:\n  a: |\n${block}`,
    );
    const folder = await project('large', {
      'k8s/large.yaml': `${big.join('')}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: last\ndata: {a: ptah://faulty}\n`,
      'k8s/mark.yaml':
        '\uFEFFapiVersion: v1\nkind: ConfigMap\nmetadata: {name: mark}\ndata: {a: ptah://faulty}\n',
    });
    const { code, out, err } = await ptah(folder, ['manifests', '-o', 'json']);
    expect(code, err).toBe(0);
    const found = JSON.parse(out) as { path: string; rewritten: string; references: object[] }[];
    const of = (path: string) => found.find(each => each.path === path);
    expect(of('k8s/large.yaml')?.references).toMatchObject([{ line: 101_406, column: 11, name: 'faulty' }]);
    expect(of('k8s/mark.yaml')?.rewritten).toMatch(/^\uFEFFapiVersion: v1\n[^]*\{a: faulty:[0-9a-f]{7}\}\n$/);
  });

  it('a Dockerfile that does not parse, and an unknown name, stop before anything is built', async () => {
    const folder = await project('dockerfile', {
      'faulty/Dockerfile': 'FRM scratch\nCOPY busybox\n',
      'k8s/app.yaml': deployment('app').replace('ptah://faulty', 'ptah://fautly'),
    });
    const { err } = await failing(folder, 'deploy');
    expect(err).toMatch(
      /^error: faulty\/Dockerfile:1:1: "FRM" is no Dockerfile instruction\.\n {2}Did you mean FROM\?/m,
    );
    expect(err).toMatch(/^error: faulty\/Dockerfile:2:6: COPY needs a source and a target/m);
    expect(err).toMatch(/^error: k8s\/app\.yaml:13:18: No image .* "fautly"\.\n {2}.*faulty/m);
    expect(err.match(/FRM/g), 'said in the step and once as a problem').toHaveLength(2);
    expect(await builtImages()).toBe('');
    expect(await exists(join(folder.root, '.build'))).toBe(false);
  });

  it('imagePullPolicy: Always is refused by its line', async () => {
    const folder = await project('always', {
      'k8s/app.yaml': deployment('app', '          imagePullPolicy: Always\n'),
    });
    expect((await failing(folder, 'plan')).err).toMatch(
      /^error: k8s\/app\.yaml:14:28: .*\n {2}Write IfNotPresent/m,
    );
  });
});

describe('Docker', () => {
  it('that does not run: what to start', async () => {
    const folder = await project('no-docker');
    const { err, json } = await failing(folder, 'deploy', { DOCKER_HOST: `unix://${folder.home}/none.sock` });
    expect(err).toMatch(/^error: Cannot deploy: Docker is not running at unix:.*\n {2}Start Docker/m);
    expect(json).toMatchObject({ result: { failedStep: 'scan' } });
  });

  it('a build that fails: the line of the Dockerfile and what was printed; mended, the next deploy goes on', async () => {
    const folder = await project('build', {
      'faulty/Dockerfile': dockerfile(shell('echo looking; echo no flour >&2; exit 7')),
      'k8s/app.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: build}\n',
    });
    const { err, json } = await failing(folder, 'build');
    expect(err).toMatch(
      /^error: Building faulty failed at faulty\/Dockerfile, line 3: RUN .*\(exit code 7\)\n {2}Mend the/m,
    );
    expect(err).toMatch(/^ {2}\| no flour$/m);
    expect(json).toMatchObject({
      result: {
        failedStep: 'build',
        error: { details: { file: 'faulty/Dockerfile', line: 3, exitCode: 7 } },
      },
    });
    expect(await exists(join(folder.root, '.build'))).toBe(false);
    await folder.write({ 'faulty/Dockerfile': dockerfile(shell('exit 0')) });
    expect((await ptah(folder, ['build'])).code).toBe(0);
  });

  it('that stops in the middle of a build: said, nothing half-written, and the next deploy goes on', async () => {
    const folder = await project('cut', {
      'faulty/Dockerfile': dockerfile(shell('echo begun; sleep 4321')),
      'k8s/app.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cut}\n',
    });
    await mkdir(folder.home, { recursive: true });
    const door = await openDockerDoor(join(folder.home, 'docker.sock'));
    try {
      const env = { DOCKER_HOST: door.host };
      const { code, out, err } = await ptah(folder, ['build', '-o', 'json'], {
        env,
        at: [/\| begun/, () => void door.shut()],
      });
      expect(code, err).toBe(1);
      expect(err).toMatch(/^error: .*Docker.*\n {2}\S/m);
      expect(JSON.parse(out)).toMatchObject({
        result: { state: 'failed', failedStep: 'build', error: { code: 'docker-unreachable' } },
      });
      expect(await exists(join(folder.root, '.build'))).toBe(false);
      await door.open();
      await folder.write({ 'faulty/Dockerfile': dockerfile(shell('echo well')) });
      const again = await ptah(folder, ['build'], { env });
      expect(again.code, again.err).toBe(0);
    } finally {
      await door.shut();
    }
    await noProcess('sleep 4321');
  });
});

/** Waits a moment for the engine to end what nobody wants any more. */
async function noProcess(command: string): Promise<void> {
  await expect
    .poll(
      async () =>
        (await run('ps', ['-eo', 'args'])).stdout.split('\n').filter(line => line.endsWith(command)),
      {
        timeout: 5_000,
      },
    )
    .toEqual([]);
}

describe('a full disk', () => {
  /** Runs ptah where `folder` lies on a file system of its own, filled up to `left` KiB. */
  const onFullDisk = async (folder: TestFolder, directory: string, left: number, ...argv: string[]) => {
    const script = `
      cp -r "$1" "$1.copy" && mount -t tmpfs -o size=16m tmpfs "$1" && cp -r "$1.copy/." "$1" && cd "$1" &&
      free=$(df -k --output=avail . | tail -1) && head -c $(( (free - $2) * 1024 )) /dev/zero > filler && cd "$3" && shift 3
      "$@"; code=$?; echo "left: $(ls -A "$directory" | tr '\\n' ' ')" >&2; exit $code`;
    const all = ['-rm', 'sh', '-c', script, 'sh', directory, String(left), folder.root, process.execPath];
    const env = { ...process.env, INIT_CWD: folder.root, PTAH_HOME: folder.home, directory };
    return run('unshare', [...all, '--disable-warning=ExperimentalWarning', program, ...argv], { env }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  };

  it('below PTAH_HOME: said, and what was there is unharmed', async () => {
    const folder = await project('home');
    await mkdir(folder.home, { recursive: true });
    expect((await ptah(folder, ['build', 'none'])).code).toBe(1);
    const known = await readFile(join(folder.home, 'projects.json'), 'utf8');
    const { code, stderr } = await onFullDisk(folder, folder.home, 0, 'deploy');
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/^error: .*no space left.*\n {2}Check the space on the disk/m);
    expect(stderr).not.toMatch(/left:.*\.(tmp|lock|broken)/);
    expect(JSON.parse(known)).toMatchObject({ projects: [{ name: 'home' }] });
  });

  it('below the project: the manifests are written whole or not at all', async () => {
    const folder = await project('output', {
      'k8s/app.yaml': `${deployment('app')}${'# filling\n'.repeat(40_000)}`,
    });
    const { code, stderr } = await onFullDisk(folder, folder.root, 100, 'build', '-o', 'json');
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(
      /^error: The manifests can't be written to \.build: .*no space left.*\n {2}Check free space/m,
    );
    expect(stderr).toMatch(/^left: (?!.*\.build)/m);
  });
});

describe('the cluster', () => {
  interface Entry {
    readonly name: string;
    readonly cluster: Record<string, unknown>;
  }
  /** A kubeconfig with one context. */
  async function kubeconfig(
    folder: TestFolder,
    context: string,
    over: { readonly server?: string; readonly user?: object; readonly current?: string } = {},
  ): Promise<Record<string, string>> {
    const real = parse(await readFile(kubeconfigFile, 'utf8')) as {
      readonly clusters: readonly Entry[];
      readonly users: readonly { readonly name: string; readonly user: object }[];
    };
    const own = real.clusters.find(({ name }) => name === `kind-${cluster}`)?.cluster ?? {};
    const user = over.user ?? real.users.find(({ name }) => name === `kind-${cluster}`)?.user;
    const path = join(folder.home, 'kubeconfig');
    await mkdir(dirname(path), { recursive: true });
    const text = stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': over.current ?? context,
      clusters: [{ name: 'c', cluster: { ...own, ...(over.server && { server: over.server }) } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: context, context: { cluster: 'c', user: 'u' } }],
    });
    await writeFile(path, text);
    return { KUBECONFIG: path };
  }

  it('that was deleted: the plan makes it anew, and never uses the current context instead', async () => {
    const asked: string[] = [];
    const stranger = createServer(socket => void asked.push(String(socket.remotePort))).listen(
      0,
      '127.0.0.1',
    );
    await new Promise(resolve => stranger.once('listening', resolve));
    const { port } = stranger.address() as { port: number };
    try {
      const folder = await project('deleted', { 'ptah.yml': 'kind: {name: faults-deleted}\n' });
      const env = await kubeconfig(folder, 'production', { server: `https://127.0.0.1:${port}` });
      const { code, out, err } = await ptah(folder, ['plan', '-o', 'json'], { env });
      expect(code, err).toBe(0);
      expect(JSON.parse(out)).toMatchObject({
        runnable: true,
        cluster: { name: 'faults-deleted', context: 'kind-faults-deleted', exists: false, action: 'create' },
      });
      expect((JSON.parse(out) as Plan).summary).toMatch(
        /^Create the cluster `faults-deleted`; build 1 of 1 image/,
      );
      expect(asked).toEqual([]);
    } finally {
      stranger.close();
    }
  });

  it('a context that is not ours is refused, far away or at the end of a tunnel', async () => {
    const folder = await project('foreign');
    for (const server of ['https://production.example:6443', 'https://127.0.0.1:9'])
      expect(
        (await failing(folder, 'plan', await kubeconfig(folder, `kind-${cluster}`, { server }))).err,
      ).toMatch(
        /^error: The context kind-\S+ points to \S+, which is not the Kind cluster .*\n {2}Rename that context/m,
      );
    await folder.write({ 'ptah.yml': 'kind: {name: faults-deleted}\n' });
    const env = await kubeconfig(folder, 'kind-faults-deleted', {
      server: 'https://production.example:6443',
    });
    expect((await failing(folder, 'deploy', env)).err).toMatch(/^error: .*would overwrite it\.\n {2}Rename/m);
  });

  it('a kubeconfig that is broken, and credentials that are not accepted: that, and not the cluster', async () => {
    const folder = await project('credentials');
    const env = await kubeconfig(folder, `kind-${cluster}`, { user: { token: 'expired' } });
    const refused = await failing(folder, 'plan', env);
    expect(refused.err).toMatch(
      /^error: The API server does not accept the credentials.*\n {2}.*kind export kubeconfig/m,
    );
    await writeFile(join(folder.home, 'kubeconfig'), 'a: [\n');
    expect((await failing(folder, 'plan', env)).err).toMatch(
      /^error: .*kubeconfig:2:1: The kubeconfig .* is no valid YAML.*\n {2}Mend the file/m,
    );
  });

  it('whose node is stopped, or whose API server is silent: what to start', async () => {
    await docker('build', '-q', '-t', 'faulty:node', (await nodeFolder()).root);
    for (const [name, start] of [
      ['faults-stopped', 'create'],
      ['faults-silent', 'run'],
    ] as const) {
      const labels = ['cluster', 'role'].flatMap(key => [
        '--label',
        `io.x-k8s.kind.${key}=${key === 'cluster' ? name : 'control-plane'}`,
      ]);
      await docker(
        start,
        ...(start === 'run' ? ['-d'] : []),
        '--name',
        `${name}-control-plane`,
        ...labels,
        'faulty:node',
      );
    }
    const folder = await project('stopped', { 'ptah.yml': 'kind: {name: faults-stopped}\n' });
    expect((await failing(folder, 'plan')).err).toMatch(
      /^error: .*is stopped.*\n {2}.*docker start faults-stopped-control-plane/m,
    );
    await folder.write({ 'ptah.yml': 'kind: {name: faults-silent}\n' });
    const env = await kubeconfig(folder, 'kind-faults-silent', { server: 'https://127.0.0.1:9' });
    expect((await failing(folder, 'plan', env)).err).toMatch(
      /^error: The cluster `faults-silent` does not answer.*\n {2}\S/m,
    );
  });

  async function nodeFolder(): Promise<TestFolder> {
    const folder = await testFolder('node');
    folders.push(folder);
    await folder.write({ Dockerfile: dockerfile() });
    await copyFile('/bin/busybox', join(folder.root, 'busybox'));
    return folder;
  }

  it('objects that it refuses: kind, field and size, by the line in the manifest', async () => {
    await docker(
      'exec',
      node,
      'kubectl',
      '--kubeconfig',
      '/etc/kubernetes/admin.conf',
      'create',
      'namespace',
      namespace,
    );
    const service = (ports: string) =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n${ports}`;
    const folder = await project('refused', {
      'k8s/kind.yaml': 'apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: x}\n',
      'k8s/port.yaml': service('  ports:\n    - port: 99999\n'),
      'k8s/field.yaml': service('  prots:\n    - port: 80\n').replace('web', 'field'),
      'k8s/large.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large}\ndata:\n  a: |\n${`    ${'x'.repeat(100)}\n`.repeat(40_000)}`,
    });
    const { err } = await failing(folder, 'deploy');
    expect(err).toMatch(
      /^error: k8s\/kind\.yaml:1: The cluster does not know Gadget in example\.com\/v1\.\n {2}\S/m,
    );
    expect(err).toMatch(
      /^error: k8s\/port\.yaml:6: .*spec\.ports\[0\]\.port: Invalid value: 99999.*\n {2}Mend/m,
    );
    expect(err).toMatch(
      /^error: k8s\/field\.yaml:5: .*\.spec\.prots: field not declared in schema.*\n {2}Mend/m,
    );
    expect(err).toMatch(/^error: k8s\/large\.yaml:1: .*too large.*\n {2}.*at most 1 MiB/m);
    expect(await kubectl('get', 'services', '-o', 'name')).toBe('');
  });

  it('what the user may not do: said with the right that is missing', async () => {
    await kubectl('create', 'serviceaccount', 'reader');
    await kubectl(
      'create',
      'role',
      'reader',
      '--verb=get,list,watch',
      '--resource=pods,configmaps,deployments.apps',
    );
    await kubectl('create', 'rolebinding', 'reader', '--role=reader', `--serviceaccount=${namespace}:reader`);
    const user = { token: await kubectl('create', 'token', 'reader') };
    const folder = await project('rights');
    const { err } = await failing(folder, 'deploy', await kubeconfig(folder, `kind-${cluster}`, { user }));
    expect(err).toMatch(
      /^error: k8s\/app\.yaml:1: Not allowed to apply deployments "app".*cannot patch resource "deployments".*\n {2}Ask for a Role/m,
    );
    expect(await kubectl('get', 'deployments', '-o', 'name')).toBe('');
  });

  it('workloads that cannot settle: which container, why, its last words, and what to try', async () => {
    const folder = await project('unsettled', {
      'k8s/app.yaml': [
        deployment(
          'crashing',
          '          args: ["3600"]\n          command: ["/bin/busybox", "sh", "-c", "echo no settings found; exit 3"]\n',
        ),
        deployment('unpulled').replace('ptah://faulty', 'no-registry.invalid/x:1'),
        deployment('unplaced', '          resources: {requests: {cpu: "5000"}}\n'),
        deployment('unready', '          readinessProbe: {tcpSocket: {port: 9}}\n').replace(
          'spec:',
          'spec:\n  progressDeadlineSeconds: 8',
        ),
      ].join('---\n'),
    });
    const { err, json } = await failing(folder, 'deploy');
    const { result } = json as { result: DeployResult };
    expect(result).toMatchObject({
      state: 'failed',
      failedStep: 'rollout',
      error: { code: 'rollout-failed' },
    });
    expect(err).toMatch(
      /^ {4}The container main crashes: exit code 3.*\n {4}Its last log lines say why.*\n {4}\| no settings found$/m,
    );
    expect(err).toMatch(
      /^ {4}The image no-registry\.invalid\/x:1 cannot be pulled: (?!Error).*\n {4}Check the name/m,
    );
    expect(err).toMatch(/^ {4}No node takes the pod: .*Insufficient cpu.*\n {4}Lower the requests/m);
    expect(err).toMatch(/^ {4}.*not ready.*refused.*\n {4}\S/im);
    expect(err).toMatch(/^error: Deployment \S+ has not settled: /m);
  });
});

it('two terminals on one project: the second is refused, and says who is at it', async () => {
  // Another command each time: a step that the builder remembers would be over before it begins. It
  // lasts until the second was refused, however slow this machine is.
  const long = `sleep ${8_000 + (Date.now() % 1_000)}`;
  const folder = await project('twice', {
    'faulty/Dockerfile': dockerfile(shell(`echo begun; ${long}`)),
    'k8s/app.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\n',
  });
  const over = new AbortController();
  let second: ReturnType<typeof ptah> | undefined;
  const first = await ptah(folder, ['build'], {
    interruptBy: over.signal,
    at: [
      /\| begun/,
      () => void (second = ptah(folder, ['deploy', '-o', 'json']).finally(() => over.abort())),
    ],
  });
  const refused = await second;
  expect(first.code, first.err).toBe(1);
  await noProcess(long);
  expect(refused?.code).toBe(1);
  expect(refused?.err).toMatch(
    /^error: twice is being deployed, built or removed by process \d+\.\n {2}Wait for its end/m,
  );
  expect(JSON.parse(refused?.out ?? '')).toMatchObject({
    result: { state: 'failed', error: { code: 'deploy-running' } },
  });
  await folder.write({ 'faulty/Dockerfile': dockerfile() });
  expect((await ptah(folder, ['build'])).code).toBe(0);
});

describe('a cancel by Ctrl+C', () => {
  it('in the middle of a build is over within a second, and leaves nothing running', async () => {
    const folder = await project('cancel', {
      'faulty/Dockerfile': dockerfile(shell('echo begun; sleep 8765')),
    });
    const { code, out, err, afterInterruptMs } = await ptah(folder, ['build', '-o', 'json'], {
      interruptAt: /\| begun/,
    });
    expect(code, err).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ result: { state: 'cancelled' } });
    expect(afterInterruptMs).toBeLessThan(3_000);
    await noProcess('sleep 8765');
    expect((await readdir(folder.root)).toSorted()).toEqual(['faulty', 'k8s', 'ptah.yml']);
  });

  it('in the middle of a rollout is over within a second, and what was done stays', async () => {
    const folder = await project('cancel-rollout', {
      'k8s/app.yaml': deployment('waiting', '          readinessProbe: {tcpSocket: {port: 9}}\n'),
    });
    const { code, err, afterInterruptMs } = await ptah(folder, ['deploy'], { interruptAt: /▸ rollout/ });
    expect(code, err).toBe(1);
    expect(err).toMatch(/^Cancelled after this: .*created 1 object/m);
    expect(afterInterruptMs).toBeLessThan(3_000);
    expect(await kubectl('get', 'deployment', 'waiting', '-o', 'name')).toBe('deployment.apps/waiting');
  });
});
