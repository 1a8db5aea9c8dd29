import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { containerPath } from './container-path.ts';
import type { ContextPath } from './context-tree.ts';
import { resolveCopyRules } from './copy-rules.ts';
import type { CopyRuleOptions } from './copy-rules.ts';

type Pair = readonly [source: string, target: string];

interface GoldenFile {
  readonly path: string;
  readonly type?: 'symlink';
  readonly target?: string;
}

interface GoldenCase {
  readonly section: 'copy' | 'sync_paths';
  readonly name: string;
  readonly text?: string;
  readonly dirs?: readonly string[];
  readonly files?: readonly GoldenFile[];
  readonly source?: string;
  readonly target?: string;
  readonly dockerignore?: string | null;
  readonly expected?: readonly Pair[] | Readonly<Record<string, string | null>>;
  readonly expected_error?: { readonly reason: string };
  readonly docker_semantics?: readonly Pair[];
}

const golden = JSON.parse(readFileSync(new URL('golden/copy.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly GoldenCase[];
};
const copies = golden.cases.filter(({ section }) => section === 'copy');
const syncPaths = golden.cases.filter(({ section }) => section === 'sync_paths');

function tidy(path: string): string {
  const clean = path.replace(/^\.\//, '').replace(/\/+/g, '/').replace(/\/$/, '');
  return clean === '' ? '.' : clean;
}

function entriesOf({ dirs = [], files = [] }: GoldenCase): readonly ContextPath[] {
  return [
    ...dirs.map(path => ({ path, type: 'directory' as const })),
    ...files.map(({ path, type, target }) => ({
      path,
      type: type ?? ('file' as const),
      ...(target === undefined ? {} : { content: target }),
    })),
  ];
}

/** `a/` is a directory, `a -> b` a link, else a file. */
function rules(
  text: string,
  paths: readonly string[] = [],
  options: Omit<CopyRuleOptions, 'entries'> = {},
): Pair[] {
  return resolve(text, paths, options).rules.map(({ source, target }) => [source, target]);
}

function resolve(
  text: string,
  paths: readonly string[] = [],
  options: Omit<CopyRuleOptions, 'entries'> = {},
): ReturnType<typeof resolveCopyRules> {
  const entries = paths.map((path): ContextPath => {
    const [name = '', link] = path.split(' -> ');
    if (link !== undefined) return { path: name, type: 'symlink', content: link };
    return path.endsWith('/') ? { path: path.slice(0, -1), type: 'directory' } : { path, type: 'file' };
  });
  return resolveCopyRules(text, { entries, ...options });
}

describe('the golden copy rules', () => {
  it('are all here', () => {
    expect(copies).toHaveLength(47);
    expect(syncPaths).toHaveLength(7);
  });

  it.each(copies.filter(({ name }) => name !== 'not-utf8-dockerfile'))('$name', golden => {
    const expected =
      golden.docker_semantics ??
      (Array.isArray(golden.expected) ? (golden.expected as readonly Pair[]) : null);
    const found = resolveCopyRules(golden.text ?? '', { entries: entriesOf(golden) }).rules;
    // Where only the original's own reading of a Dockerfile of another name fails, the rules are those of the text.
    const wanted = expected ?? [['src', '/app']];
    expect(found.map(({ source, target }) => [source, target])).toEqual(
      wanted.map(([source, target]) => [tidy(source), tidy(target)]),
    );
  });
});

describe('the golden paths of sync', () => {
  it.each(syncPaths)('$name', ({ source = '.', target = '/', expected = {}, dockerignore }) => {
    const { rules } = resolveCopyRules(`FROM a\nCOPY ${source} ${target}\n`, { entries: [] });
    for (const [path, wanted] of Object.entries(expected)) {
      // What .dockerignore hides never reaches the rules: it isn't among the context's entries.
      if (wanted === null && dockerignore !== null && path !== '') continue;
      expect([path, containerPath(rules, path)]).toEqual([path, wanted]);
    }
  });
});

describe('sources', () => {
  it('names each file that lands in a directory', () => {
    expect(
      rules('FROM a\nWORKDIR /app\nCOPY pyproject.toml uv.lock ./\nCOPY . .\n', [
        'pyproject.toml',
        'uv.lock',
      ]),
    ).toEqual([
      ['pyproject.toml', '/app/pyproject.toml'],
      ['uv.lock', '/app/uv.lock'],
      ['.', '/app'],
    ]);
  });

  it('gives a file its new name when the target is no directory', () => {
    expect(rules('FROM scratch\nCOPY main.py /srv/run.py\n', ['main.py'])).toEqual([
      ['main.py', '/srv/run.py'],
    ]);
  });

  it('puts a file into a directory that WORKDIR, COPY, mkdir or the base image made', () => {
    expect(rules('FROM scratch\nWORKDIR /app\nCOPY f /app\n', ['f'])).toEqual([['f', '/app/f']]);
    expect(rules('FROM scratch\nCOPY d /x\nCOPY f /x/sub\n', ['d/sub/two', 'f'])).toEqual([
      ['d', '/x'],
      ['f', '/x/sub/f'],
    ]);
    expect(rules('FROM a\nRUN apt-get update && mkdir -p /data/in\nCOPY f /data/in\n', ['f'])).toEqual([
      ['f', '/data/in/f'],
    ]);
    expect(rules('FROM a\nCOPY f /etc\n', ['f'])).toEqual([['f', '/etc/f']]);
    expect(rules('FROM scratch\nCOPY f /etc\n', ['f'])).toEqual([['f', '/etc']]);
  });

  it('selects by pattern like Go, sorted, one rule each', () => {
    const paths = ['a.py', 'b.py', 'c.txt', 'd/e.py', 'd/f/g.py'];
    expect(rules('FROM a\nCOPY *.py /x/\n', paths)).toEqual([
      ['a.py', '/x/a.py'],
      ['b.py', '/x/b.py'],
    ]);
    expect(rules('FROM a\nCOPY */*.py /x/\n', paths)).toEqual([['d/e.py', '/x/e.py']]);
    expect(rules('FROM a\nCOPY ?.txt [ab].py [^a-b].txt /x/\n', paths)).toEqual([
      ['c.txt', '/x/c.txt'],
      ['a.py', '/x/a.py'],
      ['b.py', '/x/b.py'],
      ['c.txt', '/x/c.txt'],
    ]);
    // Two stars are one star for COPY.
    expect(rules('FROM a\nCOPY **/g.py /x/\n', paths)).toEqual([]);
    expect(rules('FROM a\nCOPY d/* /x/\n', paths)).toEqual([
      ['d/e.py', '/x/e.py'],
      ['d/f', '/x'],
    ]);
  });

  it('takes escaped pattern characters for themselves', () => {
    expect(rules('FROM a\nCOPY arr[[]0].txt /x/\n', ['arr[0].txt', 'arr0.txt'])).toEqual([
      ['arr[0].txt', '/x/arr[0].txt'],
    ]);
  });

  it('reads brackets like Go', () => {
    const paths = ['f', 'g', '-', ']', 'd/x'];
    const sources = (pattern: string) =>
      rules(`FROM a\nCOPY ${pattern} /o/\n`, paths).map(([source]) => source);
    expect(sources('[e-f]')).toEqual(['f']);
    expect(sources('[^f-g]')).toEqual(['-', ']', 'd']);
    // A range that runs backwards is a pattern that matches nothing.
    expect(resolve('FROM a\nCOPY [g-f] /o/\n', paths).problems).toMatchObject([{ severity: 'warning' }]);
    expect(sources('d[^a]x')).toEqual(['d/x']);
    for (const pattern of ['[f-]', '[-f]', '[]f]', '[^]', '[f', '[a-f-z]'])
      expect([pattern, resolve(`FROM a\nCOPY ${pattern} /o/\n`, paths).problems]).toMatchObject([
        pattern,
        [{ code: 'bad-pattern', severity: 'error' }],
      ]);
  });

  it("can't leave the context", () => {
    expect(rules('FROM a\nCOPY ../f /../etc/x\n', ['f'])).toEqual([['f', '/etc/x']]);
    expect(rules('FROM a\nCOPY /src /app\n', ['src/'])).toEqual([['src', '/app']]);
  });

  it('follows links within the context, but not in circles', () => {
    const paths = [
      'real/f',
      'alias -> real',
      'up -> ../x',
      'loop -> loop',
      'root -> /real',
      'deep -> alias/f',
    ];
    expect(rules('FROM a\nCOPY alias /x\nCOPY alias/f root/f deep /y/\n', paths)).toEqual([
      ['alias', '/x'],
      ['alias/f', '/y/f'],
      ['root/f', '/y/f'],
      ['deep', '/y/deep'],
    ]);
    expect(resolve('FROM a\nCOPY up /x\nCOPY loop /x\n', paths).problems.map(({ code }) => code)).toEqual([
      'source-missing',
      'source-missing',
    ]);
  });

  it('says where a missing one stands', () => {
    const { problems } = resolve('FROM a\n\nCOPY --chown=1:1 src \\\n  # why\n  nöpe /app/\n', ['src/']);
    expect(problems).toMatchObject([{ code: 'source-missing', severity: 'error', line: 5, column: 3 }]);
    expect(resolve('FROM a\nCOPY nope* /x/\n').problems).toMatchObject([
      { code: 'source-missing', severity: 'warning', line: 2, column: 6 },
    ]);
  });

  it('warns of files that are copied onto one another', () => {
    const { problems, rules } = resolve('FROM scratch\nCOPY f g /t\n', ['f', 'g']);
    expect(problems).toMatchObject([{ code: 'target-not-directory', line: 2, column: 10 }]);
    expect(rules.map(({ target }) => target)).toEqual(['/t', '/t']);
  });

  it('leaves out here-documents, other images, addresses and archives', () => {
    const text =
      'FROM a\nCOPY <<A src <<"B" /app/\nCOPY nope /x\nA\nB\nCOPY --from=b /x /y\nADD https://x.org/a.txt git@github.com:a/b.git src.tar.gz src /z/\n';
    const { rules, problems } = resolve(text, ['src/', 'src.tar.gz']);
    expect(rules.map(({ source, target, instruction, line }) => [source, target, instruction, line])).toEqual(
      [
        ['src', '/app', 'COPY', 2],
        ['src', '/z', 'ADD', 7],
      ],
    );
    expect(problems).toMatchObject([{ code: 'add-archive', severity: 'warning', line: 7 }]);
  });

  it('keeps what --parents keeps', () => {
    const paths = ['a/b/c.txt', 'a/b/d/e.txt', 'pkg/one/package.json', 'pkg/two/package.json'];
    expect(
      rules('FROM a\nCOPY --parents a/b/c.txt a/./b/d /x\nCOPY --parents **/package.json .\n', paths),
    ).toEqual([
      ['a/b/c.txt', '/x/a/b/c.txt'],
      ['a/b/d', '/x/b/d'],
      ['pkg/one/package.json', '/pkg/one/package.json'],
      ['pkg/two/package.json', '/pkg/two/package.json'],
    ]);
  });

  it('carries owner, mode and exclusions', () => {
    const { rules } = resolve(
      'FROM a\nENV U=me\nCOPY --chown=$U:$U --chmod=755 --exclude=*.md --exclude=**/x src /app\n',
      ['src/', 'src/a.md'],
    );
    expect(rules).toMatchObject([
      { chown: 'me:me', chmod: '755', kind: 'directory', exclude: ['*.md', '**/x'] },
    ]);
    expect(
      ['src/a.md', 'src/d/a.md', 'src/d/x/y', 'src/x', 'src/a.py'].map(path => containerPath(rules, path)),
    ).toEqual([null, '/app/d/a.md', null, null, '/app/a.py']);
  });

  // Each compared with what BuildKit puts into an image.
  it.each([
    ['--exclude=one', ['s/t/z.md', 's/y.md', 'x.md']],
    ['--exclude=./one', ['s/t/z.md', 's/y.md', 'x.md']],
    ['--exclude=one/', ['s/t/z.md', 's/y.md', 'x.md']],
    ['--exclude=/one', ['one', 's/t/z.md', 's/y.md', 'x.md']],
    ['--exclude=../d/one', ['one', 's/t/z.md', 's/y.md', 'x.md']],
    ['--exclude=d', ['one', 's/t/z.md', 's/y.md', 'x.md']],
    ['--exclude=.', ['one', 's/t/z.md', 's/y.md', 'x.md']],
    ['--exclude=s/', ['one', 'x.md']],
    ['--exclude=s/**', ['one', 'x.md']],
    ['--exclude=s/*', ['one', 'x.md']],
    ['--exclude=**/s', ['one', 'x.md']],
    ['--exclude=**/', []],
    ['--exclude=o[m-n]e', ['s/t/z.md', 's/y.md', 'x.md']],
    ['--exclude=$NO', ['one', 's/t/z.md', 's/y.md', 'x.md']],
    ['--exclude="one"', ['s/t/z.md', 's/y.md', 'x.md']],
    ['--exclude=**/*.md --exclude=!s/y.md', ['one', 's/y.md']],
    ['--exclude=!s/y.md --exclude=**/*.md', ['one']],
    ['--exclude=* --exclude=!one', ['one']],
    ['--exclude=s --exclude=!s/t', ['one', 's/t/z.md', 'x.md']],
  ])('leaves out what %s says', (flags, left) => {
    const below = ['one', 's/t/z.md', 's/y.md', 'x.md'];
    const { rules } = resolve(`FROM a\nCOPY ${flags} d /o/\n`, ['d/', ...below.map(path => `d/${path}`)]);
    expect(below.filter(path => containerPath(rules, `d/${path}`) !== null)).toEqual(left);
  });

  it('says that an exclusion is no pattern', () => {
    const { rules, problems } = resolve('FROM a\nCOPY --exclude=[ --exclude=x d f /o/\n', ['d/', 'f']);
    expect(problems).toMatchObject([{ code: 'bad-pattern', severity: 'error', line: 2, column: 6 }]);
    expect(rules).toMatchObject([{ exclude: ['x'] }, { source: 'f' }]);
  });

  it('reads names with spaces from the JSON form alone', () => {
    expect(rules('FROM a\nCOPY ["a b.txt", "/x y/"]\nCOPY "a" \'/q\'/\n', ['a b.txt', 'a'])).toEqual([
      ['a b.txt', '/x y/a b.txt'],
      ['a', '/q/a'],
    ]);
  });
});

describe('stages', () => {
  const text = [
    'ARG BASE=base',
    'FROM python AS base',
    'WORKDIR /app',
    'COPY lib lib',
    'FROM node AS assets',
    'COPY web /web',
    'FROM ${BASE} AS final',
    'COPY --from=assets /web /app/web',
    'COPY src .',
    'FROM base AS dev',
    'COPY tests ./tests',
    '',
  ].join('\n');
  const paths = ['lib/', 'web/', 'src/', 'tests/'];

  it('count when the image runs them or is FROM them', () => {
    expect(rules(text, paths)).toEqual([
      ['lib', '/app/lib'],
      ['tests', '/app/tests'],
    ]);
    expect(rules(text, paths, { target: 'Final' })).toEqual([
      ['lib', '/app/lib'],
      ['src', '/app'],
    ]);
    expect(rules(text, paths, { target: '1' })).toEqual([['web', '/web']]);
    expect(rules(text, paths, { target: 'final', args: { BASE: 'assets' } })).toEqual([
      ['web', '/web'],
      ['src', '/'],
    ]);
  });

  it('name what a stage lacks that only gives files', () => {
    const problems = (text: string) =>
      resolve(text, ['web/']).problems.map(({ code, line, severity }) => [code, line, severity]);
    const builder =
      'FROM node AS one\nCOPY nope /x\nFROM node AS two\nCOPY --from=one /x /y\nCOPY gone* /z\nFROM scratch\n';
    expect(problems(`${builder}COPY --from=two /y /y\nCOPY lost /q\n`)).toEqual([
      ['source-missing', 8, 'error'],
      ['source-missing', 2, 'error'],
    ]);
    expect(problems(`${builder}RUN --mount=type=bind,from=1,target=/t true\n`)).toEqual([
      ['source-missing', 2, 'error'],
    ]);
    // Docker does not build what nothing needs.
    expect(problems(`${builder}COPY web /w\n`)).toEqual([]);
  });

  it('inherit what the project image that they are FROM sets', () => {
    const bases = new Map([['base', { workdir: '/srv', env: new Map([['D', 'code']]) }]]);
    expect(rules('FROM ptah://base\nCOPY src $D\n', paths, { bases })).toEqual([['src', '/srv/code']]);
  });
});

describe('variables', () => {
  it.each([
    ['FROM a\nARG A=1\nENV A=2\nCOPY f /$A/', '/2/f'],
    ['FROM a\nENV A=1\nARG A=2\nCOPY f /$A/', '/2/f'],
    ['FROM a\nENV A=1\nENV A=2 B=$A\nCOPY f /$B/', '/1/f'],
    ['FROM a\nENV A b c\nCOPY f /$A/', '/b c/f'],
    ['FROM a\nENV A="q w" B=e\\ r\nCOPY f /$A/${B}/', '/q w/e r/f'],
    ['ARG V=9\nFROM a\nCOPY f /a$V/', '/a/f'],
    ['ARG V=9\nFROM a\nARG V\nCOPY f /a$V/', '/a9/f'],
    ['ARG V=9\nFROM a\nARG V=8\nCOPY f /a$V/', '/a8/f'],
    ['FROM a\nCOPY f /${n:-d}/${n:+e}z/', '/d/z/f'],
    ['FROM a\nENV n=1\nCOPY f /${n:-d}/${n:+e$n}/', '/1/e1/f'],
    ['FROM a\nENV n=\nCOPY f /${n-d}x/${n:-${m:-deep}}/', '/x/deep/f'],
    [
      'FROM a\nENV p=/x/y.tar.gz\nCOPY f ${p%.*}/${p%%.*}/${p##*/}/${p/x/z}/',
      '/x/y.tar/x/y/y.tar.gz/z/y.tar.gz/f',
    ],
    ["FROM a\nENV A=1\nCOPY f /'$A'/\\$A/", '/$A/$A/f'],
    ['FROM a\nARG TARGETARCH TARGETOS\nCOPY f /$TARGETOS/$TARGETARCH/', '/linux/arm64/f'],
    ['FROM a\nCOPY f /x$TARGETARCH/', '/x/f'],
    ['FROM a\nWORKDIR a\nWORKDIR b b\nCOPY f ..', '/a/f'],
    ['FROM a AS p\nWORKDIR /w\nARG Q=1\nENV R=2\nFROM p\nCOPY f ./$Q$R/', '/w/12/f'],
    ['FROM a\nARG GIVEN=default\nCOPY f /$GIVEN/', '/passed/f'],
    // Escapes belong to the pattern, and in a replacement they stay.
    ['FROM a\nENV p=a*b?c\nCOPY f /${p##a\\*}/${p%\\?*}/${p#?}/${p/b\\?/q}/', '/b?c/a*b/*b?c/a*qc/f'],
    ['FROM a\nENV p=abc\nCOPY f /${p//**/q}/${p//b/x\\/y}/${p%%\\*}/', '/q/ax\\/yc/abc/f'],
    ['FROM a\nENV p=a\ufeffb\u00a0q=c\nCOPY f /$p/$q\u00a0/', '/a\ufeffb/c\u00a0/f'],
    ['FROM a\nENV p=🎉x\nCOPY f /${p#?}/${p%?}/${p/?/y}/', '/x/🎉/yx/f'],
  ])('%j', (text, target) => {
    expect(rules(`${text}\n`, ['f'], { platform: 'linux/arm64', args: { GIVEN: 'passed' } })).toEqual([
      ['f', target],
    ]);
  });
});
