import type { LogPattern } from '../../../preload/contract/logs.ts';
import type { TypedPattern } from '../../stores/logs.ts';

export interface ReadPattern extends LogPattern {
  /** Lines that do not match. */
  readonly invert: boolean;
}

/** What a typed text means: `!text` excludes where that makes sense, `/text/` is a regular expression. Null for nothing. */
export function readPattern(typed: TypedPattern, mayExclude = true): ReadPattern | null {
  let { text, regex } = typed;
  const invert = mayExclude && text.startsWith('!') && text.length > 1;
  if (invert) text = text.slice(1);
  if (text.length > 2 && text.startsWith('/') && text.endsWith('/')) {
    text = text.slice(1, -1);
    regex = true;
  }
  return text === '' ? null : { text, regex, matchCase: typed.matchCase, invert };
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The part of a line in which marks are looked for: an expression runs in the window's own thread here. */
const lookedAt = 2_000;
const mostMarks = 200;

/** A function that finds the places of a pattern in a line as it is shown; null when the pattern is none. */
export function finder(pattern: LogPattern | null): ((text: string) => readonly Range[]) | null {
  if (pattern === null || pattern.text === '') return null;
  if (pattern.regex) {
    let expression: RegExp;
    try {
      expression = new RegExp(pattern.text, pattern.matchCase ? 'g' : 'gi');
    } catch {
      return null;
    }
    return text => {
      const found: Range[] = [];
      for (const match of text.slice(0, lookedAt).matchAll(expression)) {
        if (match[0] !== '') found.push({ from: match.index, to: match.index + match[0].length });
        if (found.length >= mostMarks) break;
      }
      return found;
    };
  }
  const wanted = pattern.matchCase ? pattern.text : pattern.text.toLowerCase();
  return text => {
    const within = pattern.matchCase ? text : text.toLowerCase();
    // letters whose other case has another length would shift the marks
    if (within.length !== text.length) return [];
    const found: Range[] = [];
    for (let at = within.indexOf(wanted); at >= 0 && found.length < mostMarks;) {
      found.push({ from: at, to: at + wanted.length });
      at = within.indexOf(wanted, at + wanted.length);
    }
    return found;
  };
}
