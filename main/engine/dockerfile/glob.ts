/**
 * A pattern as the source of a regular expression (flag `u`), to be anchored by the caller.
 * - `path`: Go's `filepath.Match`, what `COPY` sources use: `*` and `?` stop at `/`.
 * - `ignore`: Docker's pattern matcher, what `--exclude`, `--parents` and `.dockerignore` use: `**` crosses `/`.
 * What Docker refuses is a SyntaxError.
 */
export function globExpression(pattern: string, kind: 'path' | 'ignore'): string {
  if (!GO_PATTERN.test(pattern)) throw new SyntaxError(`"${pattern}" is no pattern of Go`);
  const one = '[^/]';
  let result = '';
  const characters = Array.from(pattern);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    if (character === '*') {
      if (kind === 'ignore' && characters[at + 1] === '*') {
        at++;
        if (characters[at + 1] === '/') {
          at++;
          result += '(?:.*/)?';
        } else if (at + 1 < characters.length && GLOB.test(characters.slice(at + 1).join(''))) {
          // Docker's matcher takes `**x*` for `**/x*`, but `**x` for any path that ends so.
          result += '(?:.*/)?';
        } else result += '.*';
      } else {
        // Stars in a row are one star: two would only make the expression slow.
        if (!result.endsWith(`${one}*`)) result += `${one}*`;
      }
    } else if (character === '?') result += one;
    else if (character === '\\' && at + 1 < characters.length) result += literal(characters[++at] ?? '');
    else if (character === '[') {
      const end = classEnd(characters, at);
      result += characterClass(characters.slice(at + 1, end));
      at = end;
    } else result += literal(character);
  }
  return result;
}

/** What `filepath.Match` takes: in brackets neither `]` nor `-` stands for itself, not even first or last. */
const GO_PATTERN = /^(?:[^\\[]|\\[^]|\[(?:\^|(?!\^))(?:(?:[^\\\]-]|\\[^])(?:-(?:[^\\\]-]|\\[^]))?)+\])*$/u;

const GLOB = /[*?[]/;

/** Whether Docker takes a source for a pattern. */
export function isGlob(source: string): boolean {
  return GLOB.test(source.replace(/\\./gsu, ''));
}

function literal(character: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function classEnd(characters: readonly string[], start: number): number {
  let at = start + 1;
  while (characters[at] !== ']') at += characters[at] === '\\' ? 2 : 1;
  return at;
}

/** Between brackets, negated or not, `/` is a character like any other. A range that runs backwards holds nothing. */
function characterClass(content: readonly string[]): string {
  const negated = content[0] === '^';
  let inner = '';
  let at = negated ? 1 : 0;
  const next = (): string => {
    if (content[at] === '\\') at++;
    return content[at++] ?? '';
  };
  while (at < content.length) {
    const from = next();
    if (content[at] !== '-') {
      inner += classLiteral(from);
      continue;
    }
    at++;
    const to = next();
    if ((from.codePointAt(0) ?? 0) <= (to.codePointAt(0) ?? 0))
      inner += `${classLiteral(from)}-${classLiteral(to)}`;
  }
  return negated ? `[^${inner}]` : `[${inner}]`;
}

function classLiteral(character: string): string {
  return /[\^\\\]\-[]/.test(character) ? `\\${character}` : character;
}
