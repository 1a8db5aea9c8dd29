import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from './commands.ts';
import { runPtah, testFolder, type Ran, type TestFolder } from './testing.ts';

let folder: TestFolder;
/** Neither Docker nor a cluster can be reached. */
const alone = () => ({
  DOCKER_HOST: 'unix:///nowhere/docker.sock',
  KUBECONFIG: '/nowhere',
  PTAH_HOME: folder.home,
});
const ptah = (...argv: string[]): Promise<Ran> => runPtah(argv, { cwd: folder.root, env: alone() });

beforeAll(async () => {
  folder = await testFolder('shop');
  await folder.write({
    'ptah.yml': 'kind:\n  name: dev\n',
    'api/Dockerfile': 'FROM scratch\nCOPY . /srv/\n',
    'api/main.py': 'print(1)\n',
    'web/Dockerfile': 'FROM ptah://api\n',
    'k8s/api.yaml': [
      'apiVersion: v1',
      'kind: Pod',
      'metadata:',
      '  name: api',
      'spec:',
      '  containers:',
      '    - name: api',
      '      image: ptah://api',
      '',
    ].join('\n'),
  });
});
afterAll(() => folder.remove());

describe('without Docker', () => {
  it.each([['build'], ['deploy'], ['build', '-o', 'json']])('says it once: %s %s %s', async (...argv) => {
    const { code, err } = await ptah(...argv);
    expect(code).toBe(1);
    const errors = err.split('\n').filter(line => line.startsWith('error:'));
    expect(errors).toEqual([expect.stringContaining('Docker is not running at unix:///nowhere/docker.sock')]);
    expect(err.match(/Start Docker/g)).toHaveLength(1);
  });
});

describe('the program', () => {
  it('has a version', async () => {
    const expected = /^\d+\.\d+\.\d+\n$/;
    expect((await ptah('--version')).out).toMatch(expected);
    expect(await ptah('version')).toMatchObject({ code: 0, out: expect.stringMatching(expected) });
    expect(JSON.parse((await ptah('version', '-o', 'json')).out)).toEqual({
      version: expect.stringMatching(/^\d/),
    });
  });

  it('takes what all commands share before the command, too', async () => {
    const { code, out } = await ptah('images', '-o', 'json', '--project', 'api');
    expect(JSON.parse(out)).toHaveLength(2);
    expect(await ptah('-o', 'json', '--project=api', 'images')).toMatchObject({ code, out });
    expect(await ptah('-ojson', '--project', 'api', 'images')).toMatchObject({ code, out });
    for (const wrong of [['-o'], ['--project', 'api'], ['--nope', 'images'], ['-o', 'xml', 'images']])
      expect([wrong, await ptah(...wrong)]).toMatchObject([wrong, { code: 2, out: '' }]);
  });

  it('explains itself', async () => {
    expect((await ptah('--help')).out).toContain('Usage: ptah COMMAND');
    expect((await ptah('deploy', '--help')).out).toContain('--prune');
    expect((await ptah('help', 'hash')).out).toContain('--algorithm');
  });

  it('is explained in the user guide, every command with every option', async () => {
    const guide = await readFile(new URL('../../../docs/user-guide.md', import.meta.url), 'utf8');
    const rows = guide.slice(guide.indexOf('## In the terminal')).split('\n');
    for (const { name, help } of commands.filter(({ hidden }) => !hidden)) {
      const row = rows.find(line => new RegExp(`^\\| \`${name}[\` ]`).test(line));
      expect(row, `the guide's row of ptah ${name}`).toBeDefined();
      const options = help.flatMap(line => /^\s*(?:-\w, )?(--[\w-]+)/.exec(line)?.[1] ?? []);
      expect(options.filter(option => !row?.includes(option))).toEqual([]);
    }
  });

  it.each([
    [[], /Usage/],
    [['bogus'], /unknown command bogus/],
    [['images', '--bogus'], /--bogus/],
    [['images', 'extra'], /does not take extra/],
    [['images', '-o', 'xml'], /json, yaml or text/],
    [['hash'], /needs an argument/],
  ])('%j is wrong use', async (argv, message) => {
    const { code, out, err } = await ptah(...argv);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(message);
  });
});

