import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compatibleHashSync } from '../content/index.ts';
import { plantTree } from '../content/testing.ts';
import type { GoldenEntry } from '../content/testing.ts';
import { openProject } from './open-project.ts';
import { findProjectRoot } from './project-root.ts';
import type { Project } from './types.ts';

interface ExpectedImage {
  readonly path: string;
  readonly context: string;
  readonly name: string;
  readonly tag: string;
}

interface DiscoveryCase {
  readonly section: 'dockerfiles' | 'manifests' | 'projects' | 'cluster_name' | 'config' | 'rewrite';
  readonly name: string;
  readonly files: readonly GoldenEntry[];
  readonly dockerfiles?: string | null;
  readonly manifests?: string | null;
  readonly build_output?: string | null;
  readonly root_name?: string;
  readonly expected?: unknown;
  readonly expected_error?: { readonly reason: string };
}

const golden = JSON.parse(readFileSync(new URL('./golden/discovery.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly DiscoveryCase[];
};
const section = (wanted: DiscoveryCase['section']) =>
  golden.cases.filter(entry => entry.section === wanted).map(entry => [entry.name, entry] as const);

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'ptah-project-')));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function open(entry: DiscoveryCase): Promise<Project> {
  const root = join(folder, entry.root_name ?? 'proj');
  mkdirSync(root);
  plantTree(root, entry.files);
  if (entry.section === 'dockerfiles' || entry.section === 'manifests') {
    const config = {
      kind: { name: 'x' },
      dockerfiles: entry.dockerfiles ?? undefined,
      manifests: entry.manifests ?? undefined,
      build_output: entry.build_output ?? undefined,
    };
    const text = JSON.stringify(config);
    // A case may bring a ptah.yml of its own, to show that it is matched like any other file.
    writeFileSync(join(root, 'ptah.yml'), text);
  }
  return openProject(root);
}

const images = (project: Project) =>
  project.dockerfiles.map(({ name, dockerfile, context }) => {
    const tag = compatibleHashSync(join(project.root, context), {
      algorithm: project.config.tagAlgorithm,
      // The recorded trees hold no ptah.yml, which is ours here.
      exclude: [join(project.root, 'ptah.yml')],
    }).hash.slice(0, 7);
    return { path: dockerfile, context, name, tag, uri: `${name}:${tag}` };
  });
const codes = (project: Project) => project.problems.map(({ code }) => code);

describe('the original’s Dockerfiles', () => {
  /** What design differs in: folders of tools are not searched; what is wrong with one Dockerfile is a problem of it, not the end. */
  const different: Readonly<Record<string, (project: Project) => void>> = {
    'hidden-and-vendored-are-searched': project => expect(project.dockerfiles).toEqual([]),
    'dockerfile-is-an-empty-directory': project => {
      expect(project.dockerfiles).toEqual([{ name: 'svc', dockerfile: 'svc/Dockerfile', context: 'svc' }]);
      expect(project.problems).toMatchObject([
        { code: 'is-a-directory', severity: 'error', file: 'svc/Dockerfile' },
      ]);
    },
    'one-broken-context-fails-all': project => {
      expect(images(project).map(({ name }) => name)).toEqual(['bad', 'ok']);
      expect(project.problems).toEqual([]);
    },
  };

  it.each(section('dockerfiles'))('%s', async (name, entry) => {
    const project = await open(entry);
    if (name in different) different[name]?.(project);
    else expect(images(project)).toEqual(entry.expected);
  });

  it('brings problems where Docker or the original would fail later', async () => {
    const byName = new Map(section('dockerfiles'));
    const problemsOf = async (name: string) => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      const entry = byName.get(name);
      if (entry === undefined) throw new Error(name);
      return (await open(entry)).problems;
    };
    expect(await problemsOf('same-folder-name-twice')).toMatchObject([
      { code: 'image-name-duplicate', severity: 'error', file: 'one/api/Dockerfile' },
      { code: 'image-name-duplicate', severity: 'error', file: 'two/api/Dockerfile' },
    ]);
    expect(await problemsOf('uppercase-folder')).toMatchObject([
      { code: 'image-name-invalid', file: 'MyImage/Dockerfile', hint: expect.stringContaining('“myimage”') },
    ]);
    expect(await problemsOf('dangling-dockerfile')).toMatchObject([
      { code: 'dockerfile-missing', file: 'svc/Dockerfile' },
    ]);
    expect(await problemsOf('custom-without-name-stem-rules')).toMatchObject([
      { code: 'image-name-invalid', file: 'svc/Dockerfile.dev' },
    ]);
  });
});

