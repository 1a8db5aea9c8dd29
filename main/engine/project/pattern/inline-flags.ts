import type { Flags } from './characters.ts';
import type { Source } from './source.ts';

export const NO_FLAGS: Flags = {
  ignoreCase: false,
  dotAll: false,
  multiLine: false,
  verbose: false,
  ascii: false,
};
const FLAG_NAMES: Readonly<Record<string, keyof Flags | 'unicode'>> = {
  i: 'ignoreCase',
  s: 'dotAll',
  m: 'multiLine',
  x: 'verbose',
  a: 'ascii',
  u: 'unicode',
};

/** The letters of `(?ims-x:` or `(?ims)`. */
export interface InlineFlags {
  readonly on: ReadonlySet<string>;
  readonly off: ReadonlySet<string>;
  /** They hold for the whole expression and not only for a group. */
  readonly isGlobal: boolean;
}

export const isFlag = (letter: string): boolean => letter in FLAG_NAMES;

/** Reads what follows `(?` and a first letter. */
export function readInlineFlags(source: Source, firstFlag: string): InlineFlags {
  const on = new Set<string>();
  const off = new Set<string>();
  let character: string | null = firstFlag;
  while (character !== null && character !== '-' && character !== ':' && character !== ')') {
    requireFlag(source, character, 'missing -, : or )');
    on.add(character);
    if (on.has('a') && on.has('u'))
      throw source.error("bad inline flags: flags 'a', 'u' and 'L' are incompatible");
    character = source.next();
  }
  if (character === null) throw source.error('missing -, : or )');
  if (character === ')') return { on, off, isGlobal: true };
  if (character === '-') {
    character = source.next();
    if (character === null || character === ':' || character === ')') throw source.error('missing flag');
    while (character !== ':') {
      if (character === null) throw source.error('missing :');
      requireFlag(source, character, 'missing :');
      if (character === 'a' || character === 'u')
        throw source.error("bad inline flags: cannot turn off flags 'a', 'u' and 'L'");
      off.add(character);
      character = source.next();
    }
    for (const flag of on) if (off.has(flag)) throw source.error('bad inline flags: flag turned on and off');
  }
  return { on, off, isGlobal: false };
}

function requireFlag(source: Source, character: string, otherwise: string): void {
  if (character in FLAG_NAMES) return;
  if (character === 'L') throw source.error("bad inline flags: cannot use 'L' flag with a str pattern");
  throw source.error(/\p{L}/u.test(character) ? 'unknown flag' : otherwise);
}

export function withFlags(flags: Flags, on: ReadonlySet<string>, off: ReadonlySet<string>): Flags {
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
