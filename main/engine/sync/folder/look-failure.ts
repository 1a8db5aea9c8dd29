import { toPtahError } from '../../errors/index.ts';
import type { Problem } from '../../errors/index.ts';

/** Why a context could not be listed, as a problem of its image. */
export function failureOf(error: unknown): Problem {
  const { code, message, hint, details } = toPtahError(error, 'unreadable');
  return {
    code,
    severity: 'error',
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(details.file === undefined ? {} : { file: details.file }),
  };
}
