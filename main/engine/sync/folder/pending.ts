/** How long to gather events, in milliseconds. */
export interface Gathering {
  readonly quiet: number;
  readonly most: number;
}

const FEW: Gathering = { quiet: 1, most: 4 };
const SOME: Gathering = { quiet: 10, most: 100 };
const MANY: Gathering = { quiet: 40, most: 500 };

/** From so many paths on everything is listed once instead of each path being looked at. */
export const BULK = 100;

/** What waits to be looked at. */
export interface Batch {
  /** `performance.now()` of the first event. */
  readonly since: number;
  /** Absolute paths. */
  readonly paths: ReadonlySet<string>;
  /** Directories whose watch may be that of another directory by now. */
  readonly suspects: ReadonlySet<string>;
  /** The whole project is to be looked at, its `ptah.yml` and Dockerfiles too. */
  readonly everything: boolean;
  /** What can't be watched is to be looked at. */
  readonly poll: boolean;
}

/**
 * Gathers what happened until it has been quiet for a moment: a millisecond after one save, longer the more paths there are, so that
 * a checkout is one batch.
 */
export class Pending {
  readonly #flush: () => void;
  #paths = new Set<string>();
  #suspects = new Set<string>();
  #everything = false;
  #poll = false;
  #since: number | null = null;
  #last = 0;
  #timer: NodeJS.Timeout | null = null;
  #held = false;

  constructor(flush: () => void) {
    this.#flush = flush;
  }

  get isEmpty(): boolean {
    return this.#since === null;
  }

  add(path: string, since = performance.now()): void {
    this.#paths.add(path);
    this.#note(since);
  }

  suspect(directory: string): void {
    this.#suspects.add(directory);
    this.#note(performance.now());
  }

  addEverything(): void {
    this.#everything = true;
    this.#note(performance.now());
  }

  addPoll(): void {
    this.#poll = true;
    this.#note(performance.now());
  }

  /** Nothing is flushed while held; what happens is still gathered. */
  hold(): void {
    this.#held = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  release(): void {
    this.#held = false;
    this.#arm();
  }

  take(): Batch {
    const batch = {
      since: this.#since ?? performance.now(),
      paths: this.#paths,
      suspects: this.#suspects,
      everything: this.#everything,
      poll: this.#poll,
    };
    this.#paths = new Set();
    this.#suspects = new Set();
    this.#everything = false;
    this.#poll = false;
    this.#since = null;
    return batch;
  }

  close(): void {
    this.hold();
    this.take();
  }

  #note(now: number): void {
    this.#since ??= now;
    this.#last = performance.now();
    this.#arm();
  }

  // One timer that looks at the clock again costs less than one that is set anew with every event of thousands.
  #arm(): void {
    if (this.#timer !== null || this.#held || this.#since === null) return;
    const count = this.#paths.size;
    const { quiet, most } = count <= 10 ? FEW : count <= BULK ? SOME : MANY;
    const now = performance.now();
    const rest = Math.max(0, Math.min(this.#last + quiet - now, this.#since + most - now));
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#since === null || this.#held) return;
      if (this.#isDue()) this.#flush();
      else this.#arm();
    }, rest);
  }

  #isDue(): boolean {
    const count = this.#paths.size;
    const { quiet, most } = count <= 10 ? FEW : count <= BULK ? SOME : MANY;
    const now = performance.now();
    return now - this.#last >= quiet - 0.2 || (this.#since !== null && now - this.#since >= most);
  }
}
