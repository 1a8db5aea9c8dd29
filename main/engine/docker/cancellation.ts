import { PtahError } from '../errors/index.ts';

/** What every operation of this room rejects with once its signal was aborted. */
export function cancelled(): PtahError {
  return new PtahError('cancelled', 'Cancelled.');
}
