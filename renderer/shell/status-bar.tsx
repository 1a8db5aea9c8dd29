import { useEffect } from 'react';
import { useStore } from 'zustand';
import { Icon, Shape } from '../components/icon.tsx';
import { Keys } from '../components/keys.tsx';
import { Status } from '../components/status.tsx';
import { useNow, useResource, useStores } from '../stores/react.ts';
import { isLocalContext } from '../stores/plan-words.ts';
import { duration } from '../text/time.ts';
import { useShallow } from 'zustand/react/shallow';
import { statusOf } from '../text/sync.ts';
import { useCurrentContext } from './current.ts';
import { ForwardsCell } from './forwards/forwards-cell.tsx';
import { useShownHints } from './hints.ts';

/** Always true: what it says was just told by the engine, or it says that the engine does not answer. */
export function StatusBar() {
  const { location, connection, dialogs } = useStores();
  const projectId = useStore(location.store, state => state.place.projectId ?? state.lastProject);
  const connected = useStore(connection, state => state.connected);
  const hints = useShownHints();
  return (
    <footer className="statusbar" data-region="Status bar" aria-label="Status bar">
      {connected ? (
        <>
          <DockerCell />
          <ClusterCell projectId={projectId} />
          <SyncCell projectId={projectId} />
          <ForwardsCell projectId={projectId} />
          <TaskCell />
        </>
      ) : (
        <span className="cell">
          <Status tone="bad">The engine does not answer, trying again</Status>
        </span>
      )}
      <span className="hints">
        {hints.map(hint => (
          <span key={hint.word} className="cell t3">
            <Keys of={hint.keys} />
            {hint.word}
          </span>
        ))}
      </span>
      <button type="button" className="cell t3" onClick={() => dialogs.setState({ sheet: true })}>
        <Keys of="?" />
        all keys
      </button>
    </footer>
  );
}

function DockerCell() {
  const { machine } = useStores();
  const status = useResource(machine, '').data;
  if (status === null) return <span className="cell">Docker</span>;
  const { state, version, message } = status.docker;
  const major = version === null ? '' : ` ${version.split('.')[0]}`;
  return (
    <span className="cell" title={`${version ?? ''} ${message}`.trim()}>
      {`Docker${major} `}
      {state === 'ready' && <Status tone="ok">ready</Status>}
      {state === 'unreachable' && <Status tone="bad">not reachable</Status>}
      {state === 'unknown' && <Status tone="wait">not asked yet</Status>}
    </span>
  );
}

function ClusterCell({ projectId }: { projectId: string | null }) {
  const current = useCurrentContext(projectId);
  if (current === null) {
    return (
      <span className="cell">
        <Status tone="stopped">no cluster</Status>
      </span>
    );
  }
  return (
    <span className="cell">
      {`${current.context} `}
      {isLocalContext(current.context) ? (
        <Status tone={current.tone}>{current.word}</Status>
      ) : (
        <Status tone="warn">not local</Status>
      )}
    </span>
  );
}

/** How many containers equal the folder; a press shows what went. Its own shape and word decide when it is drawn again. */
function SyncCell({ projectId }: { projectId: string | null }) {
  const { sync, dock } = useStores();
  useEffect(
    () => (projectId === null ? undefined : sync.snapshots.watch(projectId)),
    [sync.snapshots, projectId],
  );
  const status = useStore(
    sync.snapshots.store,
    useShallow(state => {
      const known = projectId === null ? null : (state[projectId] ?? null);
      if (known === null) return null;
      if (known.error !== null) return { tone: 'bad' as const, word: 'failed' };
      return known.value === null ? null : statusOf(known.value);
    }),
  );
  if (status === null) return null;
  return (
    <button type="button" className="cell" title="Show what was synced" onClick={() => dock.activate('sync')}>
      <Icon name="refresh-cw" size={12} />
      {'Sync '}
      <Status tone={status.tone}>{status.word}</Status>
    </button>
  );
}

/** The job that runs, or the one that ended last while this window stood. */
function TaskCell() {
  const { activity, dock } = useStores();
  const jobs = useResource(activity.jobs, '').data ?? [];
  const running = jobs.filter(job => job.state === 'running');
  const job = running.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))[0] ?? null;
  const now = useNow(job !== null, 500);
  if (job === null) return null;
  return (
    <button type="button" className="cell task" title="Show its log" onClick={() => dock.openJob(job.id)}>
      <Shape tone="working" />
      <span className="cut">{job.status === '' ? job.title : job.status}</span>
      {job.progress !== null && (
        <i className="meter" style={{ width: 56, ['--p' as string]: `${Math.round(job.progress * 100)}%` }} />
      )}
      <span className="t3">{duration(now - Date.parse(job.startedAt))}</span>
      {running.length > 1 && <span className="t3">{`and ${running.length - 1} more`}</span>}
    </button>
  );
}
