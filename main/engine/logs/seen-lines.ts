/**
 * What was read of one container around its last second, so that a new connection goes on exactly where the broken one stopped.
 * `sinceTime` knows whole seconds only and stdout and stderr may be a little out of order in the file, so the last seconds are
 * asked for again and their lines are known by moment and content; of equal ones as many as were there.
 */
export class SeenLines {
  // numbers side by side: an object for each of 20,000 lines a second is work for the garbage collector
  #seconds: number[] = [];
  #nanos: number[] = [];
  #contents: number[] = [];
  #last = -1;
  #replaying = false;
  #floor: readonly [number, number] | null = null;
  #expected = new Map<string, number>();
  #expectedUntil = -1;
  #hold: number | null = null;

  /** From where a new connection has to ask; null while nothing was read. */
  get resumeSecond(): number | null {
    return this.#last < 0 ? null : this.#last - 1;
  }

  /** Second of the newest line; null while nothing was read. */
  get last(): number | null {
    return this.#last < 0 ? null : this.#last;
  }

  /** The next lines are from `resumeSecond` on: some were read already. */
  begin(since: number): void {
    this.#expected = new Map();
    this.#seconds.forEach((second, index) => {
      if (second < since) return;
      const key = keyOf(second, this.#nanos[index] ?? 0, this.#contents[index] ?? 0);
      this.#expected.set(key, (this.#expected.get(key) ?? 0) + 1);
    });
    this.#expectedUntil = this.#last;
    this.#replaying = true;
  }

  /** Whether it was read within the last seconds. */
  has(seconds: number, nanos: number, content: number): boolean {
    for (let index = this.#seconds.length - 1; index >= 0; index--)
      if (
        this.#nanos[index] === nanos &&
        this.#seconds[index] === seconds &&
        this.#contents[index] === content
      )
        return true;
    return false;
  }

  /** True for a line that is new; it counts as read from then on. */
  accept(seconds: number, nanos: number, content: number): boolean {
    if (this.#expected.size > 0) {
      const key = keyOf(seconds, nanos, content);
      const times = this.#expected.get(key);
      if (times !== undefined) {
        if (times === 1) this.#expected.delete(key);
        else this.#expected.set(key, times - 1);
        return false;
      }
      // lines that a rotation took away are waited for in vain
      if (seconds > this.#expectedUntil + 2) this.#expected.clear();
    }
    // what is older than the first line was left out on purpose (tail, since) and stays out
    this.#floor ??= [seconds, nanos];
    if (this.#replaying) {
      const [floorSecond, floorNanos] = this.#floor;
      if (seconds < floorSecond || (seconds === floorSecond && nanos < floorNanos)) return false;
    }
    if (seconds > this.#last) {
      this.#last = seconds;
      this.#forget();
    }
    this.#seconds.push(seconds);
    this.#nanos.push(nanos);
    this.#contents.push(content);
    return true;
  }

  /** Keeps what was read from that second on, whatever comes; null ends it. */
  hold(second: number | null): void {
    this.#hold = second;
  }

  #forget(): void {
    const keepFrom = Math.min(this.#last - 1, this.#hold ?? Number.MAX_SAFE_INTEGER);
    if ((this.#seconds[0] ?? keepFrom) >= keepFrom) return;
    // seconds rise but for what stderr overtook: whatever stands behind the first one to keep is kept, too
    const first = this.#seconds.findIndex(second => second >= keepFrom);
    const from = first < 0 ? this.#seconds.length : first;
    this.#seconds = this.#seconds.slice(from);
    this.#nanos = this.#nanos.slice(from);
    this.#contents = this.#contents.slice(from);
  }
}

const keyOf = (seconds: number, nanos: number, content: number): string => `${seconds}.${nanos}.${content}`;

/** FNV-1a over the length, the beginning and the end of a line: two lines of one nanosecond that differ only in between do not exist. */
export function contentHash(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5 ^ (end - start);
  const near = Math.min(end, start + 512);
  for (let at = start; at < near; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  for (let at = Math.max(near, end - 64); at < end; at++)
    hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash >>> 0;
}
