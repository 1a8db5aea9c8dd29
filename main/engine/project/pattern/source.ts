import { PtahError } from '../../errors/index.ts';

/** A cursor over a regular expression, by code points. */
export class Source {
  readonly #characters: readonly string[];
  readonly #text: string;
  position = 0;

  constructor(text: string) {
    this.#text = text;
    this.#characters = Array.from(text);
  }

  get atEnd(): boolean {
    return this.position >= this.#characters.length;
  }

  peek(): string | null {
    return this.#characters[this.position] ?? null;
  }

  next(): string | null {
    const character = this.#characters[this.position];
    if (character === undefined) return null;
    this.position += 1;
    return character;
  }

  take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.position += 1;
    return true;
  }

  takeWhile(allowed: RegExp, most = Infinity): string {
    let taken = '';
    for (
      let character = this.peek();
      character !== null && taken.length < most && allowed.test(character);
      character = this.peek()
    ) {
      taken += character;
      this.position += 1;
    }
    return taken;
  }

  takeUntil(end: string, otherwise: string, start: number): string {
    const found = this.#characters.indexOf(end, this.position);
    if (found === -1) throw this.error(otherwise, start);
    const taken = this.#characters.slice(this.position, found).join('');
    this.position = found + 1;
    return taken;
  }

  /** The error for this expression; positions count from 1 for people. */
  error(reason: string, position: number = this.position): PtahError {
    return new PtahError(
      'pattern-invalid',
      `The regular expression ${JSON.stringify(this.#text)} is invalid: ${reason}, at position ${position + 1}.`,
      {
        hint: 'Regular expressions of ptah.yml have Python’s syntax.',
        details: { column: position + 1 },
      },
    );
  }
}
