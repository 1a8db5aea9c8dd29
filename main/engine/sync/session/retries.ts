/** A file that changes while it is sent is sent again so often before that is called a failure. */
const changedAtMost = 5;

/** When it is tried again. */
export interface Retries {
  /** Failures in a row. */
  readonly count: () => number;
  /** Milliseconds until the next try; zero or less when it is due. */
  readonly rest: () => number;
  failed(): void;
  /** The folder changed a file while it was sent: how many times in a row by now; null when that is too often. */
  changed(): number | null;
  /** Somebody edits: that may be what helps, but a full disk is not asked for every keystroke. */
  hurry(): void;
  succeeded(): void;
}

export function createRetries(backoff: (failures: number) => number): Retries {
  let failures = 0;
  let changes = 0;
  let failedAt = 0;
  let notBefore = 0;
  return {
    count: () => failures,
    rest: () => notBefore - performance.now(),
    failed() {
      failures += 1;
      failedAt = performance.now();
      notBefore = failedAt + backoff(failures);
    },
    changed() {
      changes += 1;
      if (changes > changedAtMost) return null;
      // its new content follows at once, unless it is still being written
      notBefore = performance.now() + 100 * 2 ** changes;
      return changes;
    },
    hurry() {
      if (failures === 0) notBefore = 0;
      else notBefore = Math.min(notBefore, failedAt + backoff(Math.min(failures, 2)));
    },
    succeeded() {
      failures = 0;
      changes = 0;
      notBefore = 0;
    },
  };
}
