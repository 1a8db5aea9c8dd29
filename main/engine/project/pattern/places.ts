import { categoryTest } from './characters.ts';
import type { PlaceTest } from './syntax.ts';

const NEWLINE = 10;

const boundary = (ascii: boolean): PlaceTest => {
  const isWord = categoryTest('word', ascii);
  return (text, position) => {
    const before = position > 0 && isWord(text[position - 1] ?? 0);
    const after = position < text.length && isWord(text[position] ?? 0);
    return before !== after;
  };
};

/** The assertions about a position. */
export const placeTests = {
  start: (_text: ArrayLike<number>, position: number) => position === 0,
  end: (text: ArrayLike<number>, position: number) => position === text.length,
  /** `$`: the end, or before a newline that is the last character. */
  endOrFinalNewline: (text: ArrayLike<number>, position: number) =>
    position === text.length || (position === text.length - 1 && text[position] === NEWLINE),
  lineStart: (text: ArrayLike<number>, position: number) => position === 0 || text[position - 1] === NEWLINE,
  lineEnd: (text: ArrayLike<number>, position: number) =>
    position === text.length || text[position] === NEWLINE,
  boundary,
  /** Python 3.11's `\B` does not hold in an empty text. */
  noBoundary: (ascii: boolean): PlaceTest => {
    const isBoundary = boundary(ascii);
    return (text, position) => text.length > 0 && !isBoundary(text, position);
  },
};
