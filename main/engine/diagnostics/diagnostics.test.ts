import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { fakeDocker } from '../docker/testing.ts';
import { PtahError } from '../errors/index.ts';
import type { RunResult, Tools } from '../tools/index.ts';
import { createDiagnostics, type DiagnosticsDeps, type Machine } from './index.ts';

const nodeImage = 'kindest/node:v1.34.4';

function fakeTools(found: readonly string[], ran: string[] = []): Tools {
  const present = new Set(found);
  return {
    find: async name => (present.has(name) ? { name, path: `/usr/bin/${name}` } : null),
    searchPath: async () => ['/usr/bin'],
    async run(name, argv, options): Promise<RunResult> {
      ran.push([name, ...argv].join(' '));
      options?.onLine?.(`${name} says hello`, 'stdout');
      if (name === 'go') present.add('kind');
      return { command: [name, ...argv], exitCode: 0, stdout: `${name} v1\n`, stderr: '' };
    },
  };
}

function subject(over: Partial<DiagnosticsDeps> = {}, machine: Partial<Machine> = {}) {
  return createDiagnostics({
    tools: fakeTools(['kind']),
    home: { config: tmpdir(), cache: tmpdir(), socket: '' },
    env: {},
    docker: () =>
      fakeDocker({
        images: [
          { id: 'sha256:1', tags: [nodeImage], labels: {}, size: 1, createdAt: '2026-01-01T00:00:00Z' },
        ],
      }),
    settings: async () => ({
      theme: 'system',
      kindNodeImage: nodeImage,
      dockerHost: null,
      rolloutTimeoutSeconds: 180,
    }),
    helmfileProjects: async () => [],
    machine: {
      platform: 'linux',
      arch: 'x64',
      isRoot: true,
      readText: async () => '524288\n',
      exists: () => false,
      freeBytes: async () => 50 * 1024 ** 3,
      memoryBytes: 16 * 1024 ** 3,
      ...machine,
    },
    ...over,
  });
}
const stopped = () =>
  fakeDocker({
    failure: new PtahError('docker-unreachable', 'Docker is not running.', { hint: 'Start it.' }),
  });

it('finds nothing wrong with a good machine', async () => {
  const diagnostics = subject();
  const results = await Promise.all(diagnostics.list().map(({ id }) => diagnostics.run(id)));
  expect(results.map(({ id, state }) => [id, state])).toEqual([
    ['docker', 'ok'],
    ['kind', 'ok'],
    ['node-image', 'ok'],
    ['helm', 'not-needed'],
    ['helmfile', 'not-needed'],
    ['disk', 'ok'],
    ['memory', 'ok'],
    ['inotify', 'ok'],
    ['path', 'ok'],
  ]);
});

describe('Docker', () => {
  const fixes = async (tools: string[], machine: Partial<Machine> = {}) =>
    (await subject({ docker: stopped, tools: fakeTools(tools) }, machine).run('docker')).fixes;

  it('that is stopped is started in the way of the machine', async () => {
    const [fix] = await fixes(['dockerd'], { exists: path => path === '/run/systemd/system' });
    expect(fix).toEqual({
      id: 'start',
      title: 'Start Docker',
      commands: ['systemctl start docker'],
      automatic: true,
    });
    expect(
      (await fixes(['dockerd'], { exists: path => path === '/etc/init.d/docker' }))[0]?.commands,
    ).toEqual(['service docker start']);
  });

  it('that is missing is installed where apt is', async () => {
    const [fix] = await fixes(['apt-get']);
    expect(fix).toMatchObject({ id: 'install', automatic: true });
    expect(fix?.commands.join()).toContain('apt-get install -y --no-install-recommends docker.io');
  });

  it('is mended by hand where nothing may be run', async () => {
    const [fix] = await fixes(['dockerd'], { isRoot: false });
    expect(fix).toMatchObject({ automatic: false, commands: [expect.stringMatching(/^sudo /)] });
    expect((await fixes([], {}))[0]).toMatchObject({ automatic: false });
    expect((await fixes([], { platform: 'darwin' }))[0]?.commands).toEqual(['open -a Docker']);
  });

  it('says what it saw', async () => {
    expect(await subject({ docker: stopped }).run('docker')).toMatchObject({
      state: 'failed',
      summary: 'Docker is not running.',
      hint: 'Start it.',
    });
  });

  it('is waited for after it was started', async () => {
    const docker = stopped();
    const ran: string[] = [];
    const tools = fakeTools(['dockerd'], ran);
    const starting: Tools = {
      ...tools,
      async run(name, argv, options) {
        docker.setFailure(null);
        return tools.run(name, argv, options);
      },
    };
    const log: string[] = [];
    const diagnostics = subject(
      { docker: () => docker, tools: starting },
      { exists: path => path === '/etc/init.d/docker' },
    );
    await diagnostics.fix('docker', 'start', line => log.push(line), new AbortController().signal);
    expect(ran).toEqual(['service docker start']);
    expect(log).toEqual(['$ service docker start', 'service says hello', 'Docker answers.']);
  });
});

describe('kind', () => {
  it('is installed by go where that is', async () => {
    const ran: string[] = [];
    const diagnostics = subject({ tools: fakeTools(['go'], ran) });
    const [fix] = (await diagnostics.run('kind')).fixes;
    expect(fix).toMatchObject({ automatic: true });
    await diagnostics.fix('kind', fix!.id, () => {}, new AbortController().signal);
    expect(ran).toEqual(['go install sigs.k8s.io/kind@v0.33.0']);
    expect((await diagnostics.run('kind')).state).toBe('ok');
  });

  it('is downloaded by hand elsewhere, and refuses to be fixed by us', async () => {
    const diagnostics = subject({ tools: fakeTools([]) });
    expect((await diagnostics.run('kind')).fixes[0]?.commands[0]).toContain('kind-linux-amd64');
    await expect(
      diagnostics.fix('kind', 'install', () => {}, new AbortController().signal),
    ).rejects.toMatchObject({ code: 'fix-manual' });
  });
});

describe('the node image', () => {
  it('that is neither here nor to be had fails', async () => {
    const docker = () => fakeDocker({ images: [], stream: async () => ({ status: 500, body: '' }) });
    expect(await subject({ docker }).run('node-image')).toMatchObject({ state: 'failed' });
  });

  it('that can be pulled is fine', async () => {
    const docker = () => fakeDocker({ images: [], stream: async () => ({ status: 200, body: '{}' }) });
    expect(await subject({ docker }).run('node-image')).toMatchObject({ state: 'ok' });
  });
});

it('misses helm only where a project has a Helmfile', async () => {
  const diagnostics = subject({ helmfileProjects: async () => ['dashboard'] });
  expect(await diagnostics.run('helmfile')).toMatchObject({
    state: 'failed',
    summary: expect.stringContaining('dashboard has a Helmfile'),
  });
});

it('warns of little room, memory and watches', async () => {
  const low = subject({}, { freeBytes: async () => 1e9, memoryBytes: 2e9, readText: async () => '8192' });
  expect((await low.run('disk')).state).toBe('failed');
  expect((await low.run('memory')).state).toBe('warning');
  expect(await low.run('inotify')).toMatchObject({
    state: 'warning',
    fixes: [{ id: 'raise', automatic: true }],
  });
});

it('takes a check that breaks as failed, and an unknown one as an error', async () => {
  const docker = () => {
    throw new Error('no endpoint');
  };
  expect(await subject({ docker }).run('node-image')).toMatchObject({
    state: 'failed',
    summary: 'no endpoint',
  });
  await expect(subject().run('nothing')).rejects.toMatchObject({ code: 'check-unknown' });
});
