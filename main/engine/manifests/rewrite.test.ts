import { readFileSync } from 'node:fs';
import { array, assert, constantFrom, pre, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rewrite } from './rewrite.ts';

interface GoldenCase {
  readonly name: string;
  readonly images: readonly { readonly name: string; readonly tag: string }[];
  readonly text: string;
  readonly expected: string;
  readonly quirk?: string;
}

const { cases } = JSON.parse(readFileSync(new URL('golden/rewrite.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly GoldenCase[];
};

/** Where we part from the original on purpose (docs/differences.md). */
const OURS: Readonly<Record<string, string>> = {
  'hyphenated-image-after-shorter': 'image: foo-bar:def5678\n',
  'lone-cr-becomes-lf': 'a: 1\rimage: foo:abc1234\r',
  'dot-in-name-is-a-wildcard': 'x: a.b:1111111\ny: ptah://axb\n',
  'plus-in-name': 'x: c++:1111111\n',
};

const FOO = [{ name: 'foo', reference: 'foo:abc1234' }];

describe('the golden rewrites', () => {
  it('are all here', () => {
    expect(cases).toHaveLength(35);
    expect(Object.keys(OURS).filter(name => !cases.some(each => each.name === name))).toEqual([]);
  });

  it.each(cases)('$name', ({ name, images, text, expected }) => {
    const known = images.map(each => ({ name: each.name, reference: `${each.name}:${each.tag}` }));
    expect(rewrite(text, known).text).toBe(OURS[name] ?? expected);
  });
});

describe('rewrite', () => {
  it('gives each reference its place in code points', () => {
    const text =
      '\uFEFFa: "𓅱ptah://foo" # ptah://nope\r\nb: ptah://gone\r  c: ptah://foo, ptah://no-thing.\n';
    const { references, unknown } = rewrite(text, FOO);
    expect(references).toEqual([
      { line: 1, column: 6, name: 'foo', reference: 'foo:abc1234', inComment: false },
      { line: 1, column: 20, name: 'nope', reference: null, inComment: true },
      { line: 2, column: 4, name: 'gone', reference: null, inComment: false },
      { line: 3, column: 6, name: 'foo', reference: 'foo:abc1234', inComment: false },
      { line: 3, column: 18, name: 'no-thing', reference: null, inComment: false },
    ]);
    expect(unknown.map(({ name }) => name)).toEqual(['gone', 'no-thing']);
  });

  it.each([
    ['ptah://foo-bar', null],
    ['ptah://foo.bar', null],
    ['ptah://foo-é', null],
    ['ptah://foo_', null],
    ['ptah://foo-', 'foo:abc1234-'],
    ['ptah://foo.', 'foo:abc1234.'],
    ['ptah://foo-.x', 'foo:abc1234-.x'],
    ['ptah://foo𓅱', null],
    ['ptah://foo😀', 'foo:abc1234😀'],
    ['xptah://foo', 'xfoo:abc1234'],
    ['ptah://ptah://foo', 'ptah://foo:abc1234'],
    ['ptah://', null],
  ])('%s', (text, expected) => {
    expect(rewrite(text, FOO).text).toBe(expected ?? text);
    expect(rewrite(text, FOO).unknown).toHaveLength(
      expected === null || text.startsWith('ptah://ptah') ? 1 : 0,
    );
  });

  it('lets a shorter name stand in when the longer one goes on', () => {
    const images = [...FOO, { name: 'foo/x', reference: 'foo/x:1' }];
    expect(rewrite('ptah://foo/x ptah://foo/xy', images).text).toBe('foo/x:1 foo:abc1234/xy');
  });

  it('tells comments from text with a # in it', () => {
    const text = [
      'a: "x # ptah://one"',
      "b: 'y # ptah://two' # ptah://three",
      'c: |',
      '  # ptah://four',
      'd: x#ptah://five',
      '# ptah://six',
      'e: [a, # ptah://seven',
      '  b]',
      '{ "f": "# ptah://eight" }',
    ].join('\n');
    const comments = rewrite(text, []).references.filter(({ inComment }) => inComment);
    expect(comments.map(({ name }) => name)).toEqual(['three', 'six', 'seven']);
  });

  it('leaves an image without a reference alone and knows it', () => {
    const result = rewrite('image: ptah://foo\n', [{ name: 'foo', reference: '' }]);
    expect(result.text).toBe('image: ptah://foo\n');
    expect(result.references).toMatchObject([{ reference: null }]);
    expect(result.unknown).toEqual([]);
  });

  const piece = constantFrom(
    ...'ptah://|foo|foo-bar|a.b|team/api|:|-|.|/|#|"|\'|é|𓅱|\n|\r\n|\r| |\t|a: |\uFEFF|{|}|_'.split('|'),
  );
  const text = array(piece, { maxLength: 40 }).map(parts => parts.join(''));
  const images = ['foo', 'foo-bar', 'a.b', 'team/api'].map(name => ({ name, reference: `${name}:0000000` }));

  it('never changes a byte outside of references', () => {
    assert(
      property(text, source => {
        const result = rewrite(source, images);
        const lines = source.split(/\r\n|\r|\n/);
        let rest = source;
        let expected = '';
        for (const { line, column, name, reference, inComment } of result.references) {
          // Each place is one where the source really says it.
          const characters = Array.from((lines[line - 1] ?? '').replace(line === 1 ? /^\uFEFF/ : /(?!)/, ''));
          expect(
            characters
              .slice(column - 1)
              .join('')
              .startsWith(`ptah://${name}`),
          ).toBe(true);
          const at = rest.indexOf(`ptah://${name}`);
          expected += rest.slice(0, at) + (reference ?? `ptah://${name}`);
          rest = rest.slice(at + `ptah://${name}`.length);
          expect(inComment && reference !== null && reference !== `${name}:0000000`).toBe(false);
        }
        expect(result.text).toBe(expected + rest);
        expect(result.references).toHaveLength(source.split('ptah://').length - 1);
      }),
      { numRuns: 2000 },
    );
  });

  it('changes nothing the second time', () => {
    assert(
      property(text, source => {
        // A scheme without a name would find one in what follows it.
        pre(!/ptah:\/\/(?:ptah:\/\/)/.test(source));
        const once = rewrite(source, images).text;
        expect(rewrite(once, images).text).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes any text whatever', () => {
    assert(property(string({ unit: 'binary' }), source => rewrite(source, images).text === source));
  });

  it.each([
    ['many lines', 'image: ptah://foo # ptah://nope\n', '\n'],
    ['one line', 'ptah://foo 𓅱 ', ''],
  ])('takes 10 MB in %s', (_, line) => {
    const source = line.repeat(Math.ceil((10 * 1024 * 1024) / line.length));
    const start = performance.now();
    const { references } = rewrite(source, images);
    expect(references.length).toBeGreaterThan(300_000);
    expect(performance.now() - start).toBeLessThan(60_000);
  });
});