describe('the original’s manifests', () => {
  const different: Readonly<Record<string, (project: Project) => void>> = {
    'hidden-files-and-folders': project => expect(project.manifests).toEqual(['.hidden.yaml']),
    'name-only-is-matched-not-path': project => {
      expect(project.manifests).toEqual(['k8s/x.yaml']);
      expect(project.problems).toMatchObject([
        { code: 'is-a-directory', severity: 'warning', file: 'x.yamls' },
      ]);
    },
    'directory-with-manifest-name': project => {
      expect(project.manifests).toEqual(['k8s/x.yaml']);
      expect(project.problems).toMatchObject([
        { code: 'is-a-directory', severity: 'warning', file: 'dir.yaml' },
      ]);
    },
    // Reading its text is the manifests' own business.
    'not-utf8': project => expect(project.manifests).toEqual(['a.yaml']),
  };

  it.each(section('manifests'))('%s', async (name, entry) => {
    const project = await open(entry);
    if (name in different) different[name]?.(project);
    else expect(project.manifests).toEqual(entry.expected);
  });

  it('names a link that leads nowhere', async () => {
    plantTree(folder, [
      { path: 'ptah.yml', text: 'kind: {name: x}' },
      { path: 'a.yaml', type: 'symlink', target: 'gone' },
    ]);
    const project = await openProject(folder);
    expect(project.manifests).toEqual([]);
    expect(project.problems).toMatchObject([{ code: 'manifest-missing', file: 'a.yaml' }]);
  });
});

describe('the original’s projects', () => {
  it.each(section('projects'))('%s', async (_, entry) => {
    const project = await open(entry);
    const expected = entry.expected as {
      readonly images: readonly ExpectedImage[];
      readonly outputs: Readonly<Record<string, string>>;
    };
    expect(images(project)).toEqual(expected.images);
    expect(project.manifests).toEqual(Object.keys(expected.outputs).sort());
  });

  it('know their Helmfile', async () => {
    const entry = section('projects').find(([name]) => name === 'web-and-api')?.[1];
    if (entry === undefined) throw new Error('no such case');
    const project = await open(entry);
    expect(project).toMatchObject({
      helmfile: join(project.root, 'helmfile.yaml'),
      clusterName: 'shop',
      name: 'proj',
      kindConfigFile: null,
    });
  });
});

describe('the cluster’s name', () => {
  /** Where the original gives up for want of a name, the project's own is taken. */
  const different: Readonly<Record<string, readonly string[]>> = {
    'config-without-name': [],
    'config-missing-file': ['kind-config-missing'],
    'config-numeric-name': ['not-a-string'],
  };

  it.each(section('cluster_name'))('%s', async (name, entry) => {
    const project = await open(entry);
    if (name in different) {
      expect(project.clusterName).toBe('proj');
      expect(codes(project)).toEqual(different[name]);
    } else expect(project.clusterName).toBe(entry.expected);
  });

  it('is made fit from the project’s, and refused where kind would', async () => {
    const root = join(folder, 'My Shop (2)');
    plantTree(root, [
      { path: 'ptah.yml', text: 'kind: {config: k.yml}\n' },
      { path: 'k.yml', text: 'kind: Cluster\n' },
    ]);
    const project = await openProject(root);
    expect(project).toMatchObject({
      name: 'My Shop (2)',
      clusterName: 'my-shop-2',
      kindConfigFile: join(project.root, 'k.yml'),
    });
    writeFileSync(join(root, 'ptah.yml'), 'ui: {}\nkind:\n  name: Ptah_1\n');
    expect((await openProject(root)).problems).toMatchObject([
      { code: 'cluster-name-invalid', line: 3, column: 3, hint: expect.stringContaining('“ptah-1”') },
    ]);
  });
});

