import type { SyncSnapshot } from '../types.ts';

const COMMAND = 'sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512';

/** What the window says about directories without a watch, by the code of the failure. */
export function unwatchedState(unwatched: ReadonlyMap<string, string>): SyncSnapshot['watching'] {
  if (unwatched.size === 0) return { mode: 'watches', message: null, hint: null };
  const codes = new Set(unwatched.values());
  const folders = unwatched.size === 1 ? 'One folder is' : `${unwatched.size} folders are`;
  // ENOSPC of inotify is no full disk, whatever the system's text for it is.
  if (codes.has('ENOSPC') || codes.has('EMFILE'))
    return {
      mode: 'polling',
      message: `The system's limit of file watches is reached: ${folders} looked at every second or so instead.`,
      hint: COMMAND,
    };
  return {
    mode: 'polling',
    message: `${folders} looked at every second or so: the system can't watch there (${[...codes].join(', ')}).`,
    hint: null,
  };
}
