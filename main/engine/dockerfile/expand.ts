import { PatternError, replaced, trimmed } from './shell-pattern.ts';

/** What an instruction may look up: variables that have a value. */
export type Variables = ReadonlyMap<string, string>;

/** A word that can't be expanded: an open quote, an open brace, `${x:?message}`. */
export class ExpansionError extends Error {
  override readonly name = 'ExpansionError';
}

/**
 * Expands one word as Docker does: quotes and escapes removed, `$x`, `${x}`, `${x:-y}`, `${x:+y}`, `${x:?y}` (each also without
 * the colon), `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}`, `${x/p/r}`, `${x//p/r}`. An unset variable is empty.
 */
export function expandWord(word: string, variables: Variables, escape = '\\'): string {
  const reader: Reader = { text: word, at: 0, variables, escape };
  return readUntil(reader, '');
}

interface Reader {
  readonly text: string;
  at: number;
  readonly variables: Variables;
  readonly escape: string;
}

/** `raw`: escapes stay in the text, for the pattern that it is. */
function readUntil(reader: Reader, stops: string, raw = false): string {
  let result = '';
  while (reader.at < reader.text.length) {
    const character = reader.text.charAt(reader.at);
    if (stops.includes(character) && stops !== '') return result;
    if (character === "'") result += readSingleQuoted(reader);
    else if (character === '"') result += readDoubleQuoted(reader, raw);
    else if (character === '$') result += readVariable(reader);
    else if (character === reader.escape) {
      result += (raw ? character : '') + reader.text.charAt(reader.at + 1);
      reader.at += 2;
    } else {
      result += character;
      reader.at++;
    }
  }
  if (stops !== '') throw new ExpansionError(`"${reader.text}" has an open "\${" without its "}"`);
  return result;
}

function readSingleQuoted(reader: Reader): string {
  const end = reader.text.indexOf("'", reader.at + 1);
  if (end === -1) throw new ExpansionError(`"${reader.text}" has a single quote that is never closed`);
  const content = reader.text.slice(reader.at + 1, end);
  reader.at = end + 1;
  return content;
}

function readDoubleQuoted(reader: Reader, raw: boolean): string {
  let result = '';
  reader.at++;
  while (reader.at < reader.text.length) {
    const character = reader.text.charAt(reader.at);
    if (character === '"') {
      reader.at++;
      return result;
    }
    if (character === '$') result += readVariable(reader);
    else if (character === reader.escape) {
      const next = reader.text.charAt(reader.at + 1);
      // Within double quotes an escape only escapes what is special there; else both characters stay.
      const special = next === '"' || next === '$' || next === reader.escape;
      result += special && !raw ? next : character + next;
      reader.at += 2;
    } else {
      result += character;
      reader.at++;
    }
  }
  throw new ExpansionError(`"${reader.text}" has a double quote that is never closed`);
}

function readName(reader: Reader): string {
  const name = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?\-$!])/.exec(reader.text.slice(reader.at))?.[0] ?? '';
  reader.at += name.length;
  return name;
}

function readVariable(reader: Reader): string {
  reader.at++;
  if (reader.text.charAt(reader.at) !== '{') {
    const name = readName(reader);
    return name === '' ? '$' : (reader.variables.get(name) ?? '');
  }
  reader.at++;
  const name = readName(reader);
  if (name === '') throw new ExpansionError(`"${reader.text}" has a "\${" without a name`);
  const value = reader.variables.get(name);
  const operator = /^(?:\}|:?[-+?]|##|#|%%|%|\/\/|\/)/.exec(reader.text.slice(reader.at))?.[0];
  if (operator === undefined)
    throw new ExpansionError(`"${reader.text}" has an unknown modifier after \${${name}`);
  reader.at += operator.length;
  if (operator === '}') return value ?? '';
  if (operator === '/' || operator === '//') {
    const pattern = readUntil(reader, '/', true);
    reader.at++;
    const replacement = readUntil(reader, '}', true);
    reader.at++;
    return applied(reader, () => replaced(value ?? '', pattern, replacement, operator === '//'));
  }
  const word = readUntil(reader, '}', /[#%]/.test(operator));
  reader.at++;
  const given = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  const kind = operator.slice(-1);
  if (kind === '-') return given ? (value ?? '') : word;
  if (kind === '+') return given ? word : '';
  if (kind !== '?') return applied(reader, () => trimmed(value ?? '', word, operator));
  if (!given) throw new ExpansionError(`\${${name}} is not set${word === '' ? '' : `: ${word}`}`);
  return value ?? '';
}

function applied(reader: Reader, work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new ExpansionError(`"${reader.text}" has ${error.message}`);
  }
}
