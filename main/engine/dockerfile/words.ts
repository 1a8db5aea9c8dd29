/** A word of an instruction: its raw text (quotes and escapes kept) and its place in the logical line. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

// Go's unicode.IsSpace: JavaScript's without U+FEFF, with U+0085.
const SPACE = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Words split at white space of ASCII alone, quotes mean nothing: how `COPY`, `ADD`, `FROM` and `EXPOSE` are split. */
export function splitPlain(text: string, from: number): readonly Word[] {
  return [...text.slice(from).matchAll(/[^\t\n\v\f\r ]+/g)].map(match => {
    const start = from + match.index;
    return { text: match[0], start, end: start + match[0].length };
  });
}

/** Words split at white space outside of quotes: how `ENV`, `ARG` and `LABEL` are split. Quotes stay in the text. */
export function splitQuoted(text: string, from: number, escape: string): readonly Word[] {
  const words: Word[] = [];
  let at = from;
  while (at < text.length) {
    while (at < text.length && SPACE.test(text.charAt(at))) at++;
    if (at >= text.length) break;
    const start = at;
    let quote = '';
    for (; at < text.length; at++) {
      const character = text.charAt(at);
      if (quote === '' && SPACE.test(character)) break;
      if (character === escape && quote !== "'") at++;
      else if (quote !== '' && character === quote) quote = '';
      else if (quote === '' && (character === '"' || character === "'")) quote = character;
    }
    at = Math.min(at, text.length);
    words.push({ text: text.slice(start, at), start, end: at });
  }
  return words;
}

/** A flag before an instruction's arguments. */
export interface Flag {
  readonly name: string;
  /** Unquoted; null where the flag has no `=`. */
  readonly value: string | null;
  /** The whole word. */
  readonly start: number;
  readonly end: number;
  /** Where the value's raw text starts; `end` where there is none. */
  readonly valueStart: number;
}

/** Reads `--name[=value]` words; `rest` is where the arguments start. `--` ends the flags. */
export function splitFlags(
  text: string,
  from: number,
  escape: string,
): { readonly flags: readonly Flag[]; readonly rest: number } {
  const flags: Flag[] = [];
  let at = from;
  for (;;) {
    while (at < text.length && SPACE.test(text.charAt(at))) at++;
    if (!text.startsWith('--', at)) return { flags, rest: at };
    const start = at;
    let word = '';
    let quote = '';
    for (; at < text.length; at++) {
      const character = text.charAt(at);
      if (quote === '' && SPACE.test(character)) break;
      if (character === escape && at + 1 < text.length) word += text.charAt(++at);
      else if (quote !== '' && character === quote) quote = '';
      else if (quote === '' && (character === '"' || character === "'")) quote = character;
      else word += character;
    }
    if (word === '--') return { flags, rest: at };
    const equals = word.indexOf('=');
    const rawEquals = text.indexOf('=', start);
    flags.push({
      name: equals === -1 ? word.slice(2) : word.slice(2, equals),
      value: equals === -1 ? null : word.slice(equals + 1),
      start,
      end: at,
      valueStart: equals === -1 ? at : rawEquals + 1,
    });
  }
}
