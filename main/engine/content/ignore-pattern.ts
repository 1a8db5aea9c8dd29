import { PtahError } from '../errors/index.ts';
import { stripEnd } from './python-text.ts';

/** What one line of `.dockerignore` excludes when it is read as a gitignore pattern, the way the original reads it. */
export interface IgnorePattern {
  /** Whether the file at `path` (relative, `/` separators) is excluded. */
  excludesFile(path: string): boolean;
  /** Whether everything below the directory at `path` is excluded, so that nobody needs to look there. */
  excludesAllBelow(path: string): boolean;
}

/**
 * Translates a line. The original hands `!` + line to pathspec, so a leading `!` or `#` is an ordinary character. Null: the line
 * excludes nothing (an unclosed `[` drops a pattern in git, and pathspec follows). A blank line, where the original fails, is null too.
 */
export function parseIgnorePattern(line: string, lineNumber: number): IgnorePattern | null {
  const pattern = line.endsWith('\\ ') ? line : stripEnd(line);
  if (pattern === '') return null;
  const normal = normalize(pattern.split('/'));
  if (normal === 'everything') return SOMETHING_VISIBLE;
  if (normal === 'below-folders') return BELOW_FOLDERS;
  const source = translate(normal.segments, lineNumber);
  if (source === null) return null;
  const file = new RegExp(`${source.prefix}${source.fileEnd}`, 'u');
  const below = new RegExp(`${source.prefix}${source.belowEnd}`, 'u');
  return { excludesFile: path => file.test(path), excludesAllBelow: path => below.test(`${path}/`) };
}

// pathspec shortens `*`, `**` and `**/*` to the expression `.`, which a name of nothing but newlines does not match.
const SOMETHING_VISIBLE: IgnorePattern = {
  excludesFile: path => /[^\n]/.test(path),
  excludesAllBelow: path => /[^\n]/.test(path),
};
const BELOW_FOLDERS: IgnorePattern = {
  excludesFile: path => path.includes('/'),
  excludesAllBelow: () => true,
};

type Normal = 'everything' | 'below-folders' | { readonly segments: readonly string[] };

function normalize(split: readonly string[]): Normal {
  const onlyFolders = split.at(-1) === '';
  let segments = [...split];
  if (segments[0] === '') segments.shift();
  else if ((segments.length === 1 || (segments.length === 2 && segments[1] === '')) && segments[0] !== '**')
    segments.unshift('**');
  if (segments.at(-1) === '') segments[segments.length - 1] = '**';
  segments = segments.filter(
    (segment, index) => index === 0 || segment !== '**' || segments[index - 1] !== '**',
  );
  const [first, second, third] = segments;
  if (segments.length === 1 && first === '**') return onlyFolders ? 'below-folders' : 'everything';
  if (segments.length === 2 && first === '**' && second === '*') return 'everything';
  if (segments.length === 3 && first === '**' && second === '*' && third === '**') return 'below-folders';
  return { segments };
}

interface Translation {
  readonly prefix: string;
  readonly fileEnd: string;
  readonly belowEnd: string;
}

// `.` of Python excludes only LF; its `$` also matches before one final newline.
const ANY = '[^\\n]';
const END = '(?=\\n?$)';

function translate(segments: readonly string[], lineNumber: number): Translation | null {
  const last = segments.length - 1;
  let prefix = '';
  let fileEnd = '';
  let belowEnd = '';
  let needSlash = false;
  for (const [index, segment] of segments.entries()) {
    if (segment === '**') {
      if (index === 0) prefix += `^(?:${ANY}+/)?`;
      else if (index < last) {
        prefix += `(?:/${ANY}+)?`;
        needSlash = true;
      } else {
        fileEnd = '/';
        belowEnd = '/';
      }
      continue;
    }
    if (index === 0) prefix += '^';
    if (needSlash) prefix += '/';
    const glob = segment === '*' ? '[^/]+' : translateSegment(segment, lineNumber);
    if (glob === null) return null;
    prefix += glob;
    if (index === last) {
      fileEnd = `(?:/|${END})`;
      belowEnd = '/';
    }
    needSlash = true;
  }
  return { prefix, fileEnd, belowEnd };
}

/** One segment without `/`; null where a bracket is never closed. */
function translateSegment(segment: string, lineNumber: number): string | null {
  const characters = Array.from(segment);
  let source = '';
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? '';
    if (character === '\\') {
      index += 1;
      const escaped = characters[index];
      if (escaped === undefined) {
        throw invalidPattern(lineNumber, `“${segment}” ends in a backslash with nothing to escape.`);
      }
      source += literal(escaped);
    } else if (character === '*') source += '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (character === '[') {
      const end = closingBracket(characters, index + 1);
      if (end === null) return null;
      source += bracket(characters.slice(index + 1, end), lineNumber);
      index = end;
    } else source += literal(character);
  }
  return source;
}

function closingBracket(characters: readonly string[], start: number): number | null {
  let index = start;
  if (characters[index] === '!' || characters[index] === '^') index++;
  if (characters[index] === ']') index++;
  const end = characters.indexOf(']', index);
  return end === -1 ? null : end;
}

/** The inside of `[…]`: characters and ranges, a backslash is one of the characters. */
function bracket(inside: readonly string[], lineNumber: number): string {
  const negated = inside[0] === '!' || inside[0] === '^';
  const members = negated ? inside.slice(1) : inside;
  let source = '';
  for (let index = 0; index < members.length; index++) {
    const from = members[index] ?? '';
    const to = members[index + 2];
    if (members[index + 1] === '-' && to !== undefined) {
      if ((from.codePointAt(0) ?? 0) > (to.codePointAt(0) ?? 0))
        throw invalidPattern(lineNumber, `“[${inside.join('')}]” has a range that runs backwards.`);
      source += `${literal(from)}-${literal(to)}`;
      index += 2;
    } else source += literal(from);
  }
  return `[${negated ? '^' : ''}${source}]`;
}

function literal(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function invalidPattern(lineNumber: number, message: string): PtahError {
  return new PtahError('invalid-pattern', `.dockerignore, line ${lineNumber}: ${message}`, {
    hint: 'Correct this line of .dockerignore.',
    details: { file: '.dockerignore', line: lineNumber },
  });
}
