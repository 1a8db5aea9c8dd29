import { sha256 } from '../sources.ts';

/** The same for the same path, so that what a killed helper left is replaced by the next attempt. */
export function token(path: string): string {
  return sha256(Buffer.from(path)).slice(0, 12);
}
