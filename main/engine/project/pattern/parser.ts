import { readClass } from './character-class.ts';
import { literalTest } from './characters.ts';
import type { Flags } from './characters.ts';
import { categoryOf, escapedPoint } from './escapes.ts';
import { Groups } from './groups.ts';
import { isFlag, NO_FLAGS, readInlineFlags, withFlags } from './inline-flags.ts';
import { placeTests } from './places.ts';
import { readBounds, repeatOf, REPEATS } from './repeats.ts';
import { Source } from './source.ts';
import type { ParsedPattern, PatternNode } from './syntax.ts';
import { fixedWidth } from './width.ts';

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
  readonly #groups: Groups;
  readonly #lookBehinds: {
    readonly look: { readonly body: PatternNode; behind: number };
    readonly start: number;
  }[] = [];
  #flags: Flags;
  #unicode = false;
  constructor(text: string, flags: Flags) {
    this.#source = new Source(text);
    this.#groups = new Groups(this.#source);
    this.#flags = flags;
  }

  parse(): ParsedPattern {
    const root = this.#choice(true);
    if (!this.#source.atEnd) throw this.#source.error('unbalanced parenthesis');
    this.#groups.requireConditions();
    // Widths come last, as in Python: an error of syntax further on is told first.
    for (const { look, start } of this.#lookBehinds) {
      const width = fixedWidth(look.body, this.#groups.bodies);
      if (width === null) throw this.#source.error('look-behind requires fixed-width pattern', start);
      look.behind = width;
    }
    return { root, groupCount: this.#groups.count, groupNames: this.#groups.names };
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
        const bounds = next === '{' ? readBounds(this.#source) : REPEATS[next];
        if (bounds === undefined || bounds === null) items.push(this.#literal('{'));
        else items.push(repeatOf(this.#source, items.pop(), bounds, position));
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
        return { kind: 'character', test: readClass(this.#source, position, this.#flags) };
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
        if (kind === '-' || kind === 'L' || isFlag(kind)) return this.#flagGroup(kind, start, first);
        throw source.error(`unknown extension ?${kind}`, start);
    }
  }

  #body(start: number): PatternNode {
    const body = this.#choice(false);
    if (!this.#source.take(')')) throw this.#source.error('missing ), unterminated subpattern', start);
    return body;
  }

  #capture(name: string | null, start: number): PatternNode {
    return this.#groups.capture(name, start, () => this.#body(start));
  }

  #named(start: number): PatternNode {
    const source = this.#source;
    if (source.take('<')) {
      const at = source.position;
      const name = source.takeUntil('>', 'missing >, unterminated name', at);
      this.#groups.requireName(name, at);
      return this.#capture(name, start);
    }
    if (source.take('=')) {
      const at = source.position;
      const name = source.takeUntil(')', 'missing ), unterminated name', at);
      return this.#groups.reference(this.#groups.named(name, at), at, this.#flags);
    }
    throw source.error(`unknown extension ?P${source.peek() ?? ''}`, start);
  }

  #lookBehind(start: number): PatternNode {
    const kind = this.#source.next();
    if (kind === null) throw this.#source.error('unexpected end of pattern');
    if (kind !== '=' && kind !== '!') throw this.#source.error(`unknown extension ?<${kind}`, start);
    const body = this.#groups.lookBehind(() => this.#body(start));
    const look = { kind: 'look' as const, body, behind: 0, negative: kind === '!' };
    this.#lookBehinds.push({ look, start });
    return look;
  }

  #condition(start: number): PatternNode {
    const source = this.#source;
    const at = source.position;
    const name = source.takeUntil(')', 'missing ), unterminated name', at);
    const index = this.#groups.condition(name, at);
    const yes = this.#sequence(false);
    const no: PatternNode = source.take('|') ? this.#sequence(false) : { kind: 'sequence', items: [] };
    if (source.peek() === '|') throw source.error('conditional backref with more than two branches');
    if (!source.take(')')) throw source.error('missing ), unterminated subpattern', start);
    return { kind: 'condition', index, yes, no };
  }

  #flagGroup(firstFlag: string, start: number, first: boolean): PatternNode | null {
    const { on, off, isGlobal } = readInlineFlags(this.#source, firstFlag);
    if (isGlobal) {
      if (!first) throw this.#source.error('global flags not at the start of the expression', start);
      this.#turnOn(on, start);
      return null;
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

  #escape(position: number): PatternNode {
    const source = this.#source;
    const character = source.next();
    if (character === null) throw source.error('bad escape (end of pattern)', position);
    const { ascii } = this.#flags;
    if (character === 'A') return { kind: 'place', holds: placeTests.start };
    if (character === 'Z') return { kind: 'place', holds: placeTests.end };
    if (character === 'b') return { kind: 'place', holds: placeTests.boundary(ascii) };
    if (character === 'B') return { kind: 'place', holds: placeTests.noBoundary(ascii) };
    const category = categoryOf(character, ascii);
    if (category !== null) return { kind: 'character', test: category };
    if (/[1-9]/.test(character)) return this.#numbered(character, position);
    if (character === '0') return this.#literalPoint(Number.parseInt(`0${source.takeWhile(/[0-7]/, 2)}`, 8));
    return this.#literalPoint(escapedPoint(source, character, position));
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
    if (index > this.#groups.count) throw source.error(`invalid group reference ${index}`, position + 1);
    return this.#groups.reference(index, position, this.#flags);
  }

  #literalPoint(point: number): PatternNode {
    return this.#literal(String.fromCodePoint(point));
  }
}

/** Keeps a group apart from what follows it: `(?:a*)*` may be repeated, `a**` may not. */
function wrap(body: PatternNode): PatternNode {
  return body.kind === 'repeat' || body.kind === 'place' ? { kind: 'sequence', items: [body] } : body;
}
