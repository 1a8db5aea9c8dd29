import { memo } from 'react';
import type { WireError } from '../../../preload/contract/errors.ts';
import type { SyncSnapshot } from '../../../preload/contract/sync.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Status } from '../../components/status.tsx';

interface Props {
  readonly snapshot: SyncSnapshot | null;
  readonly error: WireError | null;
  readonly onRetry: () => void;
}

/** Why nothing is sent, or why it takes longer, with what mends it. Nothing where sync is as it should be. */
export const SyncNotices = memo(
  function SyncNotices({ snapshot, error, onRetry }: Props) {
    const isOn = snapshot !== null && snapshot.switch !== 'off';
    return (
      <>
        {error !== null && (
          <div className="strip bad" role="alert">
            <Status tone="bad">{`Live sync: ${error.message}`}</Status>
            {error.hint !== null && <span className="t2">{error.hint}</span>}
            <span className="grow" />
            <Button small onClick={onRetry}>
              Try again
            </Button>
          </div>
        )}
        {isOn && snapshot.blocked !== null && (
          <div className="strip bad" role="alert">
            <Status tone="bad">{`Nothing is synced: ${snapshot.blocked}`}</Status>
          </div>
        )}
        {isOn && snapshot.watching.mode === 'off' && snapshot.watching.message !== null && (
          <div className="strip bad" role="alert">
            <Status tone="bad">{`Live sync waits: ${snapshot.watching.message}`}</Status>
          </div>
        )}
        {isOn && snapshot.watching.mode === 'polling' && (
          <div className="strip warn sync-notice" role="status">
            <Status tone="warn">Looking at the folder in turns</Status>
            <span className="t2">{snapshot.watching.message}</span>
            <span className="grow" />
            {snapshot.watching.hint !== null && (
              <span className="row">
                <code className="mono">{snapshot.watching.hint}</code>
                <CopyButton text={() => snapshot.watching.hint ?? ''} outlined />
              </span>
            )}
          </div>
        )}
      </>
    );
  },
  (a, b) =>
    a.error === b.error &&
    a.snapshot?.switch === b.snapshot?.switch &&
    a.snapshot?.blocked === b.snapshot?.blocked &&
    a.snapshot?.watching === b.snapshot?.watching,
);