describe('opening', () => {
  const write = (text: string) => writeFileSync(join(folder, 'ptah.yml'), text);

  it('finds the nearest file ptah.yml upwards, through a link', async () => {
    plantTree(folder, [
      { path: 'p/ptah.yml', text: 'kind: {name: x}' },
      { path: 'p/a/ptah.yml/b/c', text: '' },
      { path: 'link', type: 'symlink', target: 'p' },
    ]);
    const project = await openProject(join(folder, 'p/a/ptah.yml/b'));
    expect(project.root).toBe(join(folder, 'p'));
    expect(project.configFile).toBe(join(folder, 'p', 'ptah.yml'));
    expect((await openProject(join(folder, 'link', 'a'))).root).toBe(join(folder, 'p'));
    expect(findProjectRoot(folder)).toBeNull();
  });

  it('tells a missing project from a missing folder', async () => {
    await expect(openProject(folder)).rejects.toMatchObject({
      code: 'project-not-found',
      hint: expect.stringContaining('proposed'),
    });
    await expect(openProject(join(folder, 'gone'))).rejects.toMatchObject({ code: 'folder-missing' });
    write('kind: {nme: x}');
    await expect(openProject(folder)).rejects.toMatchObject({
      code: 'config-invalid',
      details: { file: 'ptah.yml', line: 1, column: 8 },
    });
    writeFileSync(join(folder, 'ptah.yml'), Buffer.from([0x6b, 0xff]));
    await expect(openProject(folder)).rejects.toMatchObject({
      code: 'config-invalid',
      details: { problems: [{ code: 'undecodable-text' }] },
    });
  });

  it.each([
    ['.', 'is the project itself'],
    ["''", 'is the project itself'],
    ['./k8s/..', 'is the project itself'],
    ['..', 'lies outside'],
    ['../sibling', 'lies outside'],
    ['/', 'lies outside'],
    ['/tmp/elsewhere', 'lies outside'],
    ['.git/x', 'belongs to a tool'],
    ['infra', 'holds “infra/kind.yml”'],
    ['out', 'through a link'],
    ['self', 'through a link'],
  ])('refuses build_output %s', async (value, why) => {
    symlinkSync('..', join(folder, 'out'));
    symlinkSync('.', join(folder, 'self'));
    plantTree(folder, [{ path: 'infra/kind.yml', text: 'name: a' }]);
    write(`kind: {config: infra/kind.yml}\nbuild_output: ${value}\n`);
    const { problems } = await openProject(folder);
    expect(problems).toMatchObject([
      { code: 'build-output-unsafe', severity: 'error', file: 'ptah.yml', line: 2, column: 1 },
    ]);
    expect(problems[0]?.message).toContain(why);
  });

  it('takes a build_output inside the project, also by its absolute path, and does not search it', async () => {
    plantTree(folder, ['out/a/x.yaml', 'k8s/x.yaml', 'sub/out/y.yaml']);
    write(`kind: {name: x}\nbuild_output: ${join(folder, 'out')}\n`);
    const project = await openProject(folder);
    expect(project.problems).toEqual([]);
    expect(project.manifests).toEqual(['k8s/x.yaml', 'sub/out/y.yaml']);
  });

  it('keeps going past a wrong pattern, and past one that never ends', async () => {
    plantTree(folder, ['svc/Dockerfile', 'a'.repeat(40), 'k.yaml']);
    write("kind: {name: x}\ndockerfiles: '(?<name>x)'\n");
    expect((await openProject(folder)).problems).toMatchObject([
      { code: 'pattern-invalid', line: 2, column: 1, file: 'ptah.yml' },
    ]);
    write("kind: {name: x}\n\ndockerfiles: '(a+)+$|x'\nmanifests: '.*yaml'\n");
    const before = performance.now();
    const project = await openProject(folder, { patternMilliseconds: 200 });
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(project.manifests).toEqual(['k.yaml']);
    plantTree(folder, [`${'a'.repeat(40)}!`]);
    const slow = await openProject(folder, { patternMilliseconds: 200 });
    expect(slow.problems).toMatchObject([{ code: 'pattern-timeout', file: 'ptah.yml', line: 3, column: 1 }]);
    expect(slow.problems[0]?.message).toContain(`${'a'.repeat(40)}!`);
  });

  it('checks the values that only matter later', async () => {
    plantTree(folder, ['api/Dockerfile']);
    write(
      'kind: {name: x}\nname: a/b\nnamespace: Web\ntag_algorithm: sha-256\nimages: {apo: {}}\napi_server: {port: 99999}\n',
    );
    expect((await openProject(folder)).problems).toMatchObject([
      { code: 'project-name-invalid', line: 2 },
      { code: 'namespace-invalid', line: 3 },
      { code: 'unknown-algorithm', line: 4, hint: expect.stringContaining('“sha256”') },
      { code: 'port-out-of-range', severity: 'warning', line: 6 },
      { code: 'unknown-image', severity: 'warning', line: 5, hint: 'Did you mean “api”?' },
    ]);
  });
});
