import type { NewLine } from './log-store.ts';
import { isBefore, parseMoment, type Moment } from './timestamp.ts';

/** A line with the length of its first part, where the runtime had cut it: so much of it stands in the record of its time. */
export interface RuntimeLine extends NewLine {
  readonly firstPart: number | null;
}

interface Parts extends Moment {
  readonly texts: Buffer[];
}

const P = 0x50;
const SPACE = 0x20;
/** `stdout` and `stderr`. */
const NAME = 6;

/**
 * The records of the runtime's log files (`TIME stdout F TEXT`) as the lines that the container wrote. A line may stand in several
 * records, each but the last marked `P`: a long one, and the one that was being written when its file was rotated, of which the
 * rest is the next file's first record (containerd's CRI logger flushes what it has when it is given another file). So the
 * records of a container's files go through one of these in their order.
 */
export class RuntimeLines {
  readonly #parts = new Map<string, Parts>();
  #secondText = Buffer.alloc(0);
  #second = -1;

  /** Null for a part that goes on, and for what is no such record. */
  read(bytes: Buffer, start: number, end: number): RuntimeLine | null {
    const time = bytes.indexOf(SPACE, start);
    if (time < 0 || time + 1 + NAME + 2 > end) return null;
    const moment = this.#momentOf(bytes, start, time);
    if (moment === null) return null;
    const tags = time + 1 + NAME + 1;
    if (bytes[tags - 1] !== SPACE) return null;
    // the third word has tags, of which the first says whether the line goes on
    const stop = bytes.indexOf(SPACE, tags);
    const from = stop < 0 || stop >= end ? end : stop + 1;
    const partial = bytes[tags] === P;
    if (!partial && this.#parts.size === 0) return { bytes, start: from, end, ...moment, firstPart: null };
    const name = bytes.toString('latin1', time + 1, tags - 1);
    const before = this.#parts.get(name);
    if (partial) {
      // a copy of the part: the piece that it stands in shall not be kept for it
      const text = Buffer.from(bytes.subarray(from, end));
      if (before) before.texts.push(text);
      else this.#parts.set(name, { ...moment, texts: [text] });
      return null;
    }
    if (before === undefined) return { bytes, start: from, end, ...moment, firstPart: null };
    this.#parts.delete(name);
    return whole(before, bytes.subarray(from, end));
  }

  /** The lines that began after a moment and of which the rest has not come; the newest is ended with `rest`. */
  end(after: Moment, rest: Buffer): RuntimeLine[] {
    const open = [...this.#parts.values()]
      .filter(parts => isBefore(after, parts))
      .toSorted((a, b) => a.seconds - b.seconds || a.nanos - b.nanos);
    this.#parts.clear();
    return open.map((parts, index) => whole(parts, index === open.length - 1 ? rest : Buffer.alloc(0)));
  }

  #momentOf(bytes: Buffer, start: number, end: number): Moment | null {
    const point = start + 19;
    if (end > point && this.#second >= 0 && bytes[end - 1] === 0x5a) {
      const text = this.#secondText;
      if (bytes.compare(text, 0, text.length, start, point) === 0) {
        // its zeros at the end are left out
        let nanos = 0;
        let digits = 0;
        for (let at = point + 1; at < end - 1; at++, digits++) {
          const digit = (bytes[at] ?? 0) - 0x30;
          if (digit < 0 || digit > 9) return null;
          nanos = nanos * 10 + digit;
        }
        for (; digits < 9; digits++) nanos *= 10;
        return { seconds: this.#second, nanos };
      }
    }
    if (end - start > 36) return null;
    const moment = parseMoment(bytes.toString('latin1', start, end));
    if (moment !== null && bytes[end - 1] === 0x5a) {
      this.#secondText = Buffer.from(bytes.subarray(start, point));
      this.#second = moment.seconds;
    }
    return moment;
  }
}

function whole({ seconds, nanos, texts }: Parts, rest: Buffer): RuntimeLine {
  const bytes = Buffer.concat([...texts, rest]);
  return { bytes, start: 0, end: bytes.length, seconds, nanos, firstPart: texts[0]?.length ?? 0 };
}
