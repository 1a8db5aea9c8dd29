import type { OperationFailure } from '../types.ts';

/** What no second try changes: only another container does. */
export function isRefusal(code: string): boolean {
  return code === 'read-only' || code === 'no-channel' || code === 'not-supported';
}

export function describeFailure({ path, code, message }: OperationFailure, count: number): string {
  const more = count > 1 ? ` (and ${count - 1} more)` : '';
  return `${path}: ${code}${message === '' || message === code ? '' : `, ${message}`}${more}`;
}

const steps: Readonly<Record<string, string>> = {
  ENOSPC: 'Make room on the file system that holds the path; it is tried again by itself.',
  EDQUOT: 'Make room within the quota of the path; it is tried again by itself.',
  EROFS: 'The path is mounted read-only: mount it writable, or rebuild for changes there.',
  EACCES: 'The container’s user may not write there: give it the files with --chown, or rebuild.',
  EPERM: 'The container’s user may not change it: give it the files with --chown, or rebuild.',
  EISDIR: 'A directory that holds other files is in the way: remove it in the container.',
  ENOTEMPTY: 'A directory that holds other files is in the way: remove it in the container.',
  EEXIST: 'Something else is in the way: remove it in the container.',
  ENOTDIR: 'A file is where a directory is needed: remove it in the container.',
  ETXTBSY: 'The program runs: it is replaced when it ends, or restart the container.',
  EBUSY: 'Something is mounted there: files below it can be sent, it itself can’t be replaced.',
  ENAMETOOLONG: 'Shorten the name, or leave it out by .dockerignore.',
  'source-changed': 'Wait until the file is written whole.',
};

export function nextStep({ code }: OperationFailure): string {
  return steps[code] ?? 'It is tried again by itself; Send all tries at once.';
}
