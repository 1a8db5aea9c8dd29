/**
 * A pattern as the source of a regular expression (flag `u`), to be anchored by the caller.
 * - `path`: Go's `filepath.Match`, what `COPY` sources use: `*` and `?` stop at `/`.
 * - `ignore`: Docker's pattern matcher, what `--exclude`, `--parents` and `.dockerignore` use: `**` crosses `/`.
 * - `shell`: what `${x#pattern}` uses: `*` and `?` cross `/`.
 */
export function globExpression(pattern: string, kind: 'path' | 'ignore' | 'shell'): string {
  const one = kind === 'shell' ? '.' : '[^/]';
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
        } else result += '.*';
      } else {
        // Stars in a row are one star: two would only make the expression slow.
        if (!result.endsWith(`${one}*`)) result += `${one}*`;
      }
    } else if (character === '?') result += one;
    else if (character === '\\' && at + 1 < characters.length) result += literal(characters[++at] ?? '');
    else if (character === '[' && kind !== 'shell') {
      const end = classEnd(characters, at);
      if (end === -1) throw new SyntaxError(`the pattern "${pattern}" has an open "["`);
      result += characterClass(characters.slice(at + 1, end));
      at = end;
    } else result += literal(character);
  }
  return result;
}

/** Whether Docker takes a source for a pattern. */
export function isGlob(source: string): boolean {
  return /[*?[]/.test(source.replace(/\\./gsu, ''));
}

function literal(character: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function classEnd(characters: readonly string[], start: number): number {
  let at = start + 1;
  if (characters[at] === '^') at++;
  for (let first = true; at < characters.length; at++, first = false) {
    if (characters[at] === '\\') at++;
    else if (characters[at] === ']' && !first) return at;
  }
  return -1;
}

function characterClass(content: readonly string[]): string {
  const negated = content[0] === '^';
  let inner = '';
  for (let at = negated ? 1 : 0; at < content.length; at++) {
    const character = content[at] ?? '';
    if (character === '\\' && at + 1 < content.length) inner += classLiteral(content[++at] ?? '');
    else if (character === '-' && inner !== '' && at + 1 < content.length) inner += '-';
    else inner += classLiteral(character);
  }
  return negated ? `[^/${inner}]` : `[${inner}]`;
}

function classLiteral(character: string): string {
  return /[\^\\\]\-[]/.test(character) ? `\\${character}` : character;
}
