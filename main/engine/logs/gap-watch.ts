import type { Moment } from './timestamp.ts';

/** Files are rotated every few seconds at the most: what is left out with one spans at least that. */
const LEAST_GAP_S = 2;
/** The clock of the node may be a little ahead. */
const CLOCK_S = 1;
const MOST_FIRSTS = 8;

/**
 * Tells from the times of lines where the kubelet left out a file: the time leaps, and the line behind the leap had been written
 * long before it came, or when the line before it came. After a silence of the container itself the next line is a new one. Having
 * left out a file the kubelet may read the newest from its beginning once more; it is known by the line behind the leap.
 */
export class GapWatch {
  #last: Moment | null = null;
  /** When it came, by our clock, in seconds. */
  #lastAt = 0;
  #now = 0;
  #asked: Moment | null = null;
  #firsts: readonly Moment[] = [];
  /** The newest line when the file began once more: up to it everything was given. */
  #again: Moment | null = null;

  /** A connection was opened: what was written until then had been written when its first line came. */
  opened(ms: number): void {
    this.#now = ms / 1000;
    this.#lastAt = this.#now;
    this.#again = null;
  }

  /** The following lines came now. */
  arrived(ms: number): void {
    this.#now = ms / 1000;
  }

  /** A line of a log that is read to its end. */
  note(line: Moment): void {
    // only its time: the line itself would keep the piece of the stream that it stands in
    if (this.#last === null || isBefore(this.#last, line))
      this.#last = { seconds: line.seconds, nanos: line.nanos };
  }

  /**
   * `gap`: lines before it may have been left out; seen once more it is `on`. `again`: a file begins once more with it. `known`: of
   * such a file, given before.
   */
  see(line: Moment): 'on' | 'gap' | 'again' | 'known' {
    const last = this.#last;
    if (last !== null && line.seconds - last.seconds >= LEAST_GAP_S) {
      const isLate = line.seconds <= Math.max(this.#lastAt + CLOCK_S, this.#now - LEAST_GAP_S);
      if (isLate && !(this.#asked && isSame(this.#asked, line))) {
        this.#asked = { seconds: line.seconds, nanos: line.nanos };
        this.#firsts = [...this.#firsts, this.#asked].slice(-MOST_FIRSTS);
        return 'gap';
      }
    }
    if (last !== null && last.seconds - line.seconds >= LEAST_GAP_S) {
      if (this.#firsts.some(first => isSame(first, line))) {
        this.#again = last;
        return 'again';
      }
      if (this.#again !== null) return 'known';
    }
    if (this.#again !== null && isBefore(this.#again, line)) this.#again = null;
    this.#lastAt = this.#now;
    this.note(line);
    return 'on';
  }
}

const isSame = (a: Moment, b: Moment): boolean => a.seconds === b.seconds && a.nanos === b.nanos;
const isBefore = (a: Moment, b: Moment): boolean =>
  a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos);
