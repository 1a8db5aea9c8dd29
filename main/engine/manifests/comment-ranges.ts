import { Lexer } from 'yaml';

/** Whether an offset lies in a YAML comment; a `#` in a string or a block of text begins none. */
export function commentRanges(text: string): (offset: number) => boolean {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const lexeme of new Lexer().lex(asLines(text))) {
    // The lexer marks documents, scalars and errors of flow with control characters that are not in the text.
    if (lexeme === '\u0002' || lexeme === '\u0018' || lexeme === '\u001f') continue;
    if (lexeme.startsWith('#')) {
      starts.push(at);
      ends.push(at + lexeme.length);
    }
    at += lexeme.length;
  }
  return offset => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low > 0 && offset < (ends[low - 1] ?? 0);
  };
}

/** The text with the carriage returns that end a line on their own as line feeds: offsets stay. */
export function asLines(text: string): string {
  return text.includes('\r') ? text.replace(/\r(?!\n)/g, '\n') : text;
}
