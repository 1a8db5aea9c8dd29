import { setImmediate as turn } from 'node:timers/promises';
import type { LogStore, NewLine } from './log-store.ts';

interface Waiting {
  readonly source: number;
  readonly line: NewLine;
  /** Of the line's moment; never less than that of the source's line before: each source keeps its order. */
  readonly order: number;
}

const EVERY_MS = 40;
const FULL_BYTES = 8 * 1024 * 1024;
const SLICE_MS = 4;

/** Brings the lines of many sources into the order of their moments, as far as they come within the same blink. */
export class LineMerger {
  readonly #store: LogStore;
  readonly #onKept: () => void;
  readonly #last = new Map<number, number>();
  #waiting: Waiting[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | null = null;
  #held = false;

  constructor(store: LogStore, onKept: () => void) {
    this.#store = store;
    this.#onKept = onKept;
  }

  push(source: number, line: NewLine): void {
    const order = Math.max(this.#last.get(source) ?? 0, line.seconds + line.nanos / 1e9);
    this.#last.set(source, order);
    this.#waiting.push({ source, line, order });
    this.#bytes += line.end - line.start;
    this.#schedule();
  }

  /** While several sources read what they had before, nothing is kept, so that it comes out as one story. */
  hold(held: boolean): void {
    this.#held = held;
    this.#schedule();
  }

  get held(): boolean {
    return this.#held;
  }

  /** Null while there is room. */
  drained(): Promise<void> | null {
    return this.#bytes < FULL_BYTES ? null : this.flush();
  }

  /** Keeps what waits now. */
  flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
      this.#schedule();
    });
    return this.#writing;
  }

  /** Keeps everything that has come until now. */
  async settle(): Promise<void> {
    while (this.#waiting.length > 0 || this.#writing) await this.flush();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
  }

  #schedule(): void {
    if (this.#held || this.#waiting.length === 0 || this.#writing) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (!this.#held) void this.flush();
    }, EVERY_MS);
  }

  async #write(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    const first = lines[0]?.source;
    if (lines.some(({ source }) => source !== first)) lines.sort((a, b) => a.order - b.order);
    let began = performance.now();
    for (const [index, { source, line }] of lines.entries()) {
      this.#store.append(source, line);
      if (index % 128 === 127 && performance.now() - began > SLICE_MS) {
        this.#onKept();
        await turn();
        began = performance.now();
      }
    }
    this.#onKept();
  }
}
