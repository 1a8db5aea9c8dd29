/** `str.splitlines` of Python after reading in text mode: CRLF and CR become LF, then eight more characters end a line too. */
export function splitLines(text: string): string[] {
  const lines = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').split(LINE_END);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** `str.rstrip`: Python's white space, which is not JavaScript's (U+001C–U+001F and U+0085 count, U+FEFF does not). */
export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && WHITE_SPACE.has(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

// oxlint-disable-next-line no-control-regex -- these are the line ends
const LINE_END = /[\n\v\f\u001c\u001d\u001e\u0085\u2028\u2029]/;

const WHITE_SPACE: ReadonlySet<string> = new Set(
  '\t\n\v\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
);
