import { PtahError } from '../../errors/index.ts';
import { categoryTest, classTest, foldOf, literalTest } from './characters.ts';
import type { Category, CharacterTest, ClassMember, Flags } from './characters.ts';
import { placeTests } from './places.ts';
import { Source } from './source.ts';
import type { ParsedPattern, PatternNode, RepeatMode } from './syntax.ts';
import { fixedWidth } from './width.ts';

const NO_FLAGS: Flags = { ignoreCase: false, dotAll: false, multiLine: false, verbose: false, ascii: false };
const FLAG_NAMES: Readonly<Record<string, keyof Flags | 'unicode'>> = {
  i: 'ignoreCase',
  s: 'dotAll',
  m: 'multiLine',
  x: 'verbose',
  a: 'ascii',
  u: 'unicode',
};
const MOST_REPEATS = 4294967295;
const REPEATS: Readonly<Record<string, readonly [number, number]>> = {
  '?': [0, 1],
  '*': [0, Infinity],
  '+': [1, Infinity],
};
const SIMPLE_ESCAPES: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 };
const CATEGORIES: Readonly<Record<string, readonly [Category, boolean]>> = {
  d: ['digit', false],
  D: ['digit', true],
  s: ['space', false],
  S: ['space', true],
  w: ['word', false],
  W: ['word', true],
};

/** Thrown inside the parser when `(?x)` turns out to hold for the whole expression, which is then read again. */
class VerboseFromStart extends Error {}

/** Reads a regular expression in the syntax of Python 3.11's `re`. */
export function parsePattern(text: string): ParsedPattern {
  try {
    return new Parser(text, NO_FLAGS).parse();
  } catch (error) {
    if (!(error instanceof VerboseFromStart)) throw error;
    return new Parser(text, { ...NO_FLAGS, verbose: true }).parse();
  }
}

