import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { pause } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import type { NewLine } from './log-store.ts';
import type { NodeLogFiles } from './node-log-files.ts';
import { RuntimeLines } from './runtime-lines.ts';
import { LineSplitter } from './split-lines.ts';
import { isBefore, type Moment } from './timestamp.ts';

export interface FollowFilesOptions {
  readonly files: Pick<NodeLogFiles, 'list' | 'open' | 'range' | 'momentFrom'>;
  /** The newest line that was given. */
  readonly last: Moment;
  /** Lines are given from this second on: those around `last` once more. */
  readonly from: number;
  readonly take: (line: NewLine) => void;
  /** Waited for after each piece. */
  readonly drained: () => Promise<unknown> | null;
  /** Whether the instance goes on. */
  readonly running: () => boolean;
  /** Resolves after `ms`, sooner where something was told of the container. */
  readonly changed: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
  readonly pollMs?: number;
  readonly settleMs?: number;
  readonly quietMs?: number;
}

/** Where in the file that is written we are. */
interface Position {
  readonly name: string;
  readonly offset: number;
  /** The end of the last line before it: another file has other bytes there, for each line carries its nanosecond. */
  readonly tail: Buffer;
  /** The newest of the rotated files when this one was found: it will be the next one. */
  readonly after: string | null;
}

const TAIL_BYTES = 64;
/** A file that is rotated away may get its last lines a moment after the next one is there. */
const SETTLE_MS = 400;
const POLL_MS = 150;
const QUIET_MS = 10_000;
/** Who says less than this in a second needs no other way than the log's own. */
const QUIET_BYTES_A_SECOND = 256 * 1024;
const BISECT_BYTES = 256 * 1024;
const SLICE_MS = 4;
const MOST_TRIES = 40;
const nothing = Buffer.alloc(0);

/**
 * Follows a log in the node's files. The kubelet's follower sends each line by itself, through the API server, which takes more of the
 * processor than the container needs to write it: it falls behind, and what is more than one rotation behind is left out. Here the
 * bytes come as they stand in the file, some times a second, and each rotation is crossed by the names of the files. Resolves when
 * the log is quiet or its instance has ended; fails where the files can't be followed.
 */
export async function followFiles(options: FollowFilesOptions): Promise<void> {
  const { signal, running, changed, pollMs = POLL_MS, quietMs = QUIET_MS } = options;
  const reader = new FileReader(options);
  let at = await reader.begin();
  let windowBegan = performance.now();
  let tries = 0;
  while (!signal.aborted) {
    const ran = running();
    const next = await reader.pull(at);
    if (next === null) {
      if (++tries > MOST_TRIES) throw lost(at.name);
      at = await reader.cross(at);
      continue;
    }
    tries = 0;
    const grown = next.offset > at.offset;
    at = next;
    if (!ran && !grown) return;
    const now = performance.now();
    if (now - windowBegan > quietMs) {
      if (reader.taken < (QUIET_BYTES_A_SECOND * (now - windowBegan)) / 1000) return;
      reader.taken = 0;
      windowBegan = now;
    }
    await changed(pollMs);
  }
}

class FileReader {
  readonly #options: FollowFilesOptions;
  readonly #records = new RuntimeLines();
  /** Bytes, since it was set to nothing. */
  taken = 0;

  constructor(options: FollowFilesOptions) {
    this.#options = options;
  }

