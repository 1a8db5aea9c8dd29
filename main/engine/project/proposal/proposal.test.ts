import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plantTree } from '../../content/testing.ts';
import type { GoldenEntry } from '../../content/testing.ts';
import { openProject } from '../open-project.ts';
import { proposeProject } from './propose-project.ts';
import { writeProposal } from './write-proposal.ts';

let folder = '';
let root = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'ptah-proposal-')));
  root = join(folder, 'fastapi-k8s');
  mkdirSync(root);
});
afterEach(() => {
  chmodSync(root, 0o755);
  rmSync(folder, { recursive: true, force: true });
});

const deployment = (image: string, more = '') => `# the app
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  template:
    spec:
      containers:
        - name: app   # one container
          image:   ${image}  # built by make
${more}`;
const plant = (...files: GoldenEntry[]) => plantTree(root, files);
const text = (path: string) => readFileSync(join(root, path), 'utf8');
const agree = async () => {
  const proposal = await proposeProject(root);
  await writeProposal(proposal);
  return { proposal, project: await openProject(root) };
};

describe('a folder with a Dockerfile and manifests', () => {
  it('becomes a project: a Dockerfile in the root, an image that is never pulled', async () => {
    const before = deployment('fastapi-k8s:latest', '          imagePullPolicy: Never\n');
    plant({ path: 'Dockerfile', text: 'FROM scratch\n' }, { path: 'k8s.yaml', text: before });
    const { proposal, project } = await agree();
    expect(proposal.configText).toBe(
      "kind:\n  name: fastapi-k8s\ndockerfiles: '(?i)(?:^|[/\\\\])(?:[^/\\\\]+\\.)?Dockerfile$'\n",
    );
    expect(proposal.edits).toEqual([
      {
        file: 'k8s.yaml',
        line: 10,
        column: 20,
        before: 'image: fastapi-k8s:latest',
        after: 'image: ptah://fastapi-k8s',
        reason: '“Dockerfile” builds an image of this name.',
      },
    ]);
    expect(proposal.reasons.join('\n')).toContain('“imagePullPolicy: Never” stays');
    expect(proposal.problems).toEqual([]);
    expect(text('k8s.yaml')).toBe(before.replace('fastapi-k8s:latest', 'ptah://fastapi-k8s'));
    expect(project).toMatchObject({
      name: 'fastapi-k8s',
      clusterName: 'fastapi-k8s',
      manifests: ['k8s.yaml'],
      problems: [],
    });
    expect(project.dockerfiles).toEqual([{ name: 'fastapi-k8s', dockerfile: 'Dockerfile', context: '.' }]);
  });

  it('gets the folder’s name where the manifests use another', async () => {
    root = join(folder, 'my-clone');
    plant('Dockerfile', {
      path: 'k8s.yaml',
      text: deployment('fastapi-k8s:latest', '          imagePullPolicy: Never\n'),
    });
    const { proposal, project } = await agree();
    expect(proposal.edits).toMatchObject([
      { after: 'image: ptah://my-clone', reason: expect.stringContaining('the one Dockerfile') },
    ]);
    expect(project.dockerfiles).toMatchObject([{ name: 'my-clone' }]);
  });

  it('needs no pattern where the default finds everything', async () => {
    plant(
      'api/Dockerfile',
      'web/Dockerfile',
      { path: 'k8s/a.yaml', text: deployment('ghcr.io/me/api:1.2') },
      { path: 'k8s/b.yaml', text: deployment('nginx:1') },
    );
    const { proposal, project } = await agree();
    expect(proposal.configText).toBe('kind:\n  name: fastapi-k8s\n');
    expect(proposal.edits).toMatchObject([{ file: 'k8s/a.yaml', after: 'image: ptah://api' }]);
    expect(proposal.reasons).toContain('“nginx:1” stays as it is: no Dockerfile here has its name.');
    expect(project.dockerfiles.map(({ name }) => name)).toEqual(['api', 'web']);
  });

  it.each([
    [['my-api/Dockerfile', 'my-api/Dockerfile.dev'], ['my-api']],
    [
      ['web.Dockerfile', 'api.Dockerfile'],
      ['api', 'web'],
    ],
    [
      ['one/api/Dockerfile', 'two/api/Dockerfile'],
      ['one/api', 'two/api'],
    ],
    [
      ['one/api/Dockerfile', 'two/api/Dockerfile', 'Dockerfile'],
      ['fastapi-k8s', 'one/api', 'two/api'],
    ],
    [
      ['docker/web.Dockerfile', 'docker/api.Dockerfile'],
      ['api', 'web'],
    ],
    [['Dockerfile.worker'], ['worker']],
    [
      ['Dockerfile', 'svc/Dockerfile', 'svc/Dockerfile.dockerignore', 'node_modules/x/Dockerfile'],
      ['fastapi-k8s', 'svc'],
    ],
  ])('finds %j as %j', async (files, names) => {
    plant(...files);
    const { proposal, project } = await agree();
    expect(project.dockerfiles.map(({ name }) => name).sort()).toEqual(names);
    expect(project.problems).toEqual([]);
    expect(proposal.problems.map(({ code }) => code)).toContain('no-manifests');
  });

  it('keeps every other byte: CRLF, a BOM, quotes, comments, several documents', async () => {
    const before =
      `\uFEFF${deployment('"fastapi-k8s:dev"')}---\n${deployment("'fastapi-k8s'", '          imagePullPolicy: "Always"\n')}`.replaceAll(
        '\n',
        '\r\n',
      );
    plant('Dockerfile', { path: 'all.yml', text: before });
    chmodSync(join(root, 'all.yml'), 0o640);
    const { proposal, project } = await agree();
    expect(text('all.yml')).toBe(
      before
        .replace('"fastapi-k8s:dev"', '"ptah://fastapi-k8s"')
        .replace("'fastapi-k8s'", "'ptah://fastapi-k8s'")
        .replace('"Always"', '"IfNotPresent"'),
    );
    expect(statSync(join(root, 'all.yml')).mode & 0o777).toBe(0o640);
    expect(proposal.edits.map(({ line, column }) => [line, column])).toEqual([[10, 21], [21, 21], [22, 29]]); // prettier-ignore
    expect(project.manifests).toEqual(['all.yml']);
  });

  it('takes up a Kind configuration, and leaves what is no manifest alone', async () => {
    plant(
      'api/Dockerfile',
      { path: 'infra/kind.yaml', text: 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nname: db\n' },
      { path: 'docker-compose.yaml', text: 'services: {api: {image: "api:latest"}}\n' },
      { path: 'chart/templates/x.yaml', text: 'apiVersion: v1\nkind: {{ .Values.kind }}\nimage: api:1\n' },
      { path: 'k8s.yaml', text: deployment('api') },
      { path: 'helmfile.yaml', text: 'releases: []\n' },
    );
    const { proposal, project } = await agree();
    expect(proposal.configText).toBe('kind:\n  config: infra/kind.yaml\n');
    expect(proposal.edits.map(({ file }) => file)).toEqual(['k8s.yaml']);
    expect(project).toMatchObject({ clusterName: 'db', kindConfigFile: join(root, 'infra/kind.yaml') });
  });

  it('says what it can’t decide, with its place', async () => {
    plant('a-b/Dockerfile', 'x/a_b/Dockerfile', {
      path: 'k.yaml',
      text:
        deployment('a.b:1') +
        deployment('other:1', '          imagePullPolicy: Never\n').replace('# the app', '---'),
    });
    const proposal = await proposeProject(root);
    expect(proposal.edits).toEqual([]);
    expect(proposal.problems).toMatchObject([
      { code: 'image-unclear', file: 'k.yaml', line: 10 },
      { code: 'image-unclear', file: 'k.yaml', line: 20 },
    ]);
  });

  it('names the project where its folder can’t', async () => {
    root = join(folder, 'My App (1)');
    plant('api/Dockerfile', { path: 'k.yaml', text: deployment('api') });
    const { project } = await agree();
    expect(project).toMatchObject({ name: 'my-app-1', clusterName: 'my-app-1', problems: [] });
  });
});

describe('a folder that is no project', () => {
  it('is told apart', async () => {
    await expect(proposeProject(root)).rejects.toMatchObject({ code: 'nothing-to-propose' });
    await expect(proposeProject(join(root, 'gone'))).rejects.toMatchObject({ code: 'folder-missing' });
    plant({ path: 'ptah.yml', text: 'kind: {name: x}' }, 'sub/Dockerfile');
    await expect(proposeProject(join(root, 'sub'))).rejects.toMatchObject({ code: 'project-exists' });
  });
});

describe('writing', () => {
  beforeEach(() =>
    plant(
      'Dockerfile',
      { path: 'a.yaml', text: deployment('fastapi-k8s:1') },
      { path: 'b.yaml', text: deployment('fastapi-k8s:2') },
    ),
  );

  it('takes the text and the edits that were agreed to', async () => {
    const proposal = await proposeProject(root);
    const before = text('a.yaml');
    await writeProposal({
      ...proposal,
      configText: `# mine\n${proposal.configText}`,
      edits: proposal.edits.filter(({ file }) => file === 'b.yaml'),
    });
    expect(text('ptah.yml')).toMatch(/^# mine\nkind:/);
    expect(text('a.yaml')).toBe(before);
    expect(text('b.yaml')).toContain('image:   ptah://fastapi-k8s  # built');
    expect(readdirSync(root).sort()).toEqual(['Dockerfile', 'a.yaml', 'b.yaml', 'ptah.yml']);
  });

  it('writes nothing when the folder has changed since, or the text is wrong', async () => {
    const proposal = await proposeProject(root);
    const unchanged = [text('a.yaml'), text('b.yaml')];
    await expect(writeProposal({ ...proposal, configText: 'kind: {nme: x}' })).rejects.toMatchObject({
      code: 'config-invalid',
    });
    writeFileSync(join(root, 'b.yaml'), deployment('fastapi-k8s:3'));
    await expect(writeProposal(proposal)).rejects.toMatchObject({
      code: 'proposal-outdated',
      details: { file: 'b.yaml', line: 10 },
    });
    expect(text('a.yaml')).toBe(unchanged[0]);
    writeFileSync(join(root, 'b.yaml'), unchanged[1] ?? '');
    writeFileSync(join(root, 'ptah.yml'), 'kind: {name: x}');
    await expect(writeProposal(proposal)).rejects.toMatchObject({ code: 'project-exists' });
    expect(text('a.yaml')).toBe(unchanged[0]);
  });

  it('puts back what was written when it can’t finish', async () => {
    const proposal = await proposeProject(root);
    const before = text('a.yaml');
    // A link that leads to itself: not there for whoever looks, in the way of whoever writes.
    symlinkSync('ptah.yml', join(root, 'ptah.yml'));
    await expect(writeProposal(proposal)).rejects.toMatchObject({ code: 'write-failed' });
    expect(text('a.yaml')).toBe(before);
    expect(readdirSync(root).filter(name => name.endsWith('tmp'))).toEqual([]);
  });
});
