import type { ReactNode } from 'react';
import { useNow } from '../stores/react.ts';
import type { Loadable } from '../stores/resource.ts';
import { age } from '../text/time.ts';
import { Button } from './button.tsx';
import { FailureNote } from './failure.tsx';
import { Icon, type IconName } from './icon.tsx';
import { Status } from './status.tsx';

/** Nothing for a blink, then bars; after this long the user is told who is slow. */
export const skeletonAfterMs = 100;
export const slowAfterMs = 3000;

export type Waiting = 'blink' | 'skeleton' | 'slow';

export function waitingState(loadingSince: number, now: number): Waiting {
  const waited = now - loadingSince;
  if (waited < skeletonAfterMs) return 'blink';
  return waited < slowAfterMs ? 'skeleton' : 'slow';
}

interface Props<T> {
  readonly of: Loadable<T>;
  /** Who is asked: "Docker", "The cluster". */
  readonly who: string;
  readonly isEmpty?: (data: T) => boolean;
  readonly empty?: ReactNode;
  readonly rows?: number;
  readonly onRetry: () => void;
  readonly onStop: () => void;
  readonly children: (data: T) => ReactNode;
}

/** The five states of everything that is read: loading, slow, empty, error, data. Data that is older says so. */
export function ListState<T>({ of, who, isEmpty, empty, rows = 3, onRetry, onStop, children }: Props<T>) {
  const isLoading = of.loadingSince !== null;
  const now = useNow(isLoading || of.error !== null, 250);
  const waiting = of.loadingSince === null ? null : waitingState(of.loadingSince, now);
  const slowFor = of.loadingSince === null ? 0 : Math.floor((now - of.loadingSince) / 1000);
  const since = of.at === null ? '' : age(now - of.at);

  if (of.data === null) {
    if (of.error !== null) return <FailureNote error={of.error} onRetry={onRetry} />;
    if (of.stopped) {
      return (
        <Empty icon="clock" title="Not waiting any more" line={`${who} did not answer in time.`}>
          <Button onClick={onRetry}>Ask again</Button>
        </Empty>
      );
    }
    if (waiting === 'slow') return <Slow who={who} seconds={slowFor} onStop={onStop} />;
    return waiting === 'skeleton' ? <Skeleton rows={rows} /> : <div className="blink" aria-busy="true" />;
  }
  return (
    <>
      {of.error !== null && (
        <div className="strip bad" role="alert">
          <Status tone="bad">{of.error.message}</Status>
          {of.error.hint !== null && <span className="t2">{of.error.hint}</span>}
          <span className="t3">{`What stands below is ${since} old.`}</span>
          <span className="grow" />
          <Button small onClick={onRetry}>
            Try again
          </Button>
        </div>
      )}
      {waiting === 'slow' && (
        <div className="strip" role="status">
          <Status tone="working">{`${who} is slow to answer, ${slowFor} s`}</Status>
          <span className="t3">{`Last known below, ${since} old`}</span>
          <span className="grow" />
          <Button small onClick={onStop}>
            Stop waiting
          </Button>
        </div>
      )}
      {isEmpty?.(of.data) === true ? empty : children(of.data)}
    </>
  );
}

const widths = [220, 160, 250, 190, 140];

export function Skeleton({ rows }: { rows: number }) {
  return (
    <div className="skeleton" role="status" aria-label="Loading" aria-busy="true">
      {Array.from({ length: rows }, (_, index) => (
        // Bars have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className="skeleton-row">
          <i className="skel" style={{ width: 11, height: 11 }} />
          <i className="skel" style={{ width: widths[index % widths.length] }} />
        </div>
      ))}
    </div>
  );
}

function Slow({ who, seconds, onStop }: { who: string; seconds: number; onStop: () => void }) {
  return (
    <div className="centre" role="status">
      <Status tone="working">{`${who} is slow to answer, ${seconds} s`}</Status>
      <Button small onClick={onStop}>
        Stop waiting
      </Button>
    </div>
  );
}

/** What would stand here, and the one action that fills it. */
export function Empty({
  icon,
  title,
  line,
  children,
}: {
  icon?: IconName;
  title: string;
  line: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="centre">
      {icon !== undefined && <Icon name={icon} className="empty-icon" />}
      <h2 className="empty-title">{title}</h2>
      <p className="t2 empty-line">{line}</p>
      {children !== undefined && <div className="row empty-actions">{children}</div>}
    </div>
  );
}