  /** Reads from the line that was given last to the file that is written. */
  async begin(): Promise<Position> {
    const { files, last, signal, settleMs = SETTLE_MS } = this.#options;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      if (tries > 0) await pause(settleMs, signal);
      const { current, rotated: all } = await files.list();
      // between the rotated file's new name and the next file there is none
      if (current === null) continue;
      const rotated = ofInstance(current, all);
      const names = [...rotated, current];
      let index = names.length - 1;
      for (; index >= 0; index--) {
        const first = await files.momentFrom(names[index] ?? '', 0);
        if (first !== null && !isBefore(last, first)) break;
      }
      if (index < 0) throw lost(current);
      const offset = await this.#bisect(names[index] ?? '');
      const after = rotated.at(-1) ?? null;
      const start = { name: current, offset, tail: nothing, after };
      if (!(await this.#isNewest(start))) continue;
      if (index === names.length - 1) return start;
      await pause(settleMs, signal);
      for (const [nth, name] of names.slice(index, -1).entries())
        await this.#finish(name, nth === 0 ? start : { ...start, offset: 0 });
      return { ...start, offset: 0 };
    }
    throw lost('the container');
  }

  /** Reads what the file has got since; null when it is another one now. */
  async pull(at: Position): Promise<Position | null> {
    const opened = await this.#options.files.range(at.name, at.offset - at.tail.length);
    if (opened === null) {
      // nothing in it yet
      return at.tail.length === 0 && (await this.#isNewest(at)) ? at : null;
    }
    // by its bytes it is not known yet: it is the one that was listed when none was rotated before it was opened
    if (at.tail.length === 0 && !(await this.#isNewest(at))) {
      opened.body.destroy();
      return null;
    }
    return this.#read(opened.body, at);
  }

  /** Reads the files that were rotated since to their ends, and gives the beginning of the one that is written. */
  async cross(at: Position): Promise<Position> {
    const { files, signal, settleMs = SETTLE_MS } = this.#options;
    const { current, rotated } = await files.list();
    await pause(settleMs, signal);
    const passed = ofInstance(at.name, rotated).filter(name => at.after === null || name > at.after);
    // until the next file is there, the runtime writes on under the new name
    if (current === null || passed.length === 0) return at;
    for (const [index, name] of passed.entries())
      await this.#finish(name, index === 0 ? at : { ...at, offset: 0, tail: nothing });
    return { name: at.name, offset: 0, tail: nothing, after: passed.at(-1) ?? at.after };
  }

  async #finish(name: string, from: Position): Promise<void> {
    const { files } = this.#options;
    const start = from.offset - from.tail.length;
    const part = await files.range(name, start);
    let read: Position | null;
    if (part !== null) read = await this.#read(part.body, from);
    else {
      const whole = await files.open(name);
      read = whole && (await this.#read(whole, from, start));
    }
    if (read === null) throw lost(name);
  }

  /** Null when the bytes before the position are others. */
  async #read(body: Readable, at: Position, skip = 0): Promise<Position | null> {
    const { take, drained, from } = this.#options;
    const splitter = new LineSplitter();
    let { offset, tail } = at;
    let last: readonly [bytes: Buffer, start: number, end: number] | null = null;
    let known = 0;
    // from the middle of a file on, what stands before the first line's end is no line
    let isLine = at.tail.length > 0 || at.offset === 0;
    const record = (bytes: Buffer, start: number, end: number): void => {
      offset += end - start + 1;
      last = [bytes, start, end];
      const line = isLine ? this.#records.read(bytes, start, end) : null;
      isLine = true;
      if (line !== null && line.seconds >= from) take(line);
    };
    let began = performance.now();
    for await (const chunk of body) {
      let piece = chunk as Buffer;
      if (skip > 0) {
        const skipped = Math.min(skip, piece.length);
        skip -= skipped;
        piece = piece.subarray(skipped);
      }
      if (known < at.tail.length) {
        const length = Math.min(at.tail.length - known, piece.length);
        if (piece.compare(at.tail, known, known + length, 0, length) !== 0) {
          body.destroy();
          return null;
        }
        known += length;
        piece = piece.subarray(length);
      }
      if (piece.length === 0) continue;
      this.taken += piece.length;
      splitter.push(piece, record);
      await drained();
      if (performance.now() - began < SLICE_MS) continue;
      await turn();
      began = performance.now();
    }
    if (known < at.tail.length) return null;
    const [bytes, start, end] = (last as readonly [Buffer, number, number] | null) ?? [nothing, 0, -1];
    if (end >= 0) {
      // with the newline, which a line over the border of two pieces has left behind
      const text = bytes.subarray(Math.max(start, end - TAIL_BYTES + 1), end);
      tail = Buffer.concat([text, Buffer.from('\n')]);
    }
    return { ...at, offset, tail };
  }

  /** An offset before which all lines are older than those that are wanted. */
  async #bisect(name: string): Promise<number> {
    const { files, from } = this.#options;
    const opened = await files.range(name, 0, 0);
    // compressed
    if (opened === null) return 0;
    opened.body.resume();
    let [low, high] = [0, opened.total];
    while (high - low > BISECT_BYTES) {
      const middle = Math.floor((low + high) / 2);
      const moment = await files.momentFrom(name, middle);
      if (moment !== null && moment.seconds < from) low = middle;
      else high = middle;
    }
    return low;
  }

  /** None was rotated away since that one was. */
  async #isNewest({ name, after }: Position): Promise<boolean> {
    const { rotated } = await this.#options.files.list();
    return (ofInstance(name, rotated).at(-1) ?? null) === after;
  }
}

/** Those of a container's earlier instances have other numbers. */
const ofInstance = (current: string, rotated: readonly string[]): string[] =>
  rotated.filter(name => name.startsWith(`${current}.`));

const lost = (name: string): PtahError =>
  new PtahError('not-found', `The place in the files of ${name} that was read last is not there any more.`);
