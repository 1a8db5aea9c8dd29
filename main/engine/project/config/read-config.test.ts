import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import type { Problem, PtahError } from '../../errors/index.ts';
import type { ProjectConfig } from '../types.ts';
import { DEFAULTS } from './defaults.ts';
import { didYouMean } from './did-you-mean.ts';
import { readConfig } from './read-config.ts';
import { toPtahKeys, toPtahYaml } from './to-ptah-yaml.ts';

interface ConfigCase {
  readonly section: string;
  readonly name: string;
  readonly ptah_yml: string;
  readonly expected?: unknown;
  readonly expected_error?: { readonly reason: string };
}

const golden = JSON.parse(readFileSync(new URL('../golden/discovery.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly ConfigCase[];
};
const cases = golden.cases.filter(entry => entry.section === 'config');

describe('the original’s configuration', () => {
  it('covers the recorded cases', () => expect(cases).toHaveLength(34));

  it.each(cases.map(entry => [entry.name, entry] as const))('%s', (_, entry) => {
    if (entry.expected_error === undefined) {
      expect(toPtahKeys(readConfig(entry.ptah_yml).config)).toEqual(entry.expected);
      return;
    }
    const problems = problemsOf(entry.ptah_yml);
    expect(problems.map(problem => problem.code)).toContain(entry.expected_error.reason);
    expect(problems[0]).toMatchObject({
      severity: 'error',
      file: 'ptah.yml',
      line: expect.any(Number),
      column: expect.any(Number),
    });
  });
});

describe('scalars of YAML 1.1, as the original converts them', () => {
  const nameOf = (scalar: string) => readConfig(`kind: {name: x, config: ${scalar}}\n`).config.kind.config;
  it.each([
    ['yes', 'True'], ['Off', 'False'], ['y', 'y'], ['~', null], ['null', null], ['1_000', '1000'], ['0x1F', '31'], ['0b101', '5'], ['-012', '-10'],
    ['1e3', '1000.0'], ['1.5e300', '1.5e+300'], ['0.00001', '1e-05'], ['.inf', 'inf'], ['-.INF', '-inf'], ['.nan', 'nan'], ['1:30:00', '5400'],
    ['190:20:30.15', '685230.15'], ['2024-01-01', '2024-01-01'], ['2024-01-01 10:00:00', '2024-01-01 10:00:00'], ['08', '08'], ['1.', '1.0'],
    ['123456789012345678901234567890', '123456789012345678901234567890'], ['!!str 5', '5'], ['!!int 7', '7'], ['"on"', 'on'], ["'1'", '1'], ['=', '='],
  ])('%s is %j', (scalar, expected) => expect(nameOf(scalar)).toBe(expected)); // prettier-ignore

  it.each([
    ["' 80 '", 80],
    ["'9_263'", 9263],
    ['9_263', 9263],
    ["'+1'", 1],
    ['0x50', 80],
  ])('a port may be %s', (scalar, port) => {
    expect(readConfig(`kind: {name: x}\napi_server: {port: ${scalar}}`).config.apiServer.port).toBe(port);
  });
});

describe('interpolation', () => {
  const read = (text: string) =>
    readConfig(`kind: {name: x}\n${text}`, { HOME: '/home/me', PORT: '8080' }).config;

  it('takes values from other keys, defaults and the environment', () => {
    expect(read("ui: {user: '${kind.name}-${.service}'}").ui.user).toBe('x-kubernetes-dashboard');
    expect(read("ui: {user: '${oc.env:HOME}'}").ui.user).toBe('/home/me');
    expect(read("ui: {user: '${oc.env:GONE,me}'}").ui.user).toBe('me');
    expect(read("api_server: {port: '${oc.env:PORT}'}").apiServer.port).toBe(8080);
    expect(read("ui: {user: '${api_server.port}'}").ui.user).toBe('8001');
    expect(read("ui: {user: '${oc.env:${kind.name},${kind.name}y}'}").ui.user).toBe('xy');
  });

  it('leaves escaped ones and other backslashes alone', () => {
    expect(read(String.raw`ui: {user: 'a\${b}\c'}`).ui.user).toBe(String.raw`a${'${b}'}\c`);
    expect(read(String.raw`ui: {user: '\\${'${kind.name}'}'}`).ui.user).toBe(String.raw`\x`);
    expect(read(String.raw`manifests: 'a\\.b$'`).manifests).toBe(String.raw`a\\.b$`);
  });

  it.each([
    "'${oc.env:GONE}'",
    "'${gone}'",
    "'${ui.user}'",
    "'${kind}'",
    "'${oc.decode:x}'",
    "'${'",
    "'a${}'",
  ])('reports %s', value => {
    expect(problemsOf(`kind: {name: x}\nui: {user: ${value}}`)).toMatchObject([
      { code: 'interpolation', line: 2, column: 12 },
    ]);
  });
});

const syncOf = (item: string): string => `kind: {name: x}\nimages:\n  api:\n    sync:\n      - ${item}\n`;

describe('what is wrong is told with its place', () => {
  it.each([
    ['kind: {name: x}\nmanifest: a\n', 'unknown-key', 2, 1, 'Did you mean “manifests”?'],
    ['kind: {name: x}\nui:\n  sevice: a\n', 'unknown-key', 3, 3, 'Did you mean “service”?'],
    ['kind: {name: x}\nimages:\n  api:\n    arg: {}\n', 'unknown-key', 4, 5, 'Did you mean “args”?'],
    ['kind: {name: x}\nbuildOutput: b\n', 'unknown-key', 2, 1, 'Did you mean “build_output”?'],
    ['# π\n"é": 1\nkind: {name: x}\n', 'unknown-key', 2, 1, 'Allowed here: name, namespace, kind'],
    ['ui: {user: x}\n', 'missing-key', 1, 1, 'kind: {name: NAME}'],
    ['', 'missing-key', 1, 1, 'kind'],
    ['kind:\n  name: x\n\tconfig: y\n', 'yaml-syntax', 3, 1, ''],
    ['kind: {name: x}\n---\nkind: {name: y}\n', 'yaml-syntax', 2, 1, ''],
    ['kind: {name: x\n', 'yaml-syntax', 2, 1, ''],
    ['kind: {name: x}\nui: *gone\n', 'yaml-syntax', 2, 5, ''],
    ['kind: {name: x}\nui: {user: [a]}\n', 'wrong-type', 2, 12, ''],
    ['kind: {name: x}\nimages: [a]\n', 'wrong-type', 2, 9, 'images: {api'],
    ['kind: {name: x}\nimages: {a: {args: x}}\n', 'wrong-type', 2, 20, ''],
    [syncOf('{target: /a, singal: HUP}'), 'unknown-key', 5, 22, 'Did you mean “signal”?'],
    [syncOf('{target: a, signal: HUP}'), 'sync-target', 5, 18, '/app'],
    [syncOf('{target: /a/../b, signal: HUP}'), 'sync-target', 5, 18, '/app'],
    [syncOf('{signal: HUP}'), 'missing-key', 5, 9, 'target: /app'],
    [syncOf('{target: /a, signal: HOP}'), 'sync-signal', 5, 30, 'HUP'],
    [syncOf('{target: /a, command: nginx -s reload}'), 'wrong-type', 5, 31, 'There is no shell'],
    [syncOf('{target: /a, restart: false}'), 'wrong-type', 5, 31, 'sync:'],
    [syncOf('{target: /a}'), 'sync-action', 5, 9, 'sync:'],
    [syncOf('{target: /a, restart: true, signal: HUP}'), 'sync-action', 5, 37, 'sync:'],
    [syncOf('/a'), 'wrong-type', 5, 9, 'sync:'],
    ['kind: {name: x}\nimages: {a: {sync: {target: /a}}}\n', 'wrong-type', 2, 20, 'sync:'],
    ['just text', 'not-a-mapping', 1, 1, 'Allowed keys'],
  ])('%j', (text, code, line, column, hint) => {
    const problems = problemsOf(text);
    expect(problems[0]).toMatchObject({ code, line, column, file: 'ptah.yml' });
    expect(problems[0]?.hint ?? '').toContain(hint);
  });

  it('collects everything at once, and points at the first', () => {
    const error = failure('kind: {name: [1]}\nfoo: 1\napi_server: {port: x}\n');
    expect(error.code).toBe('config-invalid');
    expect(error.details.problems?.map(({ code }) => code).sort()).toEqual([
      'unknown-key',
      'wrong-type',
      'wrong-type',
    ]);
    expect(error.message).toContain('2 more problems');
  });

  it('bears a bomb of aliases and ten megabytes', () => {
    const bomb = [
      'a: &a [x,x]',
      ...Array.from(
        { length: 40 },
        (_, index) =>
          `b${index}: &b${index} [*${index === 0 ? 'a' : `b${index - 1}`}, *${index === 0 ? 'a' : `b${index - 1}`}]`,
      ),
    ];
    expect(problemsOf(bomb.join('\n'))[0]?.code).toBe('unknown-key');
    expect(problemsOf(`#${'x'.repeat(10 << 20)}`)[0]?.code).toBe('config-too-large');
  });
});

describe('our own keys', () => {
  it('are read, with anchors, merges and a BOM', () => {
    const text =
      '\uFEFFkind: {name: x}\nname: shop\nnamespace: web\nimages:\n  api: &a {args: {A: 1, B: on}, target: dev}\n  web: {<<: *a, network: host}\n  db:\n';
    expect(readConfig(text).config).toMatchObject({
      name: 'shop',
      namespace: 'web',
      images: {
        api: { args: { A: '1', B: 'True' }, target: 'dev', network: null },
        web: { args: { A: '1', B: 'True' }, target: 'dev', network: 'host' },
        db: { args: {}, target: null, network: null },
      },
    });
    expect(readConfig(text).place('images.web')).toEqual({ line: 6, column: 3 });
  });

  it('what happens after sync, normalised', () => {
    const text =
      'kind: {name: x}\nimages:\n  api:\n    sync:\n      - {target: /app/, signal: SIGhup}\n      - target: //etc//nginx\n        command: [nginx, -s, reload, 1]\n      - {target: /, restart: yes}\n';
    const { config } = readConfig(text);
    expect(config.images.api?.sync).toEqual([
      { target: '/app', signal: 'HUP' },
      { target: '/etc/nginx', command: ['nginx', '-s', 'reload', '1'] },
      { target: '/', restart: true },
    ]);
    expect(readConfig(toPtahYaml(config)).config).toEqual(config);
  });
});

it('a configuration survives being written and read', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'on',
      '0777',
      '1:30',
      'null',
      '~',
      '???',
      '\\???',
      '${x}',
      '\\${x}',
      'a: b',
      '- x',
      '#',
      ' x ',
      '',
      '1e3',
    ),
  );
  const config = fc.record({
    name: fc.option(text.filter(value => value !== '')),
    namespace: fc.option(text),
    kind: fc.record({ name: text.map(value => `k${value}`), config: fc.option(text) }),
    apiServer: fc.record({ port: fc.nat() }),
    ui: fc.record({ service: text, user: text }),
    dockerfiles: text,
    manifests: text,
    buildOutput: text,
    tagAlgorithm: text,
    images: fc.dictionary(
      fc.stringMatching(/^[a-z][a-z0-9-]*$/),
      fc.record({
        args: fc.dictionary(fc.stringMatching(/^[A-Z_]+$/), text),
        target: fc.option(text),
        network: fc.option(text),
      }),
    ),
  });
  fc.assert(
    fc.property(config, (value: ProjectConfig) => {
      expect(readConfig(toPtahYaml(value)).config).toEqual({ ...value, images: { ...value.images } });
    }),
    { numRuns: 300 },
  );
  expect(readConfig(toPtahYaml({ ...DEFAULTS, kind: { name: 'x', config: null } })).config).toEqual({
    ...DEFAULTS,
    kind: { name: 'x', config: null },
  });
});

it('finds what was meant', () => {
  expect(didYouMean('dockerfile', ['dockerfiles', 'manifests'])).toBe('dockerfiles');
  expect(didYouMean('tagalgorithm', ['tag_algorithm'])).toBe('tag_algorithm');
  expect(didYouMean('foo', ['kind', 'ui'])).toBeNull();
});

function problemsOf(text: string): readonly Problem[] {
  return failure(text).details.problems ?? [];
}

function failure(text: string): PtahError {
  try {
    readConfig(text, {});
  } catch (error) {
    expect((error as PtahError).code).toBe('config-invalid');
    return error as PtahError;
  }
  throw new Error('nothing was wrong');
}
