import { clsx } from 'clsx';
import { useStore } from 'zustand';
import { useShortcut } from '../app/use-shortcut.ts';
import { Icon, Shape, type Tone } from '../components/icon.tsx';
import { IconButton } from '../components/button.tsx';
import { Keys } from '../components/keys.tsx';
import { onDemand } from '../components/on-demand.tsx';
import { Splitter } from '../components/splitter.tsx';
import type { Job } from '../../preload/contract/activity.ts';
import type { DockTab } from '../stores/dock.ts';
import { limits } from '../stores/layout.ts';
import { Problems, useProblems } from './problems.tsx';
import { usePeek, useStores } from '../stores/react.ts';

const JobLog = onDemand(async () => (await import('./job-log.tsx')).JobLog);
const TerminalPanel = onDemand(async () => (await import('./terminal/terminal-panel.tsx')).TerminalPanel);
const RunLog = onDemand(async () => (await import('./run-log.tsx')).RunLog);
const LogsPanel = onDemand(async () => (await import('./logs/logs-panel.tsx')).LogsPanel);
const SyncFeed = onDemand(async () => (await import('./sync/feed.tsx')).SyncFeedPanel);

/** Everything long-lived: logs of jobs and problems. It survives navigation. */
export function Dock() {
  const { dock, layout, location, terminals } = useStores();
  const { tabs, active } = useStore(dock.store);
  const open = useStore(layout, state => state.dockOpen);
  const height = useStore(layout, state => state.dockHeight);
  const projectId = useStore(location.store, state => state.place.projectId ?? state.lastProject);
  const toggle = () => layout.setState({ dockOpen: !open });
  useShortcut('dock', toggle);
  const shown = tabs.find(tab => tab.id === active) ?? tabs[0];
  const move = (from: string, step: number) => {
    const index = tabs.findIndex(tab => tab.id === from);
    const next = tabs[(index + step + tabs.length) % tabs.length];
    if (next === undefined) return;
    dock.store.setState({ active: next.id });
    document.getElementById(`tab-${next.id}`)?.focus();
  };
  return (
    <section className="dock" aria-label="Dock" data-region="Dock" style={open ? { height } : undefined}>
      {open && (
        <Splitter
          label="Height of the dock"
          orientation="horizontal"
          grows="up"
          value={height}
          range={limits.dockHeight}
          onChange={dockHeight => layout.setState({ dockHeight })}
        />
      )}
      <div className="tabs">
        <div className="tablist" role="tablist" aria-label="Dock">
          {tabs.map(tab => (
            <div
              key={tab.id}
              id={`tab-${tab.id}`}
              role="tab"
              tabIndex={tab.id === shown?.id ? 0 : -1}
              aria-selected={open && tab.id === shown?.id}
              aria-controls={open && tab.id === shown?.id ? 'dock-panel' : undefined}
              className={clsx('tab', open && tab.id === shown?.id && 'on')}
              onClick={() =>
                tab.kind === 'terminal' ? terminals.show(tab.terminalId) : dock.activate(tab.id)
              }
              onKeyDown={event => {
                if (event.key === 'ArrowRight') move(tab.id, 1);
                else if (event.key === 'ArrowLeft') move(tab.id, -1);
                else if (event.key === 'Enter' || event.key === ' ') event.currentTarget.click();
                else if (event.key === 'Delete' && (tab.kind === 'job' || tab.kind === 'run'))
                  dock.close(tab.id);
                else return;
                event.preventDefault();
              }}
            >
              <TabTitle tab={tab} projectId={projectId} />
            </div>
          ))}
        </div>
        <span className="grow" />
        {open && (shown?.kind === 'job' || shown?.kind === 'run') && (
          <IconButton icon="x" label="Close this tab" onClick={() => dock.close(shown.id)} />
        )}
        {!open && (
          <span className="t3 row small-text">
            <Keys of="Ctrl+J" />
            open dock
          </span>
        )}
        <IconButton
          icon={open ? 'chevron-down' : 'chevron-up'}
          size={16}
          label={open ? 'Hide dock' : 'Open dock'}
          aria-expanded={open}
          onClick={toggle}
        />
      </div>
      {open && shown !== undefined && (
        <div id="dock-panel" className="dock-panel" role="tabpanel" aria-labelledby={`tab-${shown.id}`}>
          {shown.kind === 'job' ? (
            <JobLog key={shown.id} jobId={shown.jobId} image={shown.image} />
          ) : shown.kind === 'run' ? (
            <RunLog key={shown.id} projectId={shown.projectId} runId={shown.runId} image={shown.image} />
          ) : shown.kind === 'terminal' ? (
            <TerminalPanel key={shown.id} id={shown.terminalId} />
          ) : shown.kind === 'logs' ? (
            <LogsPanel projectId={projectId} />
          ) : shown.kind === 'sync' ? (
            <SyncFeed key={projectId} projectId={projectId} />
          ) : (
            <Problems projectId={projectId} />
          )}
        </div>
      )}
    </section>
  );
}

export const toneOfJob = (job: Job | null): Tone =>
  job === null
    ? 'stopped'
    : ({ running: 'working', succeeded: 'done', failed: 'bad', cancelled: 'stopped' } as const)[job.state];

function TabTitle({ tab, projectId }: { tab: DockTab; projectId: string | null }) {
  const { activity, projects, terminals } = useStores();
  const terminal = useStore(terminals.store, state =>
    tab.kind === 'terminal' ? (state[tab.terminalId] ?? null) : null,
  );
  const jobs = usePeek(activity.jobs, '').data;
  const problems = useProblems(projectId);
  const project = usePeek(projects, '').data?.find(one => one.id === projectId) ?? null;
  if (tab.kind === 'problems') {
    return (
      <>
        <Icon name="triangle-alert" />
        Problems <span className="t3">{problems.length}</span>
      </>
    );
  }
  if (tab.kind === 'terminal') {
    return (
      <>
        <Icon name="terminal" />
        Terminal <span className="t3">{terminal?.container ?? ''}</span>
      </>
    );
  }
  if (tab.kind === 'logs') {
    return (
      <>
        <Icon name="scroll-text" />
        Logs <span className="t3">{project?.name ?? ''}</span>
      </>
    );
  }
  if (tab.kind === 'run') {
    return (
      <>
        <Icon name="play" />
        Run <span className="t3">{tab.image}</span>
      </>
    );
  }
  if (tab.kind === 'sync') {
    return (
      <>
        <Icon name="refresh-cw" />
        Sync
      </>
    );
  }
  const job = jobs?.find(one => one.id === tab.jobId) ?? null;
  const word = { running: '', succeeded: 'done', failed: 'failed', cancelled: 'cancelled' }[
    job?.state ?? 'succeeded'
  ];
  return (
    <>
      <Shape tone={toneOfJob(job)} />
      {tab.image === null ? (job?.title ?? 'Job') : `Build ${tab.image}`} <span className="t3">{word}</span>
    </>
  );
}
