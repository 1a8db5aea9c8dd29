import { PtahError } from '../../errors/index.ts';
import { categoryTest } from './characters.ts';
import type { Category, CharacterTest } from './characters.ts';
import type { Source } from './source.ts';

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 };
const CATEGORIES: Readonly<Record<string, readonly [Category, boolean]>> = {
  d: ['digit', false],
  D: ['digit', true],
  s: ['space', false],
  S: ['space', true],
  w: ['word', false],
  W: ['word', true],
};

/** What `\\d` and the like stand for; null for another letter. */
export function categoryOf(character: string, ascii: boolean): CharacterTest | null {
  const known = CATEGORIES[character];
  if (known === undefined) return null;
  const test = categoryTest(known[0], ascii);
  return known[1] ? point => !test(point) : test;
}

/** Escapes that mean one character both in and outside of `[…]`. */
export function escapedPoint(source: Source, character: string, position: number): number {
  const simple = SIMPLE_ESCAPES[character];
  if (simple !== undefined) return simple;
  const size = { x: 2, u: 4, U: 8 }[character];
  if (size !== undefined) {
    const digits = source.takeWhile(/[0-9a-fA-F]/, size);
    if (digits.length !== size) throw source.error(`incomplete escape \\${character}${digits}`, position);
    const point = Number.parseInt(digits, 16);
    if (point > 0x10ffff) throw source.error(`bad escape \\${character}${digits}`, position);
    return point;
  }
  if (character === 'N') throw unsupportedName(position);
  if (/[a-zA-Z0-9]/.test(character)) throw source.error(`bad escape \\${character}`, position);
  return character.codePointAt(0) ?? 0;
}

function unsupportedName(position: number): PtahError {
  return new PtahError(
    'pattern-unsupported',
    `\\N{…} at position ${position + 1} names a character; names of characters are not known here.`,
    {
      hint: 'Write the character itself, or \\uXXXX.',
      details: { column: position + 1 },
    },
  );
}
