/** Something wrong with the user's input, tied to the place where it can be mended. Collected, never thrown. */
export interface Problem {
  /** Stable, kebab-case; what tests and the window key on. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** One sentence: what is wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** Path relative to the project's root, `/` separators. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1, in code points. */
  readonly column?: number;
}