describe('hash', () => {
  it('prints the full hash and the folder, needs no project, and goes on after a failure', async () => {
    const { code, out, err } = await runPtah(['hash', 'api', 'nowhere', join(folder.root, 'web')], {
      cwd: folder.root,
      env: alone(),
    });
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`^[0-9a-f]{32}  api\n[0-9a-f]{32}  ${join(folder.root, 'web')}\n$`));
    expect(err).toContain('nowhere');
  });

  it('takes the algorithm, and names one that is not known', async () => {
    expect((await ptah('hash', '--algorithm', 'sha256', 'api')).out).toMatch(/^[0-9a-f]{64} {2}api\n$/);
    expect(await ptah('hash', '--algorithm', 'crc', 'api')).toMatchObject({ code: 1, out: '' });
  });

  it('is relative to where the user was', async () => {
    const here = await ptah('hash', 'api');
    const elsewhere = await runPtah(['hash', 'api'], {
      cwd: '/',
      env: { ...alone(), INIT_CWD: folder.root },
    });
    expect(elsewhere.out).toBe(here.out);
  });
});

describe('project', () => {
  it('prints the effective configuration under the file’s own keys', async () => {
    const yaml = await ptah('project');
    expect(yaml.code).toBe(0);
    expect(parse(yaml.out)).toMatchObject({
      kind: { name: 'dev' },
      api_server: { port: 8001 },
      build_output: '.build',
      tag_algorithm: 'md5',
    });
    expect(JSON.parse((await ptah('project', '-o', 'json')).out)).toEqual(parse(yaml.out));
    expect((await ptah('project', '-o', 'text')).out).toMatch(/api_server\.port +8001/);
  });

  it('is found from below and by --project', async () => {
    const below = await runPtah(['project'], { cwd: join(folder.root, 'k8s'), env: alone() });
    expect(below.code).toBe(0);
    const named = await runPtah(['project', '--project', 'shop'], {
      cwd: join(folder.root, '..'),
      env: alone(),
    });
    expect(named.out).toBe(below.out);
  });

  it('says what is wrong, on valid JSON', async () => {
    const other = await testFolder('wrong');
    try {
      await other.write({ 'ptah.yml': 'kind:\n  nmae: dev\n' });
      const found = await runPtah(['project', '-o', 'json'], { cwd: other.root, env: alone() });
      expect(found.code).toBe(1);
      JSON.parse(found.out);
      expect(found.err).toMatch(/ptah\.yml:2/);
      await rm(join(other.root, 'ptah.yml'));
      const none = await runPtah(['images', '-o', 'json'], { cwd: other.root, env: alone() });
      expect(none).toMatchObject({ code: 1, out: '[]\n' });
    } finally {
      await other.remove();
    }
  });
});

describe('images and manifests', () => {
  it('need neither Docker nor a cluster', async () => {
    const { code, out } = await ptah('images', '-o', 'json');
    expect(code).toBe(0);
    const images = JSON.parse(out) as Record<string, unknown>[];
    expect(images).toHaveLength(2);
    const api = images.find(({ name }) => name === 'api');
    expect(api).toEqual({
      name: 'api',
      dockerfile: 'api/Dockerfile',
      context: 'api',
      tag: expect.stringMatching(/^[0-9a-f]{7}$/),
      reference: `api:${String(api?.tag)}`,
      hash: expect.stringMatching(/^[0-9a-f]{32}$/),
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      algorithm: 'md5',
      copies: [{ source: '.', target: '/srv' }],
      problems: [],
    });
    expect((await ptah('hash', 'api')).out).toBe(`${String(api?.hash)}  api\n`);
  });

  it('show what is rewritten, and where', async () => {
    const images = JSON.parse((await ptah('images', '-o', 'json')).out) as { name: string; tag: string }[];
    const tag = images.find(({ name }) => name === 'api')?.tag;
    const { code, out } = await ptah('manifests', '-o', 'json');
    expect(code).toBe(0);
    const [manifest] = JSON.parse(out) as [
      { path: string; source: string; rewritten: string; references: unknown },
    ];
    expect(manifest.path).toBe('k8s/api.yaml');
    expect(manifest.rewritten).toBe(manifest.source.replace('ptah://api', `api:${tag}`));
    expect(manifest.references).toEqual([{ line: 8, column: 14, name: 'api', reference: `api:${tag}` }]);
  });

  it('fail on an unknown name with its place, and are valid JSON still', async () => {
    const other = await testFolder();
    try {
      await other.write({ 'ptah.yml': 'kind: {name: dev}\n', 'a.yaml': 'image: ptah://apy\n' });
      const { code, out, err } = await runPtah(['manifests', '-o', 'json'], {
        cwd: other.root,
        env: alone(),
      });
      expect(code).toBe(1);
      expect(JSON.parse(out)).toMatchObject([
        { references: [{ line: 1, column: 8, name: 'apy', reference: null }] },
      ]);
      expect(err).toMatch(/error: a\.yaml:1:8: /);
    } finally {
      await other.remove();
    }
  });

  it('list an image that has problems', async () => {
    const other = await testFolder();
    try {
      await other.write({ 'ptah.yml': 'kind: {name: dev}\n', 'bad/Dockerfile': 'FORM scratch\n' });
      const { code, out } = await runPtah(['images', '-o', 'json'], { cwd: other.root, env: alone() });
      expect(code).toBe(1);
      expect(JSON.parse(out)).toMatchObject([{ name: 'bad', problems: [{ line: 1 }, { line: 1 }] }]);
    } finally {
      await other.remove();
    }
  });
});

