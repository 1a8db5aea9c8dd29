import { isBefore, type Moment } from './timestamp.ts';

/** Files are rotated every few seconds at the most: what is left out with one spans at least that. */
const LEAST_GAP_S = 2;
/** The clock of the node may be a little ahead. */
const CLOCK_S = 1;

/**
 * Tells from the times of lines where the kubelet left out a file: the time leaps, and the line behind the leap had been written
 * long before it came, or when the line before it came. After a silence of the container itself the next line is a new one. Having
 * left out a file the kubelet has one more notice of a new file than there are files, and so reads each one that follows from its
 * beginning once more.
 */
export class GapWatch {
  #last: Moment | null = null;
  /** When it came, by our clock, in seconds. */
  #lastAt = 0;
  #now = 0;
  #leftOut = false;
  /** The newest line when a file began once more: up to it everything was given. */
  #again: Moment | null = null;

  /** A connection was opened: what was written until then had been written when its first line came. */
  opened(ms: number): void {
    this.#now = ms / 1000;
    this.#lastAt = this.#now;
    this.#again = null;
    this.#leftOut = false;
  }

  /** The following lines came now. */
  arrived(ms: number): void {
    this.#now = ms / 1000;
  }

  /** A line of a log that is read to its end, or by another way. */
  note(line: Moment): void {
    // only its time: the line itself would keep the piece of the stream that it stands in
    if (this.#last === null || isBefore(this.#last, line))
      this.#last = { seconds: line.seconds, nanos: line.nanos };
  }

  /** What was left out before this line was read by another way. */
  closed(line: Moment): void {
    this.#leftOut = true;
    this.#lastAt = this.#now;
    this.note(line);
  }

  /** Whether it was written long before it came: a gap may follow it. */
  isLate(line: Moment): boolean {
    return line.seconds <= this.#now - LEAST_GAP_S;
  }

  /**
   * `gap`: lines before it may have been left out; it is the last one until that is `closed`. `again`: a file begins once more with it. `known`: of
   * such a file, given before. `back`: a file that is young begins once more with it, if it was given.
   */
  see(line: Moment): 'on' | 'gap' | 'again' | 'known' | 'back' {
    const last = this.#last;
    if (last !== null && line.seconds - last.seconds >= LEAST_GAP_S) {
      const isLate = line.seconds <= this.#lastAt + CLOCK_S || this.isLate(line);
      if (isLate) return 'gap';
    }
    if (last !== null && isBefore(line, last) && this.#leftOut) {
      const isFar = last.seconds - line.seconds >= LEAST_GAP_S;
      if (this.#again !== null) {
        if (isFar) return 'known';
        // a clock that was set back gives new lines
      } else if (!isFar) return 'back';
      else if (this.isLate(line)) return this.again();
    }
    if (this.#again !== null && isBefore(this.#again, line)) this.#again = null;
    this.#lastAt = this.#now;
    this.note(line);
    return 'on';
  }

  /** A file begins once more. */
  again(): 'again' {
    this.#again = this.#last;
    return 'again';
  }
}
