import { describe, expect, it } from 'vitest';
import { selectAsDocker } from './docker-selection.ts';

/** Answers of moby's patternmatcher 0.6.0: ignore file, the paths that it excludes, the paths that it leaves. */
const ANSWERS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['foo', ['foo', 'foo/a/b'], ['a/foo', 'foobar']],
  ['/foo/', ['foo', 'foo/a'], ['a/foo']],
  ['*.md', ['a.md', '.md'], ['a/b.md', 'a.mdx']],
  ['**/*.md', ['a.md', 'a/b.md', 'a.md/x'], ['a.mdx']],
  ['**/foo', ['foo', 'a/foo', 'a/foo/b'], ['foob', 'afoo']],
  ['**foo', ['foo', 'afoo', 'a/bfoo'], ['foob']],
  ['foo/**', ['foo/a', 'foo/a/b'], ['foo', 'foobar']],
  ['foo**', ['foo', 'foobar', 'foo/a'], ['fo']],
  ['**', ['a', 'a/b', '\n'], []],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['a', 'ab', 'x/a/b']],
  ['*/*/x', ['a/b/x'], ['x', 'a/x']],
  ['fo?', ['foo'], ['fo', 'fo/']],
  ['[a-c]x', ['ax', 'cx'], ['dx']],
  ['[^a]x', ['bx'], ['ax']],
  ['[!a]x', ['ax', '!x'], ['bx']],
  ['\\*', ['*'], ['a']],
  ['a.b', ['a.b'], ['axb']],
  ['c++', ['c++'], ['c', 'cc']],
  ['c++*', ['c++', 'c++x'], ['cc']],
  ['x(1)*', ['x(1)', 'x(1)a'], ['x1']],
  ['a|b', ['a|b'], ['a', 'b']],
  ['./a/../b//c/', ['b/c'], ['a']],
  ['docs\n!docs/a.md', ['docs', 'docs/b.md'], ['docs/a.md']],
  ['*\n!src\nsrc/*.pyc', ['a', 'src/b.pyc'], ['src', 'src/a.py', 'src/x/b.pyc']],
  ['!a', [], ['a']],
  ['  a  \n\t\n#b\n\\#c', ['a', '#c'], ['#b', 'b']],
  ['FOO', [], ['foo']],
  ['constructor\n__proto__', ['constructor', '__proto__'], ['toString']],
];

describe('Docker’s reading of .dockerignore', () => {
  it.each(ANSWERS)('%j', (text, excluded, left) => {
    const selection = selectAsDocker(text);
    const excludes = (path: string): boolean => selection.excludes(path);
    expect(excluded.filter(path => !excludes(path))).toEqual([]);
    expect(left.filter(path => excludes(path))).toEqual([]);
  });

  it.each(['!', 'a\n! ', '!/', '[', '[]a]', '[a-]', 'a\\'])('refuses %j', text => {
    expect(() => selectAsDocker(text).excludes('a')).toThrow(
      expect.objectContaining({ code: 'invalid-pattern' }),
    );
  });

  it('knows when nothing below a directory can be in the context', () => {
    const at = (text: string) => selectAsDocker(text).excludesAllBelow('docs/img');
    expect(at('docs')).toBe(true);
    expect(at('docs\n!src')).toBe(true);
    expect(at('docs\n!docs/img/a.png')).toBe(false);
    expect(at('docs\n!docs/*/a.png')).toBe(false);
    expect(at('docs\n!**/a.png')).toBe(false);
    expect(at('docs\n!docs/img')).toBe(false);
    expect(at('*.md')).toBe(false);
  });
});
