import { posix } from 'node:path';
import { PtahError } from '../errors/index.ts';

/** One pattern of a `.dockerignore` as Docker reads it (moby's `patternmatcher`). */
export interface DockerPattern {
  readonly negated: boolean;
  readonly text: string;
  matches(path: string): boolean;
}

/**
 * Reads a `.dockerignore` as Docker does: a comment is a line that starts with `#`, white space is trimmed, paths are cleaned and
 * anchored at the context, `!` re-includes.
 */
export function parseDockerPatterns(text: string): DockerPattern[] {
  const patterns: DockerPattern[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.startsWith('#')) continue;
    const trimmed = line.trim();
    if (trimmed === '') continue;
    const negated = trimmed.startsWith('!');
    const written = negated ? trimmed.slice(1).trim() : trimmed;
    if (written === '') throw invalid(index + 1, 'A lone “!” re-includes nothing.');
    const text = cleanPath(written);
    patterns.push({ negated, text, matches: compile(text, index + 1) });
  }
  return patterns;
}

/** Go's `filepath.Clean`, then without the leading slash. */
function cleanPath(path: string): string {
  const clean = posix.normalize(path);
  const trimmed = clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
  return trimmed.length > 1 && trimmed.startsWith('/') ? trimmed.slice(1) : trimmed;
}

function compile(pattern: string, lineNumber: number): (path: string) => boolean {
  // Docker compares these three without an expression; it matters, as an expression would not see a newline in `**`.
  if (!/[*?[\]\\]/.test(pattern)) return path => path === pattern;
  const head = pattern.slice(0, -2);
  if (pattern.endsWith('**') && !/[*?[\]\\]/.test(head)) return path => path.startsWith(head);
  const tail = pattern.slice(2);
  if (pattern.startsWith('**') && !/[*?[\]\\]/.test(tail))
    return path => path.endsWith(tail) || (tail.startsWith('/') && path === tail.slice(1));
  const expression = translate(pattern, lineNumber);
  return path => expression.test(path);
}

function translate(pattern: string, lineNumber: number): RegExp {
  const characters = Array.from(pattern);
  let source = '';
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? '';
    if (character === '*' && characters[index + 1] === '*') {
      index += 1;
      if (characters[index + 1] === '/') index += 1;
      source += index + 1 >= characters.length ? '[^\\n]*' : '(?:[^\\n]*/)?';
    } else if (character === '*') source += '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (character === '\\') {
      index += 1;
      const escaped = characters[index];
      if (escaped === undefined)
        throw invalid(lineNumber, `“${pattern}” ends in a backslash with nothing to escape.`);
      source += literal(escaped);
    } else if (character === '[') {
      const members = bracket(characters, index, pattern, lineNumber);
      source += members.source;
      index = members.end;
    } else source += literal(character);
  }
  return new RegExp(`^${source}$`, 'u');
}

function bracket(
  characters: readonly string[],
  start: number,
  pattern: string,
  lineNumber: number,
): { source: string; end: number } {
  let index = start + 1;
  let source = '[';
  if (characters[index] === '^') {
    source += '^';
    index += 1;
  }
  const first = index;
  const next = (): string => {
    if (characters[index] === '\\') index += 1;
    const member = characters[index];
    if (member === undefined) throw invalid(lineNumber, `“${pattern}” has a “[” that is never closed.`);
    index += 1;
    return member;
  };
  while (index === first || characters[index] !== ']') {
    const from = next();
    if (characters[index] === '-' && characters[index + 1] !== ']') {
      index += 1;
      const to = next();
      if ((from.codePointAt(0) ?? 0) > (to.codePointAt(0) ?? 0))
        throw invalid(lineNumber, `“${pattern}” has a range that runs backwards.`);
      source += `${literal(from)}-${literal(to)}`;
    } else source += literal(from);
  }
  return { source: `${source}]`, end: index };
}

function literal(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function invalid(lineNumber: number, message: string): PtahError {
  return new PtahError('invalid-pattern', `.dockerignore, line ${lineNumber}: ${message}`, {
    hint: 'Correct this line of .dockerignore: Docker refuses it too.',
    details: { file: '.dockerignore', line: lineNumber },
  });
}
