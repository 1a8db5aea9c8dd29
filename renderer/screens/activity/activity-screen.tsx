import { useState } from 'react';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { Empty, ListState } from '../../components/list-state.tsx';
import { useRows, type RowProps } from '../../components/rows.ts';
import { Status } from '../../components/status.tsx';
import type { Job } from '../../../preload/contract/activity.ts';
import { toneOfJob } from '../../shell/dock.tsx';
import { useHints, type Hint } from '../../shell/hints.ts';
import { inOrder } from '../../stores/activity.ts';
import { toFailure } from '../../stores/failure.ts';
import { useNow, usePeek, useResource, useStores } from '../../stores/react.ts';
import { duration, when } from '../../text/time.ts';

const hints: readonly Hint[] = [
  { keys: 'ArrowUp+ArrowDown', word: 'move' },
  { keys: 'Enter', word: 'log' },
  { keys: 'Delete', word: 'dismiss' },
];
const words: Record<Job['state'], string> = {
  running: 'Running',
  succeeded: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

export function ActivityScreen() {
  const { activity } = useStores();
  const jobs = useResource(activity.jobs, '');
  const finished = jobs.data?.filter(job => job.state !== 'running') ?? [];
  useHints(hints);
  return (
    <main className="main" data-region="Main">
      <header className="head">
        <h1>Activity</h1>
        {jobs.data !== null && (
          <span className="sub">{`${jobs.data.length - finished.length} running, ${finished.length} finished`}</span>
        )}
        <span className="grow" />
        {finished.length > 0 && (
          <Button onClick={() => void Promise.allSettled(finished.map(job => activity.dismiss(job.id)))}>
            Dismiss finished
          </Button>
        )}
      </header>
      <div className="body flush">
        <ListState
          of={jobs}
          who="The engine"
          rows={5}
          isEmpty={data => data.length === 0}
          empty={
            <Empty
              icon="history"
              title="Nothing has run yet"
              line="Deploys, builds, clusters and fixes stand here, with their logs, until they are dismissed."
            />
          }
          onRetry={() => void activity.jobs.load('')}
          onStop={() => activity.jobs.stopWaiting('')}
        >
          {data => <Jobs jobs={inOrder(data)} />}
        </ListState>
      </div>
    </main>
  );
}

function Jobs({ jobs }: { jobs: readonly Job[] }) {
  const { dock, activity, toasts } = useStores();
  const now = useNow(true, 1000);
  const dismiss = (job: Job) => {
    activity.dismiss(job.id).catch(thrown =>
      toasts.show({
        key: job.id,
        tone: 'bad',
        title: 'Not dismissed',
        line: toFailure(thrown).message,
        action: null,
      }),
    );
  };
  const rows = useRows(
    jobs.map(job => job.id),
    {
      onOpen: id => dock.openJob(id),
      onKey: (id, event) => {
        const job = jobs.find(one => one.id === id);
        if (event.key !== 'Delete' || job === undefined || job.state === 'running') return false;
        dismiss(job);
        return true;
      },
    },
  );
  return (
    <table className="list acty" role="grid" aria-label="Jobs" onKeyDown={rows.onKeyDown}>
      <colgroup>
        <col style={{ width: 128 }} />
        <col style={{ width: '24%' }} />
        <col />
        <col style={{ width: 150 }} />
        <col style={{ width: 96 }} />
        <col style={{ width: 190 }} />
      </colgroup>
      <thead>
        <tr>
          <th>State</th>
          <th>Job</th>
          <th>What it was at</th>
          <th>Started</th>
          <th className="num">Took</th>
          <th>
            <span className="sr">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs.map(job => (
          <JobRow key={job.id} job={job} now={now} row={rows.row(job.id)} onDismiss={() => dismiss(job)} />
        ))}
      </tbody>
    </table>
  );
}

function JobRow({
  job,
  now,
  row,
  onDismiss,
}: {
  job: Job;
  now: number;
  row: RowProps;
  onDismiss: () => void;
}) {
  const { dock, activity, projects } = useStores();
  const [refused, setRefused] = useState<string | null>(null);
  const isStopping = useStore(activity.stopping, ids => ids.has(job.id));
  const project = usePeek(projects, '').data?.find(one => one.id === job.project)?.name ?? null;
  const began = Date.parse(job.startedAt);
  const took = (job.finishedAt === null ? now : Date.parse(job.finishedAt)) - began;
  const said = refused ?? job.error?.message ?? job.status;
  return (
    <tr {...row} aria-label={job.title}>
      <td>
        <Status tone={toneOfJob(job)}>
          {isStopping && job.state === 'running' ? 'Stopping' : words[job.state]}
        </Status>
      </td>
      <td title={job.title}>
        <span className="b">{job.title}</span>{' '}
        {project !== null && !job.title.includes(project) && <span className="t3">{project}</span>}
      </td>
      <td className="t2" title={said}>
        {job.state === 'running' && job.progress !== null && (
          <>
            <i
              className="meter"
              style={{ width: 72, ['--p' as string]: `${Math.round(job.progress * 100)}%` }}
            />{' '}
          </>
        )}
        {said}
      </td>
      <td>{when(began, now)}</td>
      <td className="num">{duration(took)}</td>
      <td>
        <div className="row end">
          <Button
            small
            icon="scroll-text"
            tabIndex={row.tabIndex}
            aria-label={`Log of ${job.title}`}
            onClick={() => dock.openJob(job.id)}
          >
            Log
          </Button>
          {job.state === 'running' ? (
            <Button
              small
              tabIndex={row.tabIndex}
              aria-label={`Cancel ${job.title}`}
              off={isStopping && 'It is stopping'}
              onClick={() => {
                setRefused(null);
                activity.cancel(job.id).catch(thrown => setRefused(toFailure(thrown).message));
              }}
            >
              Cancel
            </Button>
          ) : (
            <Button
              small
              kind="quiet"
              tabIndex={row.tabIndex}
              aria-label={`Dismiss ${job.title}`}
              onClick={onDismiss}
            >
              Dismiss
            </Button>
          )}
        </div>
      </td>
    </tr>
  );
}
