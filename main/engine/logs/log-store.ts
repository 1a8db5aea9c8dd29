import { JSON_HEAD, LEVEL_HEAD, levelNames, levelOf } from './levels.ts';
import { JSON_LINE, LINE_COST, LineTable, ODD_LINE, WIDE_LINE } from './line-table.ts';

/** A line as it comes in: bytes of somebody else's buffer, copied at once. */
export interface NewLine {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly seconds: number;
  readonly nanos: number;
}

export interface SourceCounts {
  lines: number;
  bytes: number;
  dropped: number;
  readonly levels: number[];
  /** Moment of the oldest line that is kept; null where it has to be looked for. */
  oldest: readonly [seconds: number, nanos: number] | null;
}

export interface LogStoreOptions {
  /** Of all sources together. */
  readonly budgetBytes?: number;
  /** Gets what is cut from memory, before it is gone. */
  readonly onCut?: (table: LineTable) => void;
}

const TABLE_BYTES = 1024 * 1024;
const FIRST_TABLE_BYTES = 64 * 1024;
/** Tables that cutting made this small are put together. */
const SMALL_TABLE_BYTES = 256 * 1024;

/**
 * All lines of a project in the order in which they came, within a budget: when it is full, the source that holds most gives its
 * oldest lines, so that a quiet one keeps what it said an hour ago.
 */
export class LogStore {
  readonly #budget: number;
  readonly #onCut: (table: LineTable) => void;
  readonly #counts: SourceCounts[] = [];
  #tables: LineTable[] = [];
  #nextSeq = 0;
  #bytes = 0;
  #cuts = 0;

  constructor({ budgetBytes = 256 * 1024 * 1024, onCut = () => {} }: LogStoreOptions = {}) {
    this.#budget = budgetBytes;
    this.#onCut = onCut;
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }
  get bytes(): number {
    return this.#bytes;
  }
  /** How often lines were taken out: rows may point to nothing since. */
  get cuts(): number {
    return this.#cuts;
  }
  get tables(): readonly LineTable[] {
    return this.#tables;
  }

  /** Makes room for one more source and gives its index. */
  addSource(): number {
    return (
      this.#counts.push({ lines: 0, bytes: 0, dropped: 0, levels: levelNames.map(() => 0), oldest: null }) - 1
    );
  }

  counts(source: number): SourceCounts {
    const counts = this.#counts[source];
    if (!counts) throw new RangeError(`no source ${source}`);
    return counts;
  }