class Parser {
  readonly #source: Source;
  readonly #names = new Map<string, number>();
  readonly #open = new Set<number>();
  readonly #conditions: { index: number; position: number }[] = [];
  /** Widths of closed groups, for look-behind over a reference. */
  readonly #bodies = new Map<number, PatternNode>();
  readonly #lookBehinds: {
    readonly look: { readonly body: PatternNode; behind: number };
    readonly start: number;
  }[] = [];
  #flags: Flags;
  #unicode = false;
  #groups = 0;
  /** Groups opened before the outermost look-behind that is being read: only those may be referred to in it. */
  #lookBehindGroups: number | null = null;

  constructor(text: string, flags: Flags) {
    this.#source = new Source(text);
    this.#flags = flags;
  }

  parse(): ParsedPattern {
    const root = this.#choice(true);
    if (!this.#source.atEnd) throw this.#source.error('unbalanced parenthesis');
    for (const { index, position } of this.#conditions) {
      if (index > this.#groups) throw this.#source.error(`invalid group reference ${index}`, position);
    }
    // Widths come last, as in Python: an error of syntax further on is told first.
    for (const { look, start } of this.#lookBehinds) {
      const width = fixedWidth(look.body, this.#bodies);
      if (width === null) throw this.#source.error('look-behind requires fixed-width pattern', start);
      look.behind = width;
    }
    return { root, groupCount: this.#groups, groupNames: this.#names };
  }

  #choice(top: boolean): PatternNode {
    const branches: PatternNode[] = [];
    do branches.push(this.#sequence(top && branches.length === 0));
    while (this.#source.take('|'));
    return branches.length === 1 && branches[0] !== undefined ? branches[0] : { kind: 'choice', branches };
  }

  #sequence(first: boolean): PatternNode {
    const items: PatternNode[] = [];
    for (;;) {
      const next = this.#source.peek();
      if (next === null || next === '|' || next === ')') break;
      const position = this.#source.position;
      this.#source.next();
      if (this.#flags.verbose && this.#skipsVerbose(next)) continue;
      if (next in REPEATS || next === '{') {
        const bounds = next === '{' ? this.#bounds() : REPEATS[next];
        if (bounds === undefined || bounds === null) items.push(this.#literal('{'));
        else items.push(this.#repeat(items.pop(), bounds, position));
        continue;
      }
      const node = this.#item(next, position, first && items.length === 0);
      if (node !== null) items.push(node);
    }
    return items.length === 1 && items[0] !== undefined ? items[0] : { kind: 'sequence', items };
  }

  #skipsVerbose(next: string): boolean {
    if (' \t\n\r\v\f'.includes(next)) return true;
    if (next !== '#') return false;
    for (let character = this.#source.peek(); character !== null; character = this.#source.peek()) {
      this.#source.next();
      if (character === '\n') break;
    }
    return true;
  }

  #item(next: string, position: number, first: boolean): PatternNode | null {
    switch (next) {
      case '\\':
        return this.#escape(position);
      case '[':
        return { kind: 'character', test: this.#class(position) };
      case '(':
        return this.#group(position, first);
      case '.': {
        const { dotAll } = this.#flags;
        return { kind: 'character', test: dotAll ? () => true : point => point !== 10 };
      }
      case '^':
        return { kind: 'place', holds: this.#flags.multiLine ? placeTests.lineStart : placeTests.start };
      case '$':
        return {
          kind: 'place',
          holds: this.#flags.multiLine ? placeTests.lineEnd : placeTests.endOrFinalNewline,
        };
      default:
        return this.#literal(next);
    }
  }

  #literal(character: string): PatternNode {
    const point = character.codePointAt(0) ?? 0;
    const test = literalTest(point, this.#flags);
    return point < 128
      ? { kind: 'character', test, literal: character, ignoreCase: this.#flags.ignoreCase }
      : { kind: 'character', test };
  }

  /** After `{`: the bounds, null where it is no repeat but a brace. */
  #bounds(): readonly [number, number] | null {
    const source = this.#source;
    const start = source.position;
    if (source.peek() === '}') return null;
    const low = source.takeWhile(/[0-9]/);
    const high = source.take(',') ? source.takeWhile(/[0-9]/) : low;
    if (!source.take('}')) {
      source.position = start;
      return null;
    }
    const min = low === '' ? 0 : Number(low);
    const max = high === '' ? Infinity : Number(high);
    if (min >= MOST_REPEATS || (max !== Infinity && max >= MOST_REPEATS))
      throw source.error('the repetition number is too large', start);
    if (max < min) throw source.error('min repeat greater than max repeat', start);
    return [min, max];
  }

  #repeat(
    item: PatternNode | undefined,
    [min, max]: readonly [number, number],
    position: number,
  ): PatternNode {
    if (item === undefined || item.kind === 'place') throw this.#source.error('nothing to repeat', position);
    if (item.kind === 'repeat') throw this.#source.error('multiple repeat', position);
    const mode: RepeatMode = this.#source.take('?')
      ? 'lazy'
      : this.#source.take('+')
        ? 'possessive'
        : 'greedy';
    return { kind: 'repeat', body: item, min, max, mode };
  }

  #group(start: number, first: boolean): PatternNode | null {
    const source = this.#source;
    if (!source.take('?')) return this.#capture(null, start);
    const kind = source.next();
    switch (kind) {
      case null:
        throw source.error('unexpected end of pattern');
      case 'P':
        return this.#named(start);
      case ':':
        return wrap(this.#body(start));
      case '>':
        return { kind: 'atomic', body: this.#body(start) };
      case '#':
        source.takeUntil(')', 'missing ), unterminated comment', start);
        return null;
      case '=':
      case '!':
        return { kind: 'look', body: this.#body(start), behind: null, negative: kind === '!' };
      case '<':
        return this.#lookBehind(start);
      case '(':
        return this.#condition(start);
      default:
        if (kind === '-' || kind === 'L' || kind in FLAG_NAMES) return this.#flagGroup(kind, start, first);
        throw source.error(`unknown extension ?${kind}`, start);
    }
  }

  #body(start: number): PatternNode {
    const body = this.#choice(false);
    if (!this.#source.take(')')) throw this.#source.error('missing ), unterminated subpattern', start);
    return body;
  }

  #capture(name: string | null, start: number): PatternNode {
    const index = ++this.#groups;
    if (name !== null) {
      const known = this.#names.get(name);
      if (known !== undefined)
        throw this.#source.error(
          `redefinition of group name '${name}' as group ${index}; was group ${known}`,
          start,
        );
      this.#names.set(name, index);
    }
    this.#open.add(index);
    const body = this.#body(start);
    this.#open.delete(index);
    this.#bodies.set(index, body);
    return { kind: 'group', index, body };
  }

  #named(start: number): PatternNode {
    const source = this.#source;
    if (source.take('<')) {
      const at = source.position;
      const name = source.takeUntil('>', 'missing >, unterminated name', at);
      this.#requireName(name, at);
      return this.#capture(name, start);
    }
    if (source.take('=')) {
      const at = source.position;
      const name = source.takeUntil(')', 'missing ), unterminated name', at);
      this.#requireName(name, at);
      const index = this.#names.get(name);
      if (index === undefined) throw source.error(`unknown group name '${name}'`, at);
      return this.#reference(index, at);
    }
    throw source.error(`unknown extension ?P${source.peek() ?? ''}`, start);
  }

  #requireName(name: string, position: number): void {
    if (name === '') throw this.#source.error('missing group name', position);
    if (!/^[\p{XIDS}_]\p{XIDC}*$/u.test(name))
      throw this.#source.error(`bad character in group name '${name}'`, position);
  }

  #reference(index: number, position: number): PatternNode {
    if (this.#open.has(index)) throw this.#source.error('cannot refer to an open group', position);
    this.#requireOutside(index, position);
    return { kind: 'reference', index, fold: foldOf(this.#flags) };
  }

  #requireOutside(index: number, position: number): void {
    if (this.#lookBehindGroups === null) return;
    if (index > this.#groups) throw this.#source.error('cannot refer to an open group', position);
    if (index > this.#lookBehindGroups)
      throw this.#source.error('cannot refer to group defined in the same lookbehind subpattern', position);
  }

  #lookBehind(start: number): PatternNode {
    const kind = this.#source.next();
    if (kind === null) throw this.#source.error('unexpected end of pattern');
    if (kind !== '=' && kind !== '!') throw this.#source.error(`unknown extension ?<${kind}`, start);
    const outermost = this.#lookBehindGroups === null;
    if (outermost) this.#lookBehindGroups = this.#groups;
    const body = this.#body(start);
    if (outermost) this.#lookBehindGroups = null;
    const look = { kind: 'look' as const, body, behind: 0, negative: kind === '!' };
    this.#lookBehinds.push({ look, start });
    return look;
  }

  #condition(start: number): PatternNode {
    const source = this.#source;
    const at = source.position;
    const name = source.takeUntil(')', 'missing ), unterminated name', at);
    const index = this.#conditionGroup(name, at);
    const yes = this.#sequence(false);
    const no: PatternNode = source.take('|') ? this.#sequence(false) : { kind: 'sequence', items: [] };
    if (source.peek() === '|') throw source.error('conditional backref with more than two branches');
    if (!source.take(')')) throw source.error('missing ), unterminated subpattern', start);
    return { kind: 'condition', index, yes, no };
  }

  #conditionGroup(name: string, position: number): number {
    if (/^[\p{XIDS}_]/u.test(name)) {
      this.#requireName(name, position);
      const index = this.#names.get(name);
      if (index === undefined) throw this.#source.error(`unknown group name '${name}'`, position);
      this.#requireOutside(index, position);
      return index;
    }
    if (name === '') throw this.#source.error('missing group name', position);
    if (!/^[0-9]+$/.test(name)) throw this.#source.error(`bad character in group name '${name}'`, position);
    const index = Number(name);
    if (index === 0) throw this.#source.error('bad group number', position);
    this.#conditions.push({ index, position });
    this.#requireOutside(index, position);
    return index;
  }

  #flagGroup(firstFlag: string, start: number, first: boolean): PatternNode | null {
    const source = this.#source;
    const on = new Set<string>();
    const off = new Set<string>();
    let character: string | null = firstFlag;
    while (character !== null && character !== '-' && character !== ':' && character !== ')') {
      this.#requireFlag(character, 'missing -, : or )');
      on.add(character);
      if (on.has('a') && on.has('u'))
        throw source.error("bad inline flags: flags 'a', 'u' and 'L' are incompatible");
      character = source.next();
    }
    if (character === null) throw source.error('missing -, : or )');
    if (character === ')') {
      if (!first) throw source.error('global flags not at the start of the expression', start);
      this.#turnOn(on, start);
      return null;
    }
    if (character === '-') {
      character = source.next();
      if (character === null || character === ':' || character === ')') throw source.error('missing flag');
      while (character !== ':') {
        if (character === null) throw source.error('missing :');
        this.#requireFlag(character, 'missing :');
        if (character === 'a' || character === 'u')
          throw source.error("bad inline flags: cannot turn off flags 'a', 'u' and 'L'");
        off.add(character);
        character = source.next();
      }
      for (const flag of on)
        if (off.has(flag)) throw source.error('bad inline flags: flag turned on and off');
    }
    const outer = this.#flags;
    this.#flags = withFlags(outer, on, off);
    const body = this.#body(start);
    this.#flags = outer;
    return wrap(body);
  }

  #turnOn(on: ReadonlySet<string>, start: number): void {
    const hadVerbose = this.#flags.verbose;
    this.#unicode ||= on.has('u');
    if (this.#unicode && (on.has('a') || this.#flags.ascii))
      throw this.#source.error('ASCII and UNICODE flags are incompatible', start);
    this.#flags = withFlags(this.#flags, on, new Set());
    if (this.#flags.verbose && !hadVerbose) throw new VerboseFromStart();
  }

  #requireFlag(character: string, otherwise: string): void {
    if (character in FLAG_NAMES) return;
    if (character === 'L')
      throw this.#source.error("bad inline flags: cannot use 'L' flag with a str pattern");
    throw this.#source.error(/\p{L}/u.test(character) ? 'unknown flag' : otherwise);
  }

  #escape(position: number): PatternNode {
    const source = this.#source;
    const character = source.next();
    if (character === null) throw source.error('bad escape (end of pattern)', position);
    const { ascii } = this.#flags;
    if (character === 'A') return { kind: 'place', holds: placeTests.start };
    if (character === 'Z') return { kind: 'place', holds: placeTests.end };
    if (character === 'b') return { kind: 'place', holds: placeTests.boundary(ascii) };
    if (character === 'B') return { kind: 'place', holds: placeTests.noBoundary(ascii) };
    const category = this.#category(character);
    if (category !== null) return { kind: 'character', test: category };
    if (/[1-9]/.test(character)) return this.#numbered(character, position);
    if (character === '0') return this.#literalPoint(Number.parseInt(`0${source.takeWhile(/[0-7]/, 2)}`, 8));
    return this.#literalPoint(this.#escapedPoint(character, position));
  }

  #category(character: string): CharacterTest | null {
    const known = CATEGORIES[character];
    if (known === undefined) return null;
    const test = categoryTest(known[0], this.#flags.ascii);
    return known[1] ? point => !test(point) : test;
  }

  #numbered(first: string, position: number): PatternNode {
    const source = this.#source;
    let digits = first;
    if (/[0-9]/.test(source.peek() ?? '')) {
      digits += source.next() ?? '';
      if (/^[0-7]{2}$/.test(digits) && /[0-7]/.test(source.peek() ?? '')) {
        const point = Number.parseInt(digits + (source.next() ?? ''), 8);
        if (point > 0o377) throw source.error('octal escape value outside of range 0-0o377', position);
        return this.#literalPoint(point);
      }
    }
    const index = Number(digits);
    if (index > this.#groups) throw source.error(`invalid group reference ${index}`, position + 1);
    return this.#reference(index, position);
  }

  /** Escapes that mean one character both in and outside of `[…]`. */
  #escapedPoint(character: string, position: number): number {
    const source = this.#source;
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
    if (character === 'N') throw this.#unsupportedName(position);
    if (/[a-zA-Z0-9]/.test(character)) throw source.error(`bad escape \\${character}`, position);
    return character.codePointAt(0) ?? 0;
  }

  #unsupportedName(position: number): PtahError {
    return new PtahError(
      'pattern-unsupported',
      `\\N{…} at position ${position + 1} names a character; names of characters are not known here.`,
      {
        hint: 'Write the character itself, or \\uXXXX.',
        details: { column: position + 1 },
      },
    );
  }

  #literalPoint(point: number): PatternNode {
    return this.#literal(String.fromCodePoint(point));
  }

  #class(start: number): CharacterTest {
    const source = this.#source;
    const negated = source.take('^');
    const members: ClassMember[] = [];
    for (;;) {
      const position = source.position;
      const character = source.next();
      if (character === null) throw source.error('unterminated character set', start);
      if (character === ']' && members.length > 0) break;
      const from = this.#classMember(character, position);
      if (!source.take('-')) {
        members.push(from);
        continue;
      }
      const end = source.next();
      if (end === null) throw source.error('unterminated character set', start);
      if (end === ']') {
        members.push(from, { from: 45, to: 45 });
        break;
      }
      const to = this.#classMember(end, source.position - end.length);
      if ('test' in from || 'test' in to || from.from > to.from)
        throw source.error('bad character range', position);
      members.push({ from: from.from, to: to.from });
    }
    return classTest(members, negated, this.#flags);
  }

  #classMember(character: string, position: number): ClassMember {
    if (character !== '\\') return point(character.codePointAt(0) ?? 0);
    const source = this.#source;
    const escaped = source.next();
    if (escaped === null) throw source.error('bad escape (end of pattern)', position);
    const category = this.#category(escaped);
    if (category !== null) return { test: category };
    if (escaped === 'b') return point(8);
    if (/[0-7]/.test(escaped)) {
      const value = Number.parseInt(escaped + source.takeWhile(/[0-7]/, 2), 8);
      if (value > 0o377) throw source.error('octal escape value outside of range 0-0o377', position);
      return point(value);
    }
    return point(this.#escapedPoint(escaped, position));
  }
}

function point(value: number): { readonly from: number; readonly to: number } {
  return { from: value, to: value };
}

/** Keeps a group apart from what follows it: `(?:a*)*` may be repeated, `a**` may not. */
function wrap(body: PatternNode): PatternNode {
  return body.kind === 'repeat' || body.kind === 'place' ? { kind: 'sequence', items: [body] } : body;
}

function withFlags(flags: Flags, on: ReadonlySet<string>, off: ReadonlySet<string>): Flags {
  const changed: Record<keyof Flags, boolean> = { ...flags };
  if (on.has('u')) changed.ascii = false;
  for (const flag of on) set(changed, flag, true);
  for (const flag of off) set(changed, flag, false);
  return changed;
}

function set(flags: Record<keyof Flags, boolean>, flag: string, value: boolean): void {
  const name = FLAG_NAMES[flag];
  if (name !== undefined && name !== 'unicode') flags[name] = value;
}
