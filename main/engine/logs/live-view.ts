import { setImmediate as turn } from 'node:timers/promises';
import { PtahError, type Problem } from '../errors/index.ts';
import { keeper } from './keeper.ts';
import type { LineTable } from './line-table.ts';
import type { LogStore } from './log-store.ts';
import { RowList } from './row-list.ts';
import { ALL_LEVELS, compile, scan, type ScanQuery } from './scan.ts';
import type { Scanner } from './scanner.ts';

export interface LiveViewOptions {
  readonly store: LogStore;
  readonly scanner: Scanner;
  /** 1 for each source that belongs to the view now. */
  readonly sources: () => Uint8Array;
  readonly levels: number;
  readonly patterns: ScanQuery['patterns'];
  readonly context: number;
  readonly onChange: () => void;
}

interface Block {
  readonly table: LineTable;
  readonly from: number;
  readonly to: number;
  readonly forward: boolean;
}

const SLICE_MS = 4;

/**
 * The rows of one view, kept up as lines come and go. It looks at the newest lines first, for that is where people look, and works
 * its way back; rows keep their numbers meanwhile.
 */
export class LiveView {
  readonly rows = new RowList();
  generation = 1;
  matches = 0;
  problem: Problem | null = null;
  complete = false;
  readonly #options: LiveViewOptions;
  readonly #start: number;
  #scannedFrom: number;
  #scannedTo: number;
  /** Lines of the context that are still wanted behind the newest and before the oldest line that was looked at. */
  #after = 0;
  #before = 0;
  #cuts: number;
  #running = false;
  #again = false;
  #closed = false;
  #settled: (() => void)[] = [];
  #begun: (() => void)[] = [];

  constructor(options: LiveViewOptions) {
    this.#options = options;
    this.#start = options.store.nextSeq;
    this.#scannedFrom = this.#start;
    this.#scannedTo = this.#start;
    this.#cuts = options.store.cuts;
    try {
      for (const pattern of options.patterns) compile(pattern);
    } catch (error) {
      this.problem = {
        code: 'pattern-invalid',
        severity: 'error',
        message: error instanceof Error ? error.message : String(error),
      };
    }
    this.touch();
  }

