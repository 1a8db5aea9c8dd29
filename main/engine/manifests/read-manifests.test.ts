import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readManifests } from './read-manifests.ts';
import type { ManifestSet } from './types.ts';

const IMAGES = [
  { name: 'foo', reference: 'foo:abc1234' },
  { name: 'team/api', reference: 'team/api:1234567' },
  { name: 'broken', reference: '' },
];
const NAMED = 'metadata: {name: x}\n';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ptah-manifests-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function read(
  files: Readonly<Record<string, string | Buffer>>,
  namespace: string | null = null,
): Promise<ManifestSet> {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return readManifests({ root, manifests: Object.keys(files), config: { namespace } }, IMAGES);
}

async function problems(text: string): Promise<readonly string[]> {
  // With an object behind it the file is one that will be applied, and what is wrong in it stops the plan.
  const object = '---\napiVersion: v1\nkind: Other\nmetadata: {name: other}\n';
  const set = await read({ 'a.yaml': text + object });
  return set.problems.map(
    ({ code, line, column, severity, file }) =>
      `${severity === 'warning' ? '?' : ''}${code} ${file === 'a.yaml' ? '' : (file ?? '?')}${line ?? '-'}:${column ?? '-'}`,
  );
}

describe('readManifests', () => {
  it('reads documents with their places and both texts', async () => {
    const text =
      '\uFEFF# top\r\napiVersion: v1\r\nkind: ConfigMap\r\n' +
      'metadata: {name: one}\r\ndata: {image: "ptah://foo"}\r\n--- # next\r\n\r\napiVersion: v1\r\nkind: Secret\r\nmetadata:\r\n  name: two # ptah://foo\r\n';
    const { manifests, objects, skipped, problems } = await read({ 'k8s/a.yaml': text });
    expect(problems).toEqual([]);
    expect(skipped).toEqual([]);
    expect(manifests).toMatchObject([
      { path: 'k8s/a.yaml', source: text, rewritten: text.replaceAll('ptah://foo', 'foo:abc1234') },
    ]);
    expect(manifests[0]?.references).toMatchObject([
      { line: 5, column: 16, inComment: false },
      { line: 11, column: 15, inComment: true },
    ]);
    expect(objects.map(({ object, file, line }) => [object.kind, object.metadata.name, file, line])).toEqual([
      ['ConfigMap', 'one', 'k8s/a.yaml', 2],
      ['Secret', 'two', 'k8s/a.yaml', 8],
    ]);
    expect(objects[0]?.object['data']).toEqual({ image: 'foo:abc1234' });
    expect(objects[0]?.source.replace('\uFEFF', '')).toBe(
      '# top\r\napiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: one}\r\ndata: {image: "ptah://foo"}\r\n',
    );
    expect(objects[1]?.rewritten).toBe(
      '\r\napiVersion: v1\r\nkind: Secret\r\nmetadata:\r\n  name: two # foo:abc1234\r\n',
    );
  });

  it('gives every value as kubectl does', async () => {
    const text = readFileSync(new URL('golden/kubectl-values.yaml', import.meta.url), 'utf8');
    const expected: unknown = JSON.parse(
      readFileSync(new URL('golden/kubectl-values.json', import.meta.url), 'utf8'),
    );
    // In the recorded run `y` and `on` were keys too: kubectl makes them "true", and so do we; the last one wins there.
    const { objects, problems } = await read({ 'a.yaml': text.replace(/^ {2}(?:y|true|on): .*\n/gm, '') });
    expect(problems).toEqual([]);
    expect(objects[0]?.object['data']).toEqual(
      Object.fromEntries(
        Object.entries(expected as Record<string, unknown>).filter(([key]) => key !== 'true'),
      ),
    );
  });

  it('skips what is no object of the cluster, and says why', async () => {
    const { objects, skipped, problems } = await read({
      'kind.yaml':
        'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n---\n# only a comment\n---\nfoo: bar\n---\n- a\n---\nkind: X\n',
      'empty.yaml': '',
    });
    expect(problems).toEqual([]);
    expect(objects).toEqual([]);
    expect(skipped).toEqual([
      { file: 'kind.yaml', line: 1, reason: 'a configuration of Kind, not an object of the cluster' },
      { file: 'kind.yaml', line: 3, reason: 'empty' },
      { file: 'kind.yaml', line: 6, reason: 'no Kubernetes object: no apiVersion and no kind' },
      { file: 'kind.yaml', line: 8, reason: 'no Kubernetes object: not a mapping' },
      { file: 'kind.yaml', line: 10, reason: 'no Kubernetes object: no apiVersion' },
      { file: 'empty.yaml', line: 1, reason: 'empty' },
    ]);
  });

  it('takes lists apart', async () => {
    const { objects, problems } = await read({
      'a.yaml':
        'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: a\n  data: {i: ptah://foo}\n' +
        '- apiVersion: v1\n  kind: SecretList\n  items:\n  - metadata: {name: b}\n',
      'b.json':
        '{"apiVersion":"v1","kind":"List",\n\t"items":[\n\t\t{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}]}\n',
    });
    expect(problems).toEqual([]);
    expect(
      objects.map(({ object, file, line }) => [
        object.apiVersion,
        object.kind,
        object.metadata.name,
        file,
        line,
      ]),
    ).toEqual([
      ['v1', 'ConfigMap', 'a', 'a.yaml', 4],
      ['v1', 'Secret', 'b', 'a.yaml', 12],
      ['v1', 'ConfigMap', 'c', 'b.json', 3],
    ]);
    expect(objects[0]?.source).toBe(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata: {i: ptah://foo}\n',
    );
    expect(objects[0]?.rewritten).toContain('data: {i: foo:abc1234}');
  });

  it('names both places of one object', async () => {
    const one = `apiVersion: apps/v1\nkind: Deployment\n${NAMED}`;
    const set = await read(
      {
        'a.yaml': `---\n${one}`,
        'b.yaml': `# again\n${one.replace('apps/v1', 'apps/v1beta1').replace('{name', '{namespace: mine, name')}`,
        'c.yaml': one.replace('{name', '{namespace: other, name'),
      },
      'mine',
    );
    expect(set.problems).toMatchObject([
      {
        code: 'duplicate-object',
        file: 'b.yaml',
        line: 2,
        message: 'Deployment "x" is here and in a.yaml, line 2.',
      },
    ]);
  });

  it.each([
    ['a: 1\nb:\n  c: 1\n  c: 2\n', ['duplicate-key 4:3']],
    ['{"a": 1, "b": 2, "a": 3}\n', ['duplicate-key 1:18']],
    ['on: 1\ntrue: 2\n', ['duplicate-key 2:1']],
    ['a: &x {k: 1}\nb: &y {l: 2}\nc:\n  <<: *x\n  <<: *y\n', []],
    ['a:\n\tb: 1\n', ['yaml-tab-as-indent 2:1']],
    ['a: [\n  1\n]\nb: {\n  c: 1\n}\n', []],
    ['a: *nope\n', ['unknown-anchor 1:4']],
    ['a: *x\nb: &x 1\n', ['unknown-anchor 1:4']],
    ['a: b: c\n', ['yaml-block-as-implicit-key 1:4']],
    ['a: "x\n', ['yaml-missing-char 1:4']],
    ['a: ptah://foo\nb: c: d\n', ['yaml-block-as-implicit-key 2:4']],
    ['a: [ptah://foo, "𓅱", {b: c: d}]\n', ['yaml-block-in-flow 1:26']],
    ['a: \u0007\n', ['control-character 1:4']],
    ['? [a]\n: b\n', ['key-not-text 1:3']],
    ['a: ptah://nope # ptah://nope\n', ['unknown-image 1:4', '?unknown-image 1:18']],
    ['apiVersion: v1\nkind: Pod\n', ['name-missing 1:1']],
    ['apiVersion: v1\nkind: Pod\nmetadata:\n  generateName: x-\n', ['generate-name 4:17']],
    ['apiVersion: v1\nkind: Pod\nmetadata: {name: 1}\n', ['not-text 3:18']],
    ['apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  labels:\n    version: 1.0\n', ['not-text 6:14']],
    ['apiVersion: v1\nkind: 5\n', ['not-text 2:7']],
    ['a: 1\r\nb: 1\r\nb: 2\r\n', ['duplicate-key 3:1']],
    ['a: 1\rb: 1\rb: 2\r', ['duplicate-key 3:1']],
    ['\uFEFFa: 1\na: 2\n', ['duplicate-key 2:1']],
  ])('%j', async (text, expected) => {
    expect(await problems(text)).toEqual(expected);
  });

  it.each([
    ['image: ptah://foo\n', []],
    ['image: "ptah://foo"\nimagePullPolicy: IfNotPresent\n', []],
    ['image: registry.local:5000/ptah://foo\n', []],
    ['image: {repository: ptah://foo, tag: latest}\n', []],
    ['image: Some Words\n', []],
    ['env: [{name: A, value: ptah://foo:latest}]\n', []],
    ['image: ptah://broken:latest\n', []],
    ['image: ptah://foo:latest\n', ['invalid-image 1:8']],
    ['image: ptah://foo/bar\n', ['invalid-image 1:8']],
    ['image: "x ptah://foo"\n', ['invalid-image 1:11']],
    ['image: ptah://foo\nimagePullPolicy: Always\n', ['pull-policy-always 2:18']],
    ['image: foo:latest\nimagePullPolicy: Always\n', []],
    ['spec:\n  initContainers:\n  - name: a\n    image: Foo:1\n', ['invalid-image 4:12']],
  ])('%j as an image field', async (text, expected) => {
    expect(await problems(text)).toEqual(expected);
  });

  it('says what an image field becomes', async () => {
    const { problems } = await read({ 'a.yaml': 'spec:\n  containers:\n  - image: ptah://foo:latest\n' });
    expect(problems).toEqual([
      {
        code: 'invalid-image',
        severity: 'error',
        message:
          'With foo:abc1234 for ptah://foo this image becomes "foo:abc1234:latest", which is no valid reference.',
        hint: 'Write ptah://foo alone: the tag comes from the content.',
        file: 'a.yaml',
        line: 3,
        column: 12,
      },
    ]);
  });

  it('only warns of what is wrong in a file without objects', async () => {
    const { problems, skipped } = await read({
      'values.yaml': 'a: 1\na: 2\n',
      'chart.yaml': 'name: [x\n',
      'used.yaml': 'image: ptah://nope\n',
    });
    expect(problems.map(({ code, severity, file }) => [code, severity, file])).toEqual([
      ['duplicate-key', 'warning', 'values.yaml'],
      [expect.stringMatching(/^yaml-/) as unknown, 'warning', 'chart.yaml'],
      ['unknown-image', 'error', 'used.yaml'],
    ]);
    expect(skipped).toMatchObject([
      { file: 'values.yaml', reason: 'no valid YAML' },
      { file: 'chart.yaml', reason: 'no valid YAML' },
      { file: 'used.yaml' },
    ]);
  });

  it('survives files that are none', async () => {
    const set = await read({
      'latin.yaml': Buffer.from('a: 1\nx: caf\xe9\n', 'latin1'),
      'binary.yaml': Buffer.from([0, 1, 2]),
    });
    rmSync(join(root, 'latin.yaml'));
    const gone = await readManifests(
      { root, manifests: ['latin.yaml'], config: { namespace: null } },
      IMAGES,
    );
    expect([...set.problems, ...gone.problems]).toMatchObject([
      { code: 'invalid-encoding', file: 'latin.yaml', line: 2 },
      { code: 'control-character', file: 'binary.yaml', line: 1, column: 1 },
      { code: 'unreadable', file: 'latin.yaml' },
    ]);
  });

  it('does not unfold what anchors multiply', async () => {
    const letters = 'abcdefghij';
    const bomb = Array.from(letters, (letter, index) =>
      index === 0
        ? 'a: &a [1,1,1,1,1,1,1,1,1]'
        : `${letter}: &${letter} [${Array(9)
            .fill(`*${letters[index - 1] ?? ''}`)
            .join(',')}]`,
    ).join('\n');
    const start = performance.now();
    expect(await problems(`${bomb}\n`)).toEqual(['too-many-aliases 1:1']);
    expect(await problems(`a: &a {b: 1}\nc: [${Array(2000).fill('*a').join(', ')}]\n`)).toEqual([]);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it('takes 10 MB without holding up the process', async () => {
    const one =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\ndata:\n  text: |\n' +
      '    some words ptah://foo\n'.repeat(400);
    const text = Array.from({ length: Math.ceil((10 * 1024 * 1024) / one.length) }, (_, index) =>
      one.replace('NAME', `n${index}`),
    ).join('---\n');
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const { objects, problems } = await read({ 'big.yaml': text });
    clearInterval(timer);
    expect(problems).toEqual([]);
    expect(objects.length).toBeGreaterThan(900);
    expect(longest).toBeLessThan(20_000);
  }, 30_000);

  it('reads 100,000 keys in one mapping', async () => {
    const keys = Array.from({ length: 100_000 }, (_, index) => `  key${index}: "value ${index}"\n`).join('');
    const start = performance.now();
    const { objects, problems } = await read({
      'a.yaml': `apiVersion: v1\nkind: ConfigMap\n${NAMED}data:\n${keys}`,
    });
    expect(problems).toEqual([]);
    expect(Object.keys(objects[0]?.object['data'] as object)).toHaveLength(100_000);
    expect(performance.now() - start).toBeLessThan(60_000);
  }, 30_000);
});
