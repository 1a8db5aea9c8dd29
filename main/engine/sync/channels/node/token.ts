import { sha256 } from '../sources.ts';

/**
 * Part of the name under which a file lies until it is whole. The same for the same path, so that what a killed helper left is replaced by
 * the next attempt; another for what travels before anybody asked for it, or it would be mixed up with an operation on the same path.
 */
export function token(path: string, way: 'asked' | 'ahead' = 'asked'): string {
  return sha256(Buffer.from(way === 'ahead' ? `${path}\0ahead` : path)).slice(0, 12);
}