  /** Keeps a line and gives its number. */
  append(source: number, line: NewLine): number {
    const { bytes, seconds, nanos, start } = line;
    // \r\n: the carriage return belongs to the line's end
    const end = line.end > start && bytes[line.end - 1] === 0x0d ? line.end - 1 : line.end;
    const length = end - start;
    const seq = this.#nextSeq++;
    const flags = flagsOf(bytes, start, end);
    const head = bytes.toString(
      'latin1',
      start,
      Math.min(end, start + (bytes[start] === 0x7b ? JSON_HEAD : LEVEL_HEAD)),
    );
    const level = levelOf(head);
    this.#room(length).add({ bytes, start, end }, { seq, seconds, nanos, source, level, flags });
    const counts = this.counts(source);
    if (counts.lines === 0) counts.oldest = [seconds, nanos];
    counts.lines++;
    counts.bytes += length + LINE_COST;
    counts.levels[level] = (counts.levels[level] ?? 0) + 1;
    this.#bytes += length + LINE_COST;
    if (this.#bytes > this.#budget) this.#cut();
    return seq;
  }

  /** Takes out the lines of these sources. They are not counted as dropped: somebody wanted it. */
  clear(sources: Uint8Array): void {
    this.#rebuild((table, index) => sources[table.sources[index] ?? 0] !== 1);
    this.#counts.forEach((counts, source) => {
      if (sources[source] !== 1) return;
      this.#bytes -= counts.bytes;
      Object.assign(counts, {
        lines: 0,
        bytes: 0,
        dropped: 0,
        levels: levelNames.map(() => 0),
        oldest: null,
      });
    });
    this.#cuts++;
  }

  has(seq: number): boolean {
    return this.find(seq) !== null;
  }

  find(seq: number): { readonly table: LineTable; readonly index: number } | null {
    const table = this.#tables[this.tableAt(seq)];
    if (!table) return null;
    const index = table.indexOf(seq);
    return index < table.count && table.seqs[index] === seq ? { table, index } : null;
  }

  /** Index of the first table that holds `seq` or anything after it. */
  tableAt(seq: number): number {
    let low = 0;
    let high = this.#tables.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#tables[middle]?.lastSeq ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Moment of the oldest line of a source; null when it has none. */
  oldest(source: number): readonly [seconds: number, nanos: number] | null {
    const counts = this.counts(source);
    if (counts.lines === 0) return null;
    if (counts.oldest) return counts.oldest;
    for (const table of this.#tables) {
      const index = table.sources.subarray(0, table.count).indexOf(source);
      if (index < 0) continue;
      counts.oldest = [table.seconds[index] ?? 0, table.nanos[index] ?? 0];
      break;
    }
    return counts.oldest;
  }

  #room(length: number): LineTable {
    const last = this.#tables.at(-1);
    if (last?.hasRoom(length)) return last;
    const size = Math.max(
      length + 1,
      Math.min(TABLE_BYTES, last ? last.text.length * 2 : FIRST_TABLE_BYTES, TABLE_BYTES),
      FIRST_TABLE_BYTES,
    );
    const table = LineTable.make(size, Math.ceil(Math.min(size, TABLE_BYTES) / 48));
    this.#tables.push(table);
    return table;
  }

  /** Makes free some of what the heaviest source holds. */
  #cut(): void {
    const target = this.#budget - this.#budget / 32;
    while (this.#bytes > target) {
      let heaviest = -1;
      let second = 0;
      this.#counts.forEach(({ bytes }, source) => {
        const most = this.#counts[heaviest]?.bytes ?? 0;
        if (bytes > most) {
          second = most;
          heaviest = source;
        } else second = Math.max(second, bytes);
      });
      // down to where another one is as heavy, and a little further, so that they do not take turns line by line
      const floor = second - this.#budget / 64;
      if (heaviest < 0 || !this.#cutSource(heaviest, Math.max(this.#bytes - target, 1), floor)) return;
    }
  }

  /** False when nothing of that source can be cut: all of it is in the table that is being written. */
  #cutSource(source: number, wanted: number, floor: number): boolean {
    const counts = this.counts(source);
    counts.oldest = null;
    let freed = 0;
    const kept: LineTable[] = [];
    const last = this.#tables.length - 1;
    for (const [position, table] of this.#tables.entries()) {
      if (position === last || freed >= wanted || (freed > 0 && counts.bytes < floor)) {
        kept.push(table);
        continue;
      }
      let lines = 0;
      let bytes = 0;
      for (let index = 0; index < table.count; index++) {
        if (table.sources[index] !== source) continue;
        const length = table.end(index) - table.start(index);
        lines++;
        bytes += length + LINE_COST;
        const level = table.levels[index] ?? 0;
        counts.levels[level] = (counts.levels[level] ?? 0) - 1;
      }
      if (lines === 0) {
        kept.push(table);
        continue;
      }
      freed += bytes;
      counts.lines -= lines;
      counts.bytes -= bytes;
      counts.dropped += lines;
      this.#bytes -= bytes;
      if (lines === table.count) this.#onCut(table);
      else {
        this.#onCut(table.filtered(index => table.sources[index] === source));
        keep(
          kept,
          table.filtered(index => table.sources[index] !== source),
        );
      }
    }
    this.#tables = kept;
    this.#cuts++;
    return freed > 0;
  }

  #rebuild(stays: (table: LineTable, index: number) => boolean): void {
    const kept: LineTable[] = [];
    for (const table of this.#tables) {
      const rest = table.filtered(index => stays(table, index));
      if (rest.count === table.count) kept.push(table);
      else if (rest.count > 0) keep(kept, rest);
    }
    this.#tables = kept;
  }
}

/** Adds a table that lost lines; small neighbours become one, so that a long quiet source is no chain of crumbs. */
function keep(tables: LineTable[], table: LineTable): void {
  const before = tables.at(-1);
  if (!before || before.used + table.used > SMALL_TABLE_BYTES) {
    tables.push(table);
    return;
  }
  const joined = LineTable.make(before.used + table.used, before.count + table.count);
  joined.take(before, Array.from({ length: before.count }).keys());
  joined.take(table, Array.from({ length: table.count }).keys());
  tables[tables.length - 1] = joined;
}

function flagsOf(bytes: Buffer, start: number, end: number): number {
  let all = 0;
  let odd = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    all |= byte;
    if (byte === 0x1b || byte === 0x0d) odd = true;
  }
  const first = bytes[start];
  const last = bytes[end - 1];
  const json =
    end - start > 1 &&
    ((first === 0x7b && last === 0x7d) || (first === 0x5b && last === 0x5d && bytes[start + 1] === 0x7b));
  return (json ? JSON_LINE : 0) | (odd ? ODD_LINE : 0) | (all > 127 ? WIDE_LINE : 0);
}
