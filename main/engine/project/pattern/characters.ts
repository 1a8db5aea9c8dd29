/** Whether a code point belongs. */
export type CharacterTest = (codePoint: number) => boolean;

/** What a test is made under: `(?i)`, `(?s)`, `(?m)`, `(?x)`, `(?a)`. */
export interface Flags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly multiLine: boolean;
  readonly verbose: boolean;
  readonly ascii: boolean;
}

export type Category = 'digit' | 'space' | 'word';

// str.isspace, str.isdecimal and str.isalnum of Python; isalnum takes every character with a numeric value.
// oxlint-disable-next-line no-control-regex -- Python counts the separators U+001C to U+001F as white space
const SPACE = /[\t-\r\u001c-\u0020\u0085\p{Zs}\u2028\u2029]/u;
const DIGIT = /\p{Nd}/u;
const WORD = /[\p{L}\p{N}_]/u;

/** `\d`, `\s` and `\w`. */
export function categoryTest(category: Category, ascii: boolean): CharacterTest {
  const wide = category === 'digit' ? DIGIT : category === 'space' ? SPACE : WORD;
  const narrow = ASCII_TESTS[category];
  if (ascii) return point => point < 128 && narrow(point);
  return point =>
    point < 128
      ? narrow(point) || (point >= 28 && point < 32 && category === 'space')
      : wide.test(String.fromCodePoint(point));
}

const ASCII_TESTS: Readonly<Record<Category, CharacterTest>> = {
  digit: point => point >= 48 && point <= 57,
  space: point => point === 32 || (point >= 9 && point <= 13),
  word: point =>
    (point >= 97 && point <= 122) ||
    (point >= 65 && point <= 90) ||
    (point >= 48 && point <= 57) ||
    point === 95,
};

/** Lower case of one code point, as Python folds it for `(?i)`. */
export function lower(point: number): number {
  if (point < 128) return point >= 65 && point <= 90 ? point + 32 : point;
  // The only one whose lower case is two characters in JavaScript.
  if (point === 0x130) return 0x69;
  return String.fromCodePoint(point).toLowerCase().codePointAt(0) ?? point;
}

/** As `lower`, under `(?a)`. */
export function lowerAscii(point: number): number {
  return point >= 65 && point <= 90 ? point + 32 : point;
}

/** How `(?i)` makes two code points alike. */
export function foldOf(flags: Flags): (point: number) => number {
  if (!flags.ignoreCase) return point => point;
  return flags.ascii ? lowerAscii : lower;
}

/** One given character. */
export function literalTest(point: number, flags: Flags): CharacterTest {
  if (!flags.ignoreCase) return other => other === point;
  const folded = new Set(alike(point, flags));
  const fold = foldOf(flags);
  if (folded.size === 1) {
    const [only] = folded;
    return other => fold(other) === only;
  }
  return other => folded.has(fold(other));
}

export type ClassMember = { readonly from: number; readonly to: number } | { readonly test: CharacterTest };

/** `[…]`. */
export function classTest(members: readonly ClassMember[], negated: boolean, flags: Flags): CharacterTest {
  const fold = foldOf(flags);
  const tests: CharacterTest[] = members.map(member =>
    'test' in member ? member.test : rangeTest(member.from, member.to, flags),
  );
  return point => {
    const folded = fold(point);
    for (const test of tests) if (test(folded)) return !negated;
    return negated;
  };
}

function rangeTest(from: number, to: number, flags: Flags): CharacterTest {
  if (!flags.ignoreCase) return point => point >= from && point <= to;
  if (to - from > 2000) {
    // As Python does where a range is too large to be spelled out.
    return point => (point >= from && point <= to) || isWithin(upper(point), from, to);
  }
  const folded = new Set<number>();
  for (let point = from; point <= to; point++) for (const other of alike(point, flags)) folded.add(other);
  return point => folded.has(point);
}

function isWithin(point: number, from: number, to: number): boolean {
  return point >= from && point <= to;
}

function upper(point: number): number {
  const text = String.fromCodePoint(point).toUpperCase();
  const first = text.codePointAt(0) ?? point;
  return text.length === (first > 0xffff ? 2 : 1) ? first : point;
}

/** The folded forms that count as this character: its lower case, and lower-case characters with the same upper case (`s` and `ſ`). */
function alike(point: number, flags: Flags): readonly number[] {
  const folded = foldOf(flags)(point);
  if (flags.ascii) return [folded];
  return twins().get(folded) ?? [folded];
}

let knownTwins: Map<number, number[]> | null = null;

function twins(): Map<number, number[]> {
  if (knownTwins !== null) return knownTwins;
  const byUpper = new Map<string, number[]>();
  for (let point = 0x61; point <= 0x1e943; point++) {
    const text = String.fromCodePoint(point);
    const raised = text.toUpperCase();
    if (raised === text || lower(point) !== point) continue;
    byUpper.set(raised, [...(byUpper.get(raised) ?? []), point]);
  }
  knownTwins = new Map();
  for (const group of byUpper.values())
    if (group.length > 1) for (const point of group) knownTwins.set(point, group);
  return knownTwins;
}
