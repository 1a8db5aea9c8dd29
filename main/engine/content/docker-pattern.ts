import { posix } from 'node:path';
import { PtahError } from '../errors/index.ts';
import { fromGoExpression } from './go-expression.ts';

/** One pattern of a `.dockerignore` as Docker reads it (moby's `patternmatcher`). */
export interface DockerPattern {
  readonly negated: boolean;
  readonly text: string;
  /** Throws where Docker refuses the pattern only once it has to match something. */
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
    const trimmed = trim(line);
    if (trimmed === '') continue;
    const negated = trimmed.startsWith('!');
    const anchored = anchor(negated ? trim(trimmed.slice(1)) : trimmed);
    const whole = clean(trim(negated ? `!${anchored}` : anchored));
    if (whole === '!') throw invalid(index + 1, 'A lone “!” re-includes nothing.');
    const pattern = whole.startsWith('!') ? whole.slice(1) : whole;
    if (!isGoPattern(pattern)) throw invalid(index + 1, `“${pattern}” is no pattern.`);
    patterns.push({ negated: whole.startsWith('!'), text: pattern, matches: matcher(pattern, index + 1) });
  }
  return patterns;
}

// Go's unicode.IsSpace: without U+FEFF, with U+0085.
const SPACES = String.raw`[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+`;
const AROUND = new RegExp(`^${SPACES}|${SPACES}$`, 'g');

function trim(text: string): string {
  return text.replaceAll(AROUND, '');
}

/** Go's `filepath.Clean`. */
function clean(path: string): string {
  if (path === '') return path;
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

function anchor(path: string): string {
  const cleaned = clean(path);
  return cleaned.length > 1 && cleaned.startsWith('/') ? cleaned.slice(1) : cleaned;
}

/** What Go's `filepath.Match` takes: stricter about brackets than a regular expression. */
function isGoPattern(pattern: string): boolean {
  return /^(?:[^\\[]|\\[^]|\[(?:\^|(?!\^))(?:(?:[^\\\]-]|\\[^])(?:-(?:[^\\\]-]|\\[^]))?)+\])*$/u.test(
    pattern,
  );
}

function matcher(pattern: string, lineNumber: number): (path: string) => boolean {
  // Docker compares these three without an expression; it matters, as an expression would take “|” and “{2}” for its own.
  if (isPlain(pattern)) return path => path === pattern;
  const head = pattern.slice(0, -2);
  const tail = pattern.slice(2);
  if (pattern.startsWith('**') && isPlain(tail))
    return path => path.endsWith(tail) || (tail.startsWith('/') && path === tail.slice(1));
  if (pattern.endsWith('**') && isPlain(head)) return path => path.startsWith(head);
  let expression: RegExp | null = null;
  return path => {
    expression ??= compile(pattern, lineNumber);
    return expression.test(path);
  };
}

function isPlain(pattern: string): boolean {
  return !/[*?[\]\\]/.test(pattern);
}

/** The expression that Docker makes of the pattern, character by character, also within brackets. */
function compile(pattern: string, lineNumber: number): RegExp {
  const characters = Array.from(pattern);
  let source = '';
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? '';
    if (character === '*' && characters[index + 1] === '*') {
      index += 1;
      if (characters[index + 1] === '/') index += 1;
      source += index + 1 >= characters.length ? '.*' : '(.*/)?';
    } else if (character === '*') source += '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (character === '\\') source += `\\${characters[++index] ?? ''}`;
    // Docker means to escape “|”, “{” and “}” as well, but its table of characters ends before them.
    else source += '.+()$'.includes(character) ? `\\${character}` : character;
  }
  try {
    return fromGoExpression(`^${source}$`);
  } catch {
    throw invalid(lineNumber, `“${pattern}” is no pattern.`);
  }
}

function invalid(lineNumber: number, message: string): PtahError {
  return new PtahError('invalid-pattern', `.dockerignore, line ${lineNumber}: ${message}`, {
    hint: 'Correct this line of .dockerignore.',
    details: { file: '.dockerignore', line: lineNumber },
  });
}
