/** Takes bytes in whatever pieces and gives whole lines: no character is ever cut, no copy is made but for lines over a border. */
export class LineSplitter {
  #parts: Buffer[] = [];

  /** Calls `line` for each line that ends in this piece. */
  push(piece: Buffer, line: (bytes: Buffer, start: number, end: number) => void): void {
    let from = 0;
    let end = piece.indexOf(0x0a);
    if (end !== -1 && this.#parts.length > 0) {
      this.#parts.push(piece.subarray(0, end));
      const whole = Buffer.concat(this.#parts);
      this.#parts = [];
      line(whole, 0, whole.length);
      from = end + 1;
      end = piece.indexOf(0x0a, from);
    }
    for (; end !== -1; end = piece.indexOf(0x0a, from)) {
      line(piece, from, end);
      from = end + 1;
    }
    if (from < piece.length) this.#parts.push(piece.subarray(from));
  }

  /** What stands behind the last line's end; null when nothing does. */
  rest(): Buffer | null {
    const rest = this.#parts.length > 0 ? Buffer.concat(this.#parts) : null;
    this.#parts = [];
    return rest;
  }
}
