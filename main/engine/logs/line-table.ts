/** Set for lines that are objects or arrays in JSON. */
export const JSON_LINE = 1;
/** Set for lines with colour codes or carriage returns: what is seen is not what was written. */
export const ODD_LINE = 2;
/** Set for lines with characters beyond ASCII. */
export const WIDE_LINE = 4;

/** What a table is made of: two pieces of memory that threads share. */
export interface TableData {
  readonly text: SharedArrayBuffer;
  readonly meta: SharedArrayBuffer;
  readonly capacity: number;
}

/** Bytes that a line costs beside its text: offset, sequence number, moment, source, level, flags. */
export const LINE_COST = 21;
const META_BYTES = 20;

/**
 * Lines in the order of their sequence numbers: one text, each line with its line feed, and tables of numbers. A million
 * lines as objects would cost ten times as much and stop the world when they are collected.
 */
export class LineTable {
  readonly data: TableData;
  readonly text: Buffer;
  readonly offsets: Uint32Array;
  readonly seqs: Uint32Array;
  readonly seconds: Uint32Array;
  readonly nanos: Uint32Array;
  readonly sources: Uint16Array;
  readonly levels: Uint8Array;
  readonly flags: Uint8Array;
  count: number;

  constructor(data: TableData, count = 0) {
    const { text, meta, capacity } = data;
    this.data = data;
    this.count = count;
    this.text = Buffer.from(text);
    let at = 0;
    const words = (length: number): Uint32Array => {
      const view = new Uint32Array(meta, at, length);
      at += length * 4;
      return view;
    };
    this.offsets = words(capacity + 1);
    this.seqs = words(capacity);
    this.seconds = words(capacity);
    this.nanos = words(capacity);
    this.sources = new Uint16Array(meta, at, capacity);
    this.levels = new Uint8Array(meta, at + capacity * 2, capacity);
    this.flags = new Uint8Array(meta, at + capacity * 3, capacity);
  }

  static make(textBytes: number, capacity: number): LineTable {
    return new LineTable({
      text: new SharedArrayBuffer(textBytes),
      meta: new SharedArrayBuffer(capacity * META_BYTES + 4),
      capacity,
    });
  }

  get used(): number {
    return this.offsets[this.count] ?? 0;
  }
  get firstSeq(): number {
    return this.seqs[0] ?? 0;
  }
  get lastSeq(): number {
    return this.seqs[this.count - 1] ?? 0;
  }

  hasRoom(length: number): boolean {
    return this.count < this.data.capacity && this.used + length + 1 <= this.text.length;
  }

  start(index: number): number {
    return this.offsets[index] ?? 0;
  }
  /** Without the line feed. */
  end(index: number): number {
    return (this.offsets[index + 1] ?? 1) - 1;
  }

  add(
    line: { readonly bytes: Buffer; readonly start: number; readonly end: number },
    facts: LineFacts,
  ): void {
    const index = this.count;
    const at = this.used;
    const length = line.end - line.start;
    line.bytes.copy(this.text, at, line.start, line.end);
    this.text[at + length] = 0x0a;
    this.seqs[index] = facts.seq;
    this.seconds[index] = facts.seconds;
    this.nanos[index] = facts.nanos;
    this.sources[index] = facts.source;
    this.levels[index] = facts.level;
    this.flags[index] = facts.flags;
    this.offsets[index + 1] = at + length + 1;
    this.count = index + 1;
  }

  /** The lines for which `keep` says so, in a table that is just large enough. */
  filtered(keep: (index: number) => boolean): LineTable {
    const kept: number[] = [];
    let bytes = 0;
    for (let index = 0; index < this.count; index++) {
      if (!keep(index)) continue;
      kept.push(index);
      bytes += this.start(index + 1) - this.start(index);
    }
    const table = LineTable.make(bytes, kept.length);
    table.take(this, kept);
    return table;
  }

  take(from: LineTable, indexes: Iterable<number>): void {
    for (const index of indexes)
      this.add(
        { bytes: from.text, start: from.start(index), end: from.end(index) },
        {
          seq: from.seqs[index] ?? 0,
          seconds: from.seconds[index] ?? 0,
          nanos: from.nanos[index] ?? 0,
          source: from.sources[index] ?? 0,
          level: from.levels[index] ?? 0,
          flags: from.flags[index] ?? 0,
        },
      );
  }

  /** Index of the first line whose number is `seq` or more. */
  indexOf(seq: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.seqs[middle] ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export interface LineFacts {
  readonly seq: number;
  readonly seconds: number;
  readonly nanos: number;
  readonly source: number;
  readonly level: number;
  readonly flags: number;
}
