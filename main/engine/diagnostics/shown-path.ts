import { homedir } from 'node:os';
import { sep } from 'node:path';

/** A path as a person reads it: what lies in the home folder begins with `~`. */
export function shownPath(path: string, home: string = homedir()): string {
  return path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path;
}
