import { isBefore, type Moment } from './timestamp.ts';
import type { NewLine } from './log-store.ts';
import type { NodeLogFiles } from './node-log-files.ts';
import { RuntimeLines } from './runtime-lines.ts';
import { LineSplitter } from './split-lines.ts';

export interface Gap {
  /** Second of the last line before it that was given. */
  readonly from: number;
  /** The newest line that came before it. */
  readonly last: Moment;
  /** The last line before it, which was not given: a rotation may have cut it, and what followed is of another one. */
  readonly before: NewLine | null;
  /** The first line behind it. */
  readonly to: NewLine;
}

export interface RotatedOptions {
  readonly files: Pick<NodeLogFiles, 'list' | 'open' | 'momentFrom'>;
  readonly gap: Gap;
  /** Gets each line of the gap. */
  readonly take: (line: NewLine) => void;
  /** Waited for after each piece. */
  readonly drained: () => Promise<unknown>;
}

export interface GapRead {
  /** Nothing can be missing: the oldest file that is left begins before the gap. */
  readonly whole: boolean;
  /** What stands for the line behind the gap; null where it was the end of one that was given. */
  readonly to: NewLine | null;
  /** The text of the first record behind the gap where that was not given as it stands there. */
  readonly first: Buffer | null;
}

/**
 * Gives the lines of a gap that stand in files which were rotated away: a follower that is more than one rotation behind goes on in
 * the newest file and leaves out those between, and a new one begins in the newest (kubernetes/kubernetes#59902). Where the rotation had
 * cut a line, its beginning stands in a file and its end only is what came, be it by itself or behind the beginning of another one.
 */
export async function readRotated({ files, gap, take, drained }: RotatedOptions): Promise<GapRead> {
  const known: { readonly name: string; readonly first: Moment }[] = [];
  for (const name of (await files.list()).rotated) {
    const first = await files.momentFrom(name, 0);
    if (first !== null) known.push({ name, first });
  }
  const lines = new GapLines(gap, take);
  for (const [index, { name, first }] of known.entries()) {
    const end = known[index + 1]?.first.seconds ?? Number.POSITIVE_INFINITY;
    if (end < gap.from || first.seconds > gap.to.seconds) continue;
    const opened = await files.open(name);
    if (opened === null) continue;
    const splitter = new LineSplitter();
    for await (const piece of opened) {
      splitter.push(piece as Buffer, (bytes, start, end) => lines.read(bytes, start, end));
      await drained();
    }
  }
  const whole = known.length === 0 || (known[0]?.first.seconds ?? 0) <= gap.from;
  return { whole, ...lines.end() };
}

/** The lines of the files around a gap, each once, also those over the border of two files. */
class GapLines {
  readonly #records = new RuntimeLines();
  readonly #gap: Gap;
  readonly #take: (line: NewLine) => void;
  /** What came behind the beginning of a line that the rotation had cut: the end of another one, or all of it. */
  #strayed: Buffer | null = null;
  #isBeforeGiven = false;

  constructor(gap: Gap, take: (line: NewLine) => void) {
    this.#gap = gap;
    this.#take = take;
  }

  read(bytes: Buffer, start: number, end: number): void {
    const line = this.#records.read(bytes, start, end);
    if (line === null) return;
    const { from, before, to } = this.#gap;
    if (line.seconds < from || !isBefore(line, to)) return;
    if (before !== null && !this.#isBeforeGiven) {
      if (line.seconds === before.seconds && line.nanos === before.nanos) {
        this.#isBeforeGiven = true;
        if (line.firstPart !== null && !sameText(line, before))
          this.#strayed = before.bytes.subarray(before.start + line.firstPart, before.end);
      } else if (line.seconds > before.seconds + 1) this.#giveBefore();
    }
    this.#take(line);
  }

  /** Gives what is left. */
  end(): Omit<GapRead, 'whole'> {
    const { last, to } = this.#gap;
    this.#giveBefore();
    // what was cut before the newest line that came has come whole
    const end = this.#strayed ?? to.bytes.subarray(to.start, to.end);
    const cut = this.#records.end(last, end);
    for (const line of cut) this.#take(line);
    if (this.#strayed === null)
      return cut.length > 0 ? { to: null, first: Buffer.from(end) } : { to, first: null };
    if (cut.length === 0)
      this.#take({
        bytes: this.#strayed,
        start: 0,
        end: this.#strayed.length,
        seconds: to.seconds,
        nanos: to.nanos,
      });
    return { to, first: this.#strayed };
  }

  #giveBefore(): void {
    const { before } = this.#gap;
    if (before !== null && !this.#isBeforeGiven) this.#take(before);
    this.#isBeforeGiven = true;
  }
}

const sameText = (a: NewLine, b: NewLine): boolean =>
  a.bytes.compare(b.bytes, b.start, b.end, a.start, a.end) === 0;
