import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isImageReference } from './image-reference.ts';
import { parseDockerfile } from './parse-dockerfile.ts';
import { prepareDockerfile } from './prepare-dockerfile.ts';

function problems(text: string, options: Parameters<typeof parseDockerfile>[1] = {}): readonly string[] {
  return parseDockerfile(text, options).problems.map(
    ({ code, line, column, severity }) =>
      `${severity === 'warning' ? '?' : ''}${code} ${line ?? '-'}:${column ?? '-'}`,
  );
}

describe('parseDockerfile', () => {
  const text = [
    '# syntax=docker/dockerfile:1',
    'ARG VERSION=3.13 FLAVOUR',
    'FROM python:${VERSION}${FLAVOUR:+-$FLAVOUR} AS build',
    'COPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/',
    'RUN --mount=type=cache,target=/root/.cache --mount=type=bind,from=ptah://tools,target=/t \\',
    '    # a comment',
    '    pip install x',
    'FROM ptah://base',
    'COPY --link --chmod=755 --from=build /x /y',
    'COPY --from=ptah://team/assets /x /y',
    'COPY --from=0 /x /y',
    'RUN <<EOF',
    'FROM nothing',
    'EOF',
    '',
  ].join('\n');

  it('names stages, images and what the frontend must know', () => {
    expect(parseDockerfile(text, { args: { FLAVOUR: 'slim' } })).toEqual({
      stages: [
        { index: 0, name: 'build', base: 'python:3.13-slim', line: 3 },
        { index: 1, name: null, base: 'ptah://base', line: 8 },
      ],
      dependencies: [
        { image: 'tools', written: 'ptah://tools', via: 'RUN --mount', line: 5, column: 67 },
        { image: 'base', written: 'ptah://base', via: 'FROM', line: 8, column: 6 },
        { image: 'team/assets', written: 'ptah://team/assets', via: 'COPY --from', line: 10, column: 13 },
      ],
      external: [
        { reference: 'docker/dockerfile:1', line: 1 },
        { reference: 'python:3.13-slim', line: 3 },
        { reference: 'ghcr.io/astral-sh/uv:latest', line: 4 },
      ],
      needs: [
        { feature: 'syntax', line: 1 },
        { feature: 'mount', line: 5 },
        { feature: 'link', line: 9 },
        { feature: 'chmod', line: 9 },
        { feature: 'heredoc', line: 12 },
      ],
      problems: [],
    });
  });

  it('leaves out the stages behind the target', () => {
    const { dependencies, external } = parseDockerfile(text, { target: 'build' });
    expect(dependencies.map(({ image }) => image)).toEqual(['tools']);
    expect(external).toHaveLength(3);
  });

  it.each([
    ['', ['empty-dockerfile 1:1']],
    ['# nothing\n\n', ['empty-dockerfile 1:1']],
    ['RUN x\n', ['from-missing 1:1']],
    ['ARG A=1\n', ['from-missing 1:1']],
    ['\uFEFFCOPY a /b\n', ['from-missing 1:1']],
    ['FROM a\n  COPPY a b\n', ['unknown-instruction 2:3']],
    ['FROM a\nRUN x\n  y z\n', ['unknown-instruction 3:3']],
    ['FORM a\nRUN x\n', ['unknown-instruction 1:1', 'from-missing 2:1']],
    ['FROM a\nCOPY a\n', ['too-few-arguments 2:6']],
    ['FROM a\nCOPY\n', ['too-few-arguments 2:1']],
    ['FROM a\nCOPY ["a", "b",]\n', ['bad-json 2:6']],
    ['FROM a\nCOPY [\'a\', "b"]\n', ['bad-json 2:6']],
    ['FROM a\nCMD [\'a\', "b"]\n', ['?bad-json 2:5']],
    ['FROM a\nRUN [ -f x ] && [ "$A" ]\n', []],
    ['FROM a\nSHELL /bin/sh\n', ['json-expected 2:7']],
    ['FROM a\nCOPY --form=b /x /y\n', ['unknown-flag 2:6']],
    ['FROM a\nRUN --mont=type=cache x\n', ['unknown-flag 2:5']],
    ['FROM a\nWORKDIR --x /y\n', ['unknown-flag 2:9']],
    ['FROM a\nCOPY --from a /x /y\n', ['flag-without-value 2:6']],
    ['FROM a\nCOPY --link=maybe x /y\n', ['flag-value 2:13']],
    ['FROM a\nCOPY --chown=1 --chown=2 x /y\n', ['flag-repeated 2:16']],
    ['FROM a b\n', ['from-arguments 1:8']],
    ['FROM a AS 1x\n', ['stage-name 1:11']],
    ['FROM\n', ['too-few-arguments 1:1']],
    ['FROM $NOPE\n', ['from-empty 1:6']],
    ['FROM ${NOPE\n', ['expansion 1:6']],
    ['FROM ${X:?tell}\n', ['expansion 1:6']],
    ['FROM Python\n', ['invalid-reference 1:6']],
    ['FROM a:b:c\n', ['invalid-reference 1:6']],
    ['FROM a AS build\nFROM b\nCOPY --from=biuld /x /y\n', ['?undefined-stage 3:13']],
    ['FROM a\nCOPY --from=3 /x /y\n', ['undefined-stage 2:13']],
    ['FROM a AS s\nCOPY --from=s /x /y\n', ['stage-of-itself 2:13']],
    ['FROM a\nCOPY --from=$A /x /y\n', ['from-variable 2:13']],
    ['FROM a\nENV A\n', ['too-few-arguments 2:5']],
    ['FROM a\nENV A=1 B\n', ['pair-expected 2:9']],
    ['FROM a\nENV A="1\n', ['expansion 2:7']],
    ['FROM a\nCOPY "a b" /x\n', ['expansion 2:6', 'expansion 2:9']],
    ['FROM a\nONBUILD FROM b\n', ['onbuild-trigger 2:9']],
    ['FROM a\nONBUILD RNU b\n', ['unknown-instruction 2:9']],
    ['FROM a\nHEALTHCHECK --interval=5s curl\n', ['healthcheck-unknown 2:27']],
    ['FROM a\nRUN <<EOF\necho\n', ['heredoc-unterminated 2:5']],
    ['# escape=x\nFROM a\n', ['directive-escape 1:1']],
    ['# escape=`\n# escape=`\nFROM a\n', ['directive-repeated 2:1']],
    ['FROM a\r\nRUN 你好 \\\r\n  𓅱 \\\r\n\r\n  && true\r\nCOPPY 𓅱\r\n', ['unknown-instruction 6:1']],
    ['FROM a\nCOPY 𓅱 --x\n', []],
  ])('%j', (text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  it('suggests what was meant', () => {
    expect(parseDockerfile('FROM a\nCOPPY a b\n').problems[0]?.hint).toBe('Did you mean COPY?');
    expect(parseDockerfile('FROM a\nCOPY --form=b /x /y\n').problems[0]?.hint).toBe('Did you mean --from?');
    expect(parseDockerfile('FROM a AS dev\n', { target: 'dve' }).problems[0]).toMatchObject({
      code: 'undefined-stage',
      hint: 'Did you mean dev?',
    });
  });

  it('never throws, whatever stands in the file', () => {
    const pieces = constantFrom(
      ...`FROM a|COPY|ADD|RUN|ENV|ARG|ONBUILD|--from=|--mount=|<<EOF|EOF|$|\${|}|"|'|\\|\`|\n|\r\n| |[|]|#|# escape=\`|,|=|:-|##`.split(
        '|',
      ),
      ...'//|a|𓅱|\uFEFF|\0|*|..|ptah://x|AS'.split('|'),
    );
    assert(
      property(array(pieces, { maxLength: 40 }), parts => {
        const text = parts.join('');
        const { problems, dependencies } = parseDockerfile(text);
        const lines = text.split('\n').length;
        for (const { line = 1, column = 1 } of [...problems, ...dependencies]) {
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(lines);
          expect(column).toBeGreaterThan(0);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it.each(['${x/b}', '${x#\\.}', '${x#a\\', '${y+${x//\\a/b}}'])('refuses %s as Docker does', word => {
    const { problems } = parseDockerfile(`FROM a\nENV x=b\nCOPY f /p${word}/\n`);
    expect(problems).toMatchObject([{ code: 'expansion', severity: 'error', line: 3, column: 8 }]);
  });

  it('takes what a stage that is not built expands for a warning, as Docker does not look', () => {
    const text = 'FROM a AS one\nENV X=${Y:?must}\nFROM b\n';
    const severities = (more: string) =>
      parseDockerfile(text + more).problems.map(({ severity }) => severity);
    expect(severities('')).toEqual(['warning']);
    expect(severities('COPY --from=one /x /x\n')).toEqual(['error']);
    expect(severities('FROM one\n')).toEqual(['error']);
  });

  it('reads a file of many lines in little time', () => {
    const text = `FROM a\n${'RUN echo x \\\n  && echo y\nENV A=$B\n'.repeat(20_000)}`;
    const start = performance.now();
    expect(parseDockerfile(text).problems).toEqual([]);
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});

describe('prepareDockerfile', () => {
  const references = new Map([
    ['base', 'base:abc1234'],
    ['tools', 'tools:0000000-1234567'],
  ]);

  it('replaces images of the project at their places and nothing else', () => {
    const text =
      'ARG B=ptah://base\r\n# FROM ptah://base\r\nFROM ${B} AS x # no\r\nFROM ptah://base AS y\r\n' +
      'COPY --from="ptah://tools" /ptah://tools /b\r\nRUN --mount=from=ptah://tools,target=/x echo ptah://base\r\nCOPY --from=ptah://to\\\r\nols /a /b\r\n';
    expect(prepareDockerfile(text.replace(' # no', ''), references)).toBe(
      'ARG B=ptah://base\r\n# FROM ptah://base\r\nFROM base:abc1234 AS x\r\nFROM base:abc1234 AS y\r\n' +
        'COPY --from=tools:0000000-1234567 /ptah://tools /b\r\nRUN --mount=from=tools:0000000-1234567,target=/x echo ptah://base\r\n' +
        'COPY --from=tools:0000000-1234567\\\r\n /a /b\r\n',
    );
  });

  it('says which image it lacks, and where', () => {
    expect(() => prepareDockerfile('FROM a\nCOPY --from=ptah://nope /x /y\n', references)).toThrow(
      expect.objectContaining({ code: 'unknown-image', details: { line: 2, column: 13 } }),
    );
  });
});

describe('isImageReference', () => {
  it.each([
    'a',
    'a:b',
    'a/b-c__d.e:1',
    'localhost:5000/a',
    'Host.example/a:B_1.x',
    'a@sha256:' + '0'.repeat(64),
    'api:abc1234-1234567',
  ])('takes %s', reference => {
    expect(isImageReference(reference)).toBe(true);
  });

  it.each([
    '',
    'A',
    'a:b:c',
    'a b',
    'ptah://a',
    'a:',
    '-a',
    'a/',
    'a:' + 'x'.repeat(129),
    'a@sha256:00',
    'a..b',
    '0'.repeat(64),
    'c++:1',
  ])('refuses %s', reference => {
    expect(isImageReference(reference)).toBe(false);
  });
});
