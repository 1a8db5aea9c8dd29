import { classTest } from './characters.ts';
import type { CharacterTest, ClassMember, Flags } from './characters.ts';
import { categoryOf, escapedPoint } from './escapes.ts';
import type { Source } from './source.ts';

/** Reads what follows `[`. */
export function readClass(source: Source, start: number, flags: Flags): CharacterTest {
  const negated = source.take('^');
  const members: ClassMember[] = [];
  for (;;) {
    const position = source.position;
    const character = source.next();
    if (character === null) throw source.error('unterminated character set', start);
    if (character === ']' && members.length > 0) break;
    const from = classMember(source, flags.ascii, character, position);
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
    const to = classMember(source, flags.ascii, end, source.position - end.length);
    if ('test' in from || 'test' in to || from.from > to.from)
      throw source.error('bad character range', position);
    members.push({ from: from.from, to: to.from });
  }
  return classTest(members, negated, flags);
}

function classMember(source: Source, ascii: boolean, character: string, position: number): ClassMember {
  if (character !== '\\') return point(character.codePointAt(0) ?? 0);
  const escaped = source.next();
  if (escaped === null) throw source.error('bad escape (end of pattern)', position);
  const category = categoryOf(escaped, ascii);
  if (category !== null) return { test: category };
  if (escaped === 'b') return point(8);
  if (/[0-7]/.test(escaped)) {
    const value = Number.parseInt(escaped + source.takeWhile(/[0-7]/, 2), 8);
    if (value > 0o377) throw source.error('octal escape value outside of range 0-0o377', position);
    return point(value);
  }
  return point(escapedPoint(source, escaped, position));
}

function point(value: number): { readonly from: number; readonly to: number } {
  return { from: value, to: value };
}
