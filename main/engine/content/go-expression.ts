const CLASSES = 'dDsSwW';
const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };
const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/**
 * The part of Go's regular expressions that patterns of `.dockerignore` turn into, as one of JavaScript. Throws where Go would refuse it.
 */
export function fromGoExpression(source: string): RegExp {
  const cursor = { characters: Array.from(source), index: 0 };
  let out = '';
  while (cursor.index < cursor.characters.length) {
    const character = cursor.characters[cursor.index] ?? '';
    const repeat =
      character === '{'
        ? /^\{[0-9]+(?:,[0-9]*)?\}/.exec(cursor.characters.slice(cursor.index).join(''))
        : null;
    if (character === '\\') out += escape(cursor, false);
    else if (character === '[') out += bracket(cursor);
    else {
      const taken = repeat?.[0] ?? character;
      if (repeat === null && character === '.') out += '[^\\n]';
      else out += repeat !== null || '()?*|^$'.includes(character) ? taken : literal(character);
      cursor.index += taken.length === 1 || repeat === null ? 1 : taken.length;
    }
  }
  return new RegExp(out, 'u');
}

interface Cursor {
  readonly characters: readonly string[];
  index: number;
}

function escape(cursor: Cursor, inBracket: boolean): string {
  const character = cursor.characters[cursor.index + 1];
  cursor.index += 2;
  if (character === undefined) throw new SyntaxError('a backslash at the end');
  if (CLASSES.includes(character) || (!inBracket && 'bB'.includes(character))) return `\\${character}`;
  const control = CONTROLS[character];
  if (control !== undefined) return literal(String.fromCodePoint(control));
  if (!inBracket && character === 'A') return '^';
  if (!inBracket && character === 'z') return '$';
  if (/[0-9A-Za-z]|[^\p{ASCII}]/u.test(character)) throw new SyntaxError(`\\${character}`);
  return literal(character);
}

function bracket(cursor: Cursor): string {
  const { characters } = cursor;
  cursor.index += 1;
  let out = '[';
  if (characters[cursor.index] === '^') {
    out += '^';
    cursor.index += 1;
  }
  const first = cursor.index;
  while (cursor.index === first || characters[cursor.index] !== ']') {
    if (cursor.index >= characters.length) throw new SyntaxError('a bracket without end');
    const named = /^\[:(\^?)([a-z]*):\]/.exec(characters.slice(cursor.index, cursor.index + 14).join(''));
    if (named !== null) {
      const members = POSIX[named[2] ?? ''];
      // Negated ones do not occur in anyone's ignore file.
      if (members === undefined || named[1] !== '') throw new SyntaxError(named[0]);
      out += members;
      cursor.index += named[0].length;
      continue;
    }
    const from = member(cursor);
    if (characters[cursor.index] !== '-' || characters[cursor.index + 1] === ']' || from.length === 2) {
      out += from;
      continue;
    }
    cursor.index += 1;
    const to = member(cursor);
    if (to.length === 2) throw new SyntaxError('a class at the end of a range');
    out += `${from}-${to}`;
  }
  cursor.index += 1;
  return `${out}]`;
}

function member(cursor: Cursor): string {
  const character = cursor.characters[cursor.index];
  if (character === undefined) throw new SyntaxError('a bracket without end');
  if (character === '\\') return escape(cursor, true);
  cursor.index += 1;
  return literal(character);
}

function literal(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
