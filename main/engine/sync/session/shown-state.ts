import { PtahError } from '../../errors/index.ts';
import type { SyncEvent, SyncState } from '../types.ts';

/** What the window shows of a container, with the line in the feed where that is news. */
export interface ShownState {
  readonly state: () => SyncState;
  readonly reason: () => string | null;
  readonly hint: () => string | null;
  /** Not equal, and that is told already: whatever is tried meanwhile does not hide it. */
  readonly isBad: () => boolean;
  become(next: SyncState, reason?: string | null, hint?: string | null): void;
  /** Nothing is left to send; `drifted` files wait for somebody's decision. */
  settle(drifted: number): void;
  /** For whom the state was to be reached. */
  notReached(): PtahError;
}

export function createShownState(
  tell: (type: SyncEvent['type'], message: string) => void,
  changed: () => void,
): ShownState {
  let state: SyncState = 'starting';
  let reason: string | null = null;
  let hint: string | null = null;
  const isBad = () => state === 'degraded' || state === 'refused';

  function become(next: SyncState, why: string | null = null, then: string | null = null): void {
    if (state === next && reason === why && hint === then) return;
    const worse = next === 'degraded' || next === 'refused';
    if (why !== null && why !== reason && worse) tell('failure', why);
    else if (next === 'equal' && isBad()) tell('state', 'Equal to the folder again.');
    else if (next === 'equal' && state === 'starting') tell('state', 'Equal to the folder.');
    state = next;
    reason = why;
    hint = then;
    changed();
  }

  return {
    state: () => state,
    reason: () => reason,
    hint: () => hint,
    isBad,
    become,
    settle(drifted) {
      if (drifted === 0) return become('equal');
      const files = drifted === 1 ? 'One file was' : `${drifted} files were`;
      become('drift', `${files} changed inside the container.`, 'Send mine, fetch theirs, or ignore it.');
    },
    notReached: () =>
      new PtahError('sync-degraded', reason ?? 'The container could not be made equal.', {
        ...(hint !== null && { hint }),
      }),
  };
}
