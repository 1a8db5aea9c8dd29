/** A place in a file. Both from 1; columns count code points, as editors and Kubernetes' own messages do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Turns offsets (UTF-16 units) of a text into places, in logarithmic time. */
export interface SourceText {
  readonly text: string;
  /** Offsets of the first character of each line. */
  readonly lineStarts: readonly number[];
  placeOf(offset: number): Place;
}

export function sourceText(text: string): SourceText {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  return {
    text,
    lineStarts,
    placeOf(offset) {
      let low = 0;
      let high = lineStarts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((lineStarts[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      const start = lineStarts[low] ?? 0;
      // A byte order mark is no character of the first line.
      const from = low === 0 && text.charCodeAt(0) === 0xfeff ? 1 : start;
      return { line: low + 1, column: codePoints(text.slice(from, offset)) + 1 };
    },
  };
}

/** How many code points a text has; a pair of surrogates counts once. */
function codePoints(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at++) {
    const unit = text.codePointAt(at) ?? 0;
    if (unit > 0xffff) {
      count--;
      at++;
    }
  }
  return count;
}
