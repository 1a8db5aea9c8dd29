/** Numbered rows that grow at both ends and lose at the first: sequence numbers, and which rows are only context. */
export class RowList {
  #seqs = new Uint32Array(64);
  #context = new Uint8Array(64);
  #low = 32;
  #high = 32;
  /** Number of the row at `#low`. */
  #first = 0;

  get first(): number {
    return this.#first;
  }
  get end(): number {
    return this.#first + this.length;
  }
  get length(): number {
    return this.#high - this.#low;
  }

  seq(row: number): number {
    return this.#seqs[row - this.#first + this.#low] ?? 0;
  }
  isContext(row: number): boolean {
    return this.#context[row - this.#first + this.#low] === 1;
  }

  append(seqs: Uint32Array, context: Uint8Array | null): void {
    this.#reserve(0, seqs.length);
    this.#seqs.set(seqs, this.#high);
    if (context) this.#context.set(context, this.#high);
    else this.#context.fill(0, this.#high, this.#high + seqs.length);
    this.#high += seqs.length;
  }

  prepend(seqs: Uint32Array, context: Uint8Array | null): void {
    this.#reserve(seqs.length, 0);
    this.#low -= seqs.length;
    this.#first -= seqs.length;
    this.#seqs.set(seqs, this.#low);
    if (context) this.#context.set(context, this.#low);
    else this.#context.fill(0, this.#low, this.#low + seqs.length);
  }

  /** The first row whose line is `seq` or later. */
  rowOf(seq: number): number {
    let low = this.#low;
    let high = this.#high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#seqs[middle] ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low - this.#low + this.#first;
  }

  /**
   * Takes out the rows whose lines are gone. Rows behind the last gap keep their numbers. True when others were numbered anew:
   * something went from between rows that stay.
   */
  retain(stays: (seq: number) => boolean): boolean {
    let write = this.#high;
    let gap = false;
    let moved = false;
    for (let read = this.#high - 1; read >= this.#low; read--) {
      const seq = this.#seqs[read] ?? 0;
      if (!stays(seq)) {
        gap = true;
        continue;
      }
      if (gap) moved = true;
      write--;
      this.#seqs[write] = seq;
      this.#context[write] = this.#context[read] ?? 0;
    }
    this.#first += write - this.#low;
    this.#low = write;
    return moved;
  }

  clear(): void {
    this.#first = this.end;
    this.#low = this.#high;
  }

  #reserve(before: number, after: number): void {
    if (this.#low >= before && this.#high + after <= this.#seqs.length) return;
    const { length } = this;
    const grow = Math.max(length, 64);
    const left = before > 0 ? before + grow : Math.min(this.#low, grow);
    const right = after > 0 ? after + grow : grow;
    const seqs = new Uint32Array(left + length + right);
    const context = new Uint8Array(seqs.length);
    seqs.set(this.#seqs.subarray(this.#low, this.#high), left);
    context.set(this.#context.subarray(this.#low, this.#high), left);
    this.#seqs = seqs;
    this.#context = context;
    this.#low = left;
    this.#high = left + length;
  }
}
