import type { FoundReference } from './scan-references.ts';

/** Places of a file by offsets in its rewritten text, which is what gets parsed; answers are places of the file itself. */
export interface TextPlaces {
  /** Offset in the source. */
  sourceOffset(rewrittenOffset: number): number;
  placeOf(rewrittenOffset: number): { readonly line: number; readonly column: number };
  /** References between two offsets. */
  referencesIn(start: number, end: number): readonly FoundReference[];
}

export function textPlaces(source: string, found: readonly FoundReference[]): TextPlaces {
  const lineStarts = [source.charCodeAt(0) === 0xfeff ? 1 : 0];
  for (const match of source.matchAll(/\r\n|\r|\n/g)) lineStarts.push(match.index + match[0].length);

  const sourceOffset = (offset: number): number => {
    const before =
      found[lastAtOrBefore(found.length, index => (found[index]?.rewrittenStart ?? 0) <= offset)];
    if (before === undefined) return offset;
    return offset < before.rewrittenEnd ? before.start : before.end + (offset - before.rewrittenEnd);
  };
  return {
    sourceOffset,
    placeOf(offset) {
      const at = Math.min(sourceOffset(offset), source.length);
      const line = lastAtOrBefore(lineStarts.length, index => (lineStarts[index] ?? 0) <= at);
      return {
        line: line + 1,
        column: Array.from(source.slice(lineStarts[Math.max(0, line)], at)).length + 1,
      };
    },
    referencesIn(start, end) {
      const first = lastAtOrBefore(found.length, index => (found[index]?.rewrittenStart ?? 0) < start) + 1;
      const within: FoundReference[] = [];
      for (let index = first; index < found.length; index++) {
        const reference = found[index];
        if (reference === undefined || reference.rewrittenStart >= end) break;
        within.push(reference);
      }
      return within;
    },
  };
}

/** The last index for which a condition holds that holds for a beginning of the list; -1 when for none. */
function lastAtOrBefore(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
