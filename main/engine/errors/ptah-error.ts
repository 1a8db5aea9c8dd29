import type { Problem } from './problem.ts';

/** What was seen when something failed: enough to repeat it by hand. */
export interface Evidence {
  /** The argument array that was run, where a command was run. */
  readonly command?: readonly string[];
  readonly exitCode?: number | null;
  /** The last lines of output, oldest first. */
  readonly output?: readonly string[];
  /** A file the error is about: relative to the project's root where it lies below it, else absolute. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** HTTP status of the API that refused, where one did. */
  readonly status?: number;
  readonly problems?: readonly Problem[];
}

export interface PtahErrorOptions {
  readonly hint?: string;
  readonly details?: Evidence;
  readonly cause?: unknown;
}

/**
 * The one error of the engine: what failed (`message`), a stable `code`, why (`cause`), what to do (`hint`) and the
 * evidence (`details`). Hosts carry it whole; nobody parses its text.
 */
export class PtahError extends Error {
  override readonly name = 'PtahError';
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: Evidence;

  constructor(code: string, message: string, options: PtahErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** Any thrown value as a `PtahError`; a foreign one gets `code` and keeps itself as cause. */
export function toPtahError(error: unknown, code = 'unexpected', message?: string): PtahError {
  if (error instanceof PtahError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new PtahError(code, message === undefined ? text : `${message}: ${text}`, { cause: error });
}

/** Whether `error` is what an aborted signal leaves behind. Cancelling is not a failure. */
export function isAbort(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'AbortError' || (error instanceof PtahError && error.code === 'cancelled'))
  );
}
