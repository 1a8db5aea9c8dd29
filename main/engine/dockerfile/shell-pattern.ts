/** A pattern of `${x#…}` that Docker refuses. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/** `${x#p}` and `${x%p}` take away the shortest piece at the start or end that matches, `##` and `%%` the longest. */
export function trimmed(value: string, pattern: string, operator: string): string {
  const expression = new RegExp(`^(?:${expressionOf(pattern)})$`, 'u');
  const points = Array.from(value);
  const lengths = Array.from({ length: points.length + 1 }, (_, index) => index);
  if (operator.length === 2) lengths.reverse();
  for (const length of lengths) {
    const [from, to] = operator.startsWith('#') ? [0, length] : [points.length - length, points.length];
    if (expression.test(points.slice(from, to).join('')))
      return points.filter((_, index) => index < from || index >= to).join('');
  }
  return value;
}

/** `${x/p/r}`, or `${x//p/r}` for all. Like Go, nothing is found right behind what was found before. */
export function replaced(value: string, pattern: string, replacement: string, all: boolean): string {
  const expression = new RegExp(expressionOf(pattern), all ? 'gu' : 'u');
  let last = -1;
  return value.replace(expression, (found: string, offset: number) => {
    if (found === '' && offset === last) return '';
    last = offset + found.length;
    return replacement;
  });
}

/** `*` and `?` are any characters, `\*`, `\?` and `\\` themselves, and `\/` and `\}` only keep these from ending the pattern. */
function expressionOf(pattern: string): string {
  let result = '';
  const characters = Array.from(pattern);
  for (let at = 0; at < characters.length; at++) {
    let character = characters[at] ?? '';
    if (character === '*') result += result.endsWith('.*') ? '' : '.*';
    else if (character === '?') result += '.';
    else {
      if (character === '\\') {
        character = characters[++at] ?? '';
        if (character === '' || !'*?\\/}'.includes(character))
          throw new PatternError(`an escape that means nothing in a pattern: "\\${character}"`);
      }
      result += /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
    }
  }
  return result;
}