  /** Something was kept or cut: looks at it. */
  touch(): void {
    this.#again = true;
    if (!this.#running) void this.#run();
  }

  /** 0 to 1; 1 only when every line that is kept now was looked at. */
  get progress(): number {
    if (this.problem) return 1;
    if (this.complete) return this.#scannedTo >= this.#options.store.nextSeq ? 1 : 0.99;
    const oldest = this.#options.store.tables[0]?.firstSeq ?? this.#start;
    return oldest >= this.#start
      ? 1
      : Math.min(0.99, (this.#start - this.#scannedFrom) / (this.#start - oldest));
  }

  /** Resolves when there is a row, or nothing to look at any more, or after `ms`. */
  async begun(ms: number): Promise<void> {
    if (this.problem || this.complete || this.rows.length > 0) return;
    await waitAtMost(ms, tell => this.#begun.push(tell));
  }

  /** Resolves when everything that is kept now was looked at, or after `ms`. */
  async settled(ms: number): Promise<void> {
    if (this.problem || (this.complete && this.#scannedTo >= this.#options.store.nextSeq)) return;
    await waitAtMost(ms, tell => this.#settled.push(tell));
  }

  /** Forgets rows whose lines were cut. */
  trim(): void {
    const { store } = this.#options;
    if (store.cuts === this.#cuts) return;
    this.#cuts = store.cuts;
    const before = this.rows.length;
    if (this.rows.retain(keeper(store))) this.generation++;
    if (this.rows.length === before) return;
    this.matches = 0;
    for (let row = this.rows.first; row < this.rows.end; row++) if (!this.rows.isContext(row)) this.matches++;
  }

  close(): void {
    this.#closed = true;
    this.#tellSettled();
  }

  async #run(): Promise<void> {
    this.#running = true;
    let began = performance.now();
    try {
      while (this.#again && !this.#closed && !this.problem) {
        this.#again = false;
        this.trim();
        for (let block = this.#next(); block !== null; block = this.#next()) {
          const seqs = await this.#scan(block);
          if (this.#closed) return;
          this.#add(block, seqs);
          if (this.rows.length > 0) for (const tell of this.#begun.splice(0)) tell();
          if (performance.now() - began > SLICE_MS) {
            this.#options.onChange();
            await turn();
            began = performance.now();
          }
          this.trim();
        }
        this.complete = true;
      }
    } catch (error) {
      this.problem = problemOf(error);
    } finally {
      this.#running = false;
      if (this.complete || this.problem) this.#tellSettled();
      if (!this.#closed) this.#options.onChange();
    }
  }

  #next(): Block | null {
    const { tables } = this.#options.store;
    const ahead = tables[this.#options.store.tableAt(this.#scannedTo)];
    if (ahead && ahead.count > 0)
      return { table: ahead, from: ahead.indexOf(this.#scannedTo), to: ahead.count, forward: true };
    if (this.#scannedFrom === 0) return null;
    // the table with the newest line before `#scannedFrom`
    let position = this.#options.store.tableAt(this.#scannedFrom);
    let table = tables[position];
    if (!table || table.firstSeq >= this.#scannedFrom) table = tables[--position];
    if (!table || table.count === 0) return null;
    return { table, from: 0, to: table.indexOf(this.#scannedFrom), forward: false };
  }

  async #scan({ table, from, to }: Block): Promise<Uint32Array> {
    const { scanner, sources, levels, patterns } = this.#options;
    const request = { table: table.data, from, to, query: { sources: sources(), levels, patterns } };
    return patterns.length === 0 ? scan(request) : scanner.scan(request);
  }

  #add(block: Block, seqs: Uint32Array): void {
    const { table, from, to, forward } = block;
    this.matches += seqs.length;
    const first = table.seqs[from] ?? 0;
    const last = table.seqs[to - 1] ?? 0;
    if (this.#options.context > 0) this.#addWithContext(block, seqs, first, last);
    else if (forward) this.rows.append(seqs, null);
    else this.rows.prepend(seqs, null);
    if (forward) this.#scannedTo = last + 1;
    else this.#scannedFrom = first;
  }

  #addWithContext({ table, from, to, forward }: Block, seqs: Uint32Array, first: number, last: number): void {
    const { context } = this.#options;
    const scope = this.#scope(table, from, to);
    const count = scope.length;
    const shown = new Uint8Array(count);
    const show = (low: number, high: number): void => {
      shown.fill(1, Math.max(0, low), Math.min(count, high + 1));
    };
    const matched = new Set(seqs);
    let firstMatch = -1;
    let lastMatch = -1;
    for (let index = 0; index < count; index++) {
      if (!matched.has(scope[index] ?? 0)) continue;
      if (firstMatch < 0) firstMatch = index;
      lastMatch = index;
      show(index - context, index + context);
    }
    if (forward) show(0, this.#after - 1);
    else show(count - this.#before, count - 1);
    const rows = Array.from(scope.filter((_, index) => shown[index] === 1));
    const wantedBefore = firstMatch < 0 ? 0 : Math.max(0, context - firstMatch);
    const wantedAfter = lastMatch < 0 ? 0 : Math.max(0, context - (count - 1 - lastMatch));
    if (forward) {
      // of lines that were looked at already, those right before this block
      const known = this.#neighbours(first, -1, wantedBefore, this.#scannedFrom);
      const shownUpTo = this.rows.length > 0 ? this.rows.seq(this.rows.end - 1) : -1;
      rows.unshift(...known.filter(seq => seq > shownUpTo).reverse());
      if (known.length < wantedBefore) this.#before = Math.max(this.#before, wantedBefore - known.length);
      this.#after =
        lastMatch < 0 ? Math.max(0, this.#after - count) : Math.max(wantedAfter, this.#after - count);
    } else {
      const known = this.#neighbours(last, 1, wantedAfter, this.#scannedTo - 1);
      const shownFrom = this.rows.length > 0 ? this.rows.seq(this.rows.first) : Number.POSITIVE_INFINITY;
      rows.push(...known.filter(seq => seq < shownFrom));
      if (known.length < wantedAfter) this.#after = Math.max(this.#after, wantedAfter - known.length);
      this.#before =
        firstMatch < 0 ? Math.max(0, this.#before - count) : Math.max(wantedBefore, this.#before - count);
    }
    const flags = Uint8Array.from(rows, seq => (matched.has(seq) ? 0 : 1));
    if (forward) this.rows.append(Uint32Array.from(rows), flags);
    else this.rows.prepend(Uint32Array.from(rows), flags);
  }

  /** Lines of the scope next to a line, nearest first, up to the line `limit`. */
  #neighbours(seq: number, step: -1 | 1, wanted: number, limit: number): number[] {
    const { store } = this.#options;
    const found: number[] = [];
    let position = step > 0 ? store.tableAt(seq + 1) : Math.min(store.tableAt(seq), store.tables.length - 1);
    while (found.length < wanted) {
      const table = store.tables[position];
      if (!table) break;
      const scope = this.#scope(table, 0, table.count);
      for (const one of step > 0 ? scope : scope.reverse()) {
        if (step > 0 ? one <= seq || one > limit : one >= seq || one < limit) continue;
        if (found.length < wanted) found.push(one);
      }
      position += step;
    }
    return found;
  }

  #scope(table: LineTable, from: number, to: number): Uint32Array {
    return scan({
      table: table.data,
      from,
      to,
      query: { sources: this.#options.sources(), levels: ALL_LEVELS, patterns: [] },
    });
  }

  #tellSettled(): void {
    for (const tell of [...this.#settled.splice(0), ...this.#begun.splice(0)]) tell();
  }
}

async function waitAtMost(ms: number, listen: (tell: () => void) => void): Promise<void> {
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, ms);
    listen(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function problemOf(error: unknown): Problem {
  const code = error instanceof PtahError ? error.code : 'unexpected';
  const hint = error instanceof PtahError ? error.hint : undefined;
  return {
    code,
    severity: 'error',
    message: error instanceof Error ? error.message : String(error),
    ...(hint && { hint }),
  };
}
