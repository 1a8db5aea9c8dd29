import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Shape } from '../../components/icon.tsx';
import { Status } from '../../components/status.tsx';
import { useStore } from 'zustand';
import { useJobView, useStores } from '../../stores/react.ts';
import { count, size } from '../../text/words.ts';
import type { ChosenItem } from './removal-dialog.tsx';

const mostLeft = 12;

/** The list shrinks as things go; what could not be removed stays in it with the reason. */
export function RemovalRun({
  jobId,
  name,
  chosen,
  onClose,
}: {
  jobId: string;
  name: string;
  chosen: readonly ChosenItem[];
  onClose: () => void;
}) {
  const { activity, dock } = useStores();
  const view = useJobView(jobId);
  const job = useStore(activity.jobs.store, state => state['']?.data?.find(one => one.id === jobId) ?? null);
  const isStopping = useStore(activity.stopping, ids => ids.has(jobId));
  const told = view?.removed ?? [];
  const over = view?.ended === true || (job !== null && job.state !== 'running');
  const failed = told.filter(({ outcome }) => outcome === 'failed');
  const done = new Set(told.map(({ id }) => id));
  const left = over ? [] : chosen.filter(({ id }) => !done.has(id));
  const removed = told.length - failed.length;

  return (
    <Dialog
      title={over ? endWord(job?.state ?? 'succeeded', name) : `Removing ${name}`}
      {...(over
        ? { tone: failed.length > 0 || job?.state === 'failed' ? ('bad' as const) : ('done' as const) }
        : {})}
      lead={`${removed} of ${count(chosen.length, 'thing')} removed`}
      width={680}
      onClose={onClose}
      buttons={
        <>
          {!over && (
            <Button
              off={isStopping && 'It is stopping'}
              onClick={() => void activity.cancel(jobId).catch(() => undefined)}
            >
              Cancel the removal
            </Button>
          )}
          <Button
            onClick={() => {
              dock.openJob(jobId);
              onClose();
            }}
          >
            Show its log
          </Button>
          <Button kind="primary" onClick={onClose}>
            {over ? 'Close' : 'Go on in the background'}
          </Button>
        </>
      }
    >
      <progress
        className="removal-progress"
        max={Math.max(1, chosen.length)}
        value={
          over && failed.length === 0 && job?.state !== 'cancelled' ? Math.max(1, chosen.length) : told.length
        }
        aria-label={`Removal of ${name}`}
      />
      {!over && <p className="t2">{job?.status ?? ''}</p>}
      {over && failed.length === 0 && job?.error != null && (
        <div className="strip bad" role="alert">
          <Status tone="bad">{job.error.message}</Status>
          {job.error.hint !== null && <span className="t2">{job.error.hint}</span>}
        </div>
      )}
      {failed.length > 0 && (
        <ul className="removal-items" aria-label="Not removed">
          {failed.map(({ id, title, message }) => (
            <li key={id} className="bad">
              <Shape tone="bad" />
              <span className="mono">{title}</span>
              <span className="t2 note">{message}</span>
            </li>
          ))}
        </ul>
      )}
      {left.length > 0 && (
        <ul className="removal-items" aria-label="Still to go">
          {left.slice(0, mostLeft).map(item => (
            <li key={item.id}>
              <span className="t3 kind">{item.kind}</span>
              <span className="name mono">{item.name}</span>
              <span className="t3 where">{item.where ?? ''}</span>
              <span className="t3 num">{item.bytes === null ? '' : size(item.bytes)}</span>
            </li>
          ))}
          {left.length > mostLeft && <li className="t3">{`and ${left.length - mostLeft} more`}</li>}
        </ul>
      )}
    </Dialog>
  );
}

function endWord(state: string, name: string): string {
  if (state === 'cancelled') return `Removal of ${name} cancelled`;
  return state === 'failed' ? `Not everything of ${name} is gone` : `${name} is removed`;
}
