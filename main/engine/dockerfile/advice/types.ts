/** One thing that would make the next build quicker, and why. */
export interface DockerfileAdvice {
  readonly code:
    | 'dependencies-before-code'
    | 'packages-before-code'
    | 'lists-alone'
    | 'changing-argument'
    | 'context-not-ignored';
  /** The instruction that should move or change. */
  readonly line: number;
  /** What to do, in one sentence. */
  readonly message: string;
  /** What happens as it is now. */
  readonly why: string;
  /** Lines as they could be; null where words say it better. */
  readonly suggestion: string | null;
}

export interface AdviceOptions {
  /**
   * Paths of the context that go to a build, relative to it, `/` between. With them advice about files that are not there is left out.
   */
  readonly files?: readonly string[];
}