describe('without Docker', () => {
  it('plan says so, on valid JSON, with the next step', async () => {
    const { code, out, err } = await ptah('plan', '-o', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      runnable: false,
      problems: [{ code: 'docker-unreachable', hint: expect.any(String) as string }],
    });
    expect(err).toMatch(/error: .*Docker/);
  });

  it('deploy does nothing and fails', async () => {
    const { code, out } = await ptah('deploy', '-o', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ result: { state: 'failed', failedStep: 'scan' } });
  });

  it('build fails, and tells it as events, too', async () => {
    const { code, out } = await ptah('build', '--events');
    expect(code).toBe(1);
    const events = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { type: string });
    expect(events.at(-1)).toMatchObject({ type: 'result', result: { state: 'failed' } });
  });

  it('nuke does not call it done', async () => {
    const { code, out, err } = await ptah('nuke', '--yes', '-o', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ result: { state: 'failed', removed: [] } });
    expect(err).toContain('Not everything could be removed');
    expect(err).toContain('/nowhere/docker.sock');
  });

  it('logs says what would help', async () => {
    const { code, err } = await ptah('logs');
    expect(code).toBe(1);
    expect(err).toMatch(/\n {2}`ptah deploy` makes/);
  });

  it('setup shows it as failed', async () => {
    const { code, out } = await ptah('setup', 'docker', 'path', '-o', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject([
      { id: 'docker', state: 'failed' },
      { id: 'path', state: 'ok' },
    ]);
  });
});

it('works in a folder whose name is no plain word', async () => {
  const other = await testFolder('mit Leerzeichen & “Ümläut”');
  try {
    await other.write({ 'ptah.yml': 'kind: {name: dev}\n', 'api/Dockerfile': 'FROM scratch\n' });
    await mkdir(join(other.root, 'empty folder'));
    const { code, out } = await runPtah(['images', '-o', 'json', '--project', other.root], { env: alone() });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject([{ name: 'api' }]);
  } finally {
    await other.remove();
  }
});

describe('a folder without ptah.yml', () => {
  it('gets the one that is proposed only when that is agreed to', async () => {
    const other = await testFolder('plain');
    try {
      await other.write({
        Dockerfile: 'FROM scratch\n',
        'k8s.yaml':
          'apiVersion: v1\nkind: Pod\nmetadata: {name: plain}\nspec:\n  containers:\n    - name: plain\n      image: plain:latest\n      imagePullPolicy: Never\n',
      });
      const refused = await runPtah(['deploy'], { cwd: other.root, env: alone() });
      expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('--yes') as string });
      expect(refused.err).toContain('ptah://plain');
      expect(await readdir(other.root)).toEqual(['Dockerfile', 'k8s.yaml']);
      // there is no Docker here: the project is written, and the deploy says what it lacks
      const agreed = await runPtah(['deploy', '--yes'], { cwd: other.root, env: alone() });
      expect(agreed.err).toContain('docker.sock');
      expect((await runPtah(['images'], { cwd: other.root, env: alone() })).code).toBe(0);
    } finally {
      await other.remove();
    }
  });
});
