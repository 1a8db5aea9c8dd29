import { foldOf } from './characters.ts';
import type { Flags } from './characters.ts';
import type { Source } from './source.ts';
import type { PatternNode } from './syntax.ts';

/** The groups of an expression as they are met, and who may refer to which. */
export class Groups {
  readonly names = new Map<string, number>();
  /** Bodies of closed groups, for the width of a reference in a look-behind. */
  readonly bodies = new Map<number, PatternNode>();
  readonly #source: Source;
  readonly #open = new Set<number>();
  readonly #conditions: { index: number; position: number }[] = [];
  #count = 0;
  /** Groups opened before the outermost look-behind that is being read: only those may be referred to in it. */
  #lookBehindGroups: number | null = null;

  constructor(source: Source) {
    this.#source = source;
  }

  get count(): number {
    return this.#count;
  }

  /** Reads a group's body by `read` and gives it its number. */
  capture(name: string | null, start: number, read: () => PatternNode): PatternNode {
    const index = ++this.#count;
    if (name !== null) {
      const known = this.names.get(name);
      if (known !== undefined)
        throw this.#source.error(
          `redefinition of group name '${name}' as group ${index}; was group ${known}`,
          start,
        );
      this.names.set(name, index);
    }
    this.#open.add(index);
    const body = read();
    this.#open.delete(index);
    this.bodies.set(index, body);
    return { kind: 'group', index, body };
  }

  /** Reads what a look-behind holds by `read`. */
  lookBehind(read: () => PatternNode): PatternNode {
    const outermost = this.#lookBehindGroups === null;
    if (outermost) this.#lookBehindGroups = this.#count;
    const body = read();
    if (outermost) this.#lookBehindGroups = null;
    return body;
  }

  reference(index: number, position: number, flags: Flags): PatternNode {
    if (this.#open.has(index)) throw this.#source.error('cannot refer to an open group', position);
    this.#requireOutside(index, position);
    return { kind: 'reference', index, fold: foldOf(flags) };
  }

  requireName(name: string, position: number): void {
    if (name === '') throw this.#source.error('missing group name', position);
    if (!/^[\p{XIDS}_]\p{XIDC}*$/u.test(name))
      throw this.#source.error(`bad character in group name '${name}'`, position);
  }

  /** The group of this name; the name is checked. */
  named(name: string, position: number): number {
    this.requireName(name, position);
    const index = this.names.get(name);
    if (index === undefined) throw this.#source.error(`unknown group name '${name}'`, position);
    return index;
  }

  /** The group that a condition asks for, by name or number; a number may be that of a later group. */
  condition(name: string, position: number): number {
    if (/^[\p{XIDS}_]/u.test(name)) {
      const index = this.named(name, position);
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

  /** At the end of the expression: all groups that conditions ask for are there. */
  requireConditions(): void {
    for (const { index, position } of this.#conditions) {
      if (index > this.#count) throw this.#source.error(`invalid group reference ${index}`, position);
    }
  }

  #requireOutside(index: number, position: number): void {
    if (this.#lookBehindGroups === null) return;
    if (index > this.#count) throw this.#source.error('cannot refer to an open group', position);
    if (index > this.#lookBehindGroups)
      throw this.#source.error('cannot refer to group defined in the same lookbehind subpattern', position);
  }
}
