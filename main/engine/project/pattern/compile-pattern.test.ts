import { describe, expect, it } from 'vitest';
import type { PtahError } from '../../errors/index.ts';
import { compilePattern, deadlineIn } from './compile-pattern.ts';

/** Expectations recorded from Python 3.11: pattern, text, what `re.search` gives (whole match and groups), null for none. */
const SEARCHES: readonly (readonly [string, string, readonly (string | null)[] | null])[] = [
  [
    '(?i)(?P<name>\\w+)[/\\\\][\\w\\.]*Dockerfile',
    'a/my-image/dockerfile.bak',
    ['image/dockerfile', 'image'],
  ],
  ['(?i)(?P<name>\\w+)[/\\\\][\\w\\.]*Dockerfile', 'Dockerfile', null],
  ['^images/(?P<name>[^/]+)/Dockerfile$', 'images/api/Dockerfile\n', ['images/api/Dockerfile', 'api']],
  ['a\\Z', 'a\n', null],
  ['a.b', 'a\rb', ['a\rb']],
  ['a.b', 'a\nb', null],
  ['(?s)a.b', 'a\nb', ['a\nb']],
  ['(?m)^b$', 'a\nb\nc', ['b']],
  ['(?x) (?P<n> \\w+ ) / D  # comment', 'x/D', ['x/D', 'x']],
  ['\\w+', '-naïve_٣²-', ['naïve_٣²']],
  ['(?a)\\w+', 'é_a', ['_a']],
  ['(?i)straße|ﬆ', 'STRAßE', ['STRAßE']],
  ['(?i)[s]', 'ſ', ['ſ']],
  ['(?i)k', '\u212a', ['\u212a']],
  ['(?ia)k', '\u212a', null],
  ['(?i)i', '\u0130', ['\u0130']],
  ['(a)|b\\1', 'b', null],
  ['(?:(a)|b)*', 'ab', ['ab', 'a']],
  ['(a)?(?(1)b|c)', 'c', ['c', null]],
  ['(?P<q>["\']).*?(?P=q)', `x"it's"`, [`"it's"`, '"']],
  ['(?>a+)ab', 'aaab', null],
  ['a++b', 'aaab', ['aaab']],
  ['a{,2}b', 'aaab', ['aab']],
  ['a{1,b}{', 'a{1,b}{', ['a{1,b}{']],
  ['(?<=/)x', 'a/x', ['x']],
  ['(?<!/)\\bx', '/x x', ['x']],
  ['[]a-]+', 'x]-a', [']-a']],
  ['[^]]+', ']x', ['x']],
  ['[[:alpha:]]', ':]', [':]']],
  ['\\101\\x42\\u0043\\U00000044\\0', 'ABCD\0', ['ABCD\0']],
  ['(?i:A)b', 'ab', ['ab']],
  ['(?i:A)B', 'ab', null],
  ['(?i)a(?-i:B)', 'AB', ['AB']],
  ['.', '\u{1F600}', ['\u{1F600}']],
  ['^.$', '\u{1F600}', ['\u{1F600}']],
  ['(?#note)a', 'a', ['a']],
];

describe('Python’s regular expressions', () => {
  it.each(SEARCHES)('%s in %j', (source, text, expected) => {
    expect(compilePattern(source).search(text)?.captures ?? null).toEqual(expected);
  });

  it('tells search from match, and counts in code points', () => {
    const pattern = compilePattern('b(?P<rest>.*)');
    expect(pattern.match('ab')).toBeNull();
    expect(pattern.search('\u{1F600}bc')).toMatchObject({
      start: 1,
      end: 3,
      text: 'bc',
      groups: { rest: 'c' },
    });
    expect(compilePattern('^(?!helmfile).*\\.yaml').match('helmfile.yaml')).toBeNull();
    expect(compilePattern('^(?!helmfile).*\\.yaml').match('a.yaml.bak')).not.toBeNull();
  });

  it.each([
    ['(', 'missing ), unterminated subpattern', 1],
    ['a)', 'unbalanced parenthesis', 2],
    ['[a', 'unterminated character set', 1],
    ['*a', 'nothing to repeat', 1],
    ['a**', 'multiple repeat', 3],
    ['a{2,1}', 'min repeat greater than max repeat', 3],
    ['(?P<1a>x)', 'bad character in group name', 5],
    ['(?P=x)', 'unknown group name', 5],
    ['(?<name>x)', 'unknown extension ?<n', 1],
    ['\\q', 'bad escape', 1],
    ['(?<=a+)', 'look-behind requires fixed-width pattern', 1],
    ['a(?i)b', 'global flags not at the start', 2],
    ['(?L)a', 'cannot use', 4],
    ['[z-a]', 'bad character range', 2],
    ['\\1', 'invalid group reference 1', 2],
    ['(?z)', 'unknown extension ?z', 1],
    ['a\\', 'bad escape (end of pattern)', 2],
  ])('refuses %s: %s, with its position', (source, reason, position) => {
    const error = failure(() => compilePattern(source));
    expect(error.code).toBe('pattern-invalid');
    expect(error.message).toContain(reason);
    expect(error.details.column).toBe(position);
  });

  it('says what it can’t translate', () => {
    const error = failure(() => compilePattern('a\\N{EM DASH}'));
    expect(error).toMatchObject({ code: 'pattern-unsupported', details: { column: 2 } });
  });
});

describe('time', () => {
  it.each(['(a+)+$', '(a|a)*$', '(.*)*\\d\\1$', '(?:a?){40}a{40}$', '([a-z]+)*\\d'])(
    '%s is given up, naming pattern and text',
    source => {
      const text = `${'a'.repeat(35)}!`;
      const before = performance.now();
      const error = failure(() => compilePattern(source).search(text, deadlineIn(100)));
      expect(performance.now() - before).toBeLessThan(20_000);
      expect(error.code).toBe('pattern-timeout');
      expect(error.message).toContain(JSON.stringify(source));
      expect(error.message).toContain(text);
    },
  );

  it('is no concern for a long path', () => {
    const path = `${'some-folder/'.repeat(300)}Dockerfile`;
    expect(compilePattern('(?i)(?P<name>\\w+)[/\\\\][\\w\\.]*Dockerfile').search(path)?.groups.name).toBe(
      'folder',
    );
    expect(failure(() => compilePattern('(?:a|b)*c').match(`${'ab'.repeat(200_000)}!c`)).code).toBe(
      'pattern-timeout',
    );
  });
});

function failure(run: () => unknown): PtahError {
  try {
    run();
  } catch (error) {
    return error as PtahError;
  }
  throw new Error('nothing failed');
}
