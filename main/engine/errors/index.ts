export type { Problem } from './problem.ts';
export { PtahError, toPtahError, isAbort } from './ptah-error.ts';
export type { Evidence, PtahErrorOptions } from './ptah-error.ts';
