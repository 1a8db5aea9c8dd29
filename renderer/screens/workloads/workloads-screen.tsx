import { useEffect, useMemo, useState } from 'react';
import type { SyncScope } from '../../../preload/contract/sync.ts';
import type { ObjectRow } from '../../../preload/contract/objects.ts';
import type { WorkloadsSnapshot } from '../../../preload/contract/workloads.ts';
import { useShortcut } from '../../app/use-shortcut.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure.tsx';
import { Empty, Skeleton, slowAfterMs, waitingState } from '../../components/list-state.tsx';
import { Status } from '../../components/status.tsx';
import { useProject } from '../../shell/current.ts';
import { DeployButton, useDeploying } from '../../shell/deploy-button.tsx';
import { useHints, type Hint } from '../../shell/hints.ts';
import { ProjectSwitch } from '../../shell/sync/project-switch.tsx';
import { SyncNotices } from '../../shell/sync/notices.tsx';
import { keyOf } from '../../stores/sync.ts';
import { listKey } from '../../stores/objects.ts';
import { useLive, useNow, useStores, useWorkloads } from '../../stores/react.ts';
import { useForwards } from '../../stores/use-forwards.ts';
import { toggleScope, useSync } from '../../stores/use-sync.ts';
import type { WatchedWorkloads } from '../../stores/workloads.ts';
import { age } from '../../text/time.ts';
import { AccessNotes, NotAllowed } from './denied.tsx';
import { FilterBar } from './filter-bar.tsx';
import { filterObjects, filterWorkloads, isFiltering, kindsOf, namespacesOf, noFilter } from './filter.ts';
import { WorkloadInspector } from './inspector.tsx';
import { ObjectInspector } from './object-inspector.tsx';
import { objectRowKey, ObjectsTable } from './objects-table.tsx';
import { Forwards } from './forwards.tsx';
import { Services } from './services.tsx';
import { findRow, nameOfRow, scopeOf } from './tree.ts';
import { WorkloadTree } from './workload-tree.tsx';

/** As many as fit stand in the status bar. */
const hints: readonly Hint[] = [
  { keys: 'R', word: 'restart' },
  { keys: 'L', word: 'logs' },
  { keys: 'T', word: 'terminal' },
  { keys: 'S', word: 'sync' },
  { keys: 'F', word: 'forward' },
  { keys: 'Enter', word: 'inspect' },
  { keys: 'ArrowUp+ArrowDown', word: 'move' },
  { keys: 'ArrowLeft+ArrowRight', word: 'close, open' },
];

export function WorkloadsScreen({ projectId }: { projectId: string }) {
  const workloadStores = useStores();
  const { workloads } = workloadStores;
  const project = useProject(projectId);
  const watched = useWorkloads(projectId);
  const deploying = useDeploying(projectId);
  const [inspected, setInspected] = useState<string | null>(null);
  useHints(hints);
  useSelection(projectId, watched.snapshot, inspected);
  const { snapshot } = watched;
  const objects = useLive(workloadStores.objects.lists, listKey(projectId, watched.namespaces));
  const lookInto = (namespaces: readonly string[] | null) => workloads.lookInto(projectId, namespaces);
  const others = useMemo(
    () => (objects.value?.objects ?? []).filter(({ ref }) => ref.kind !== 'Service'),
    [objects.value],
  );
  const denied = useMemo(
    () => [...(snapshot?.denied ?? []), ...(objects.value?.denied ?? [])],
    [snapshot?.denied, objects.value],
  );
  const isEmpty =
    snapshot !== null &&
    snapshot.workloads.length === 0 &&
    snapshot.services.length === 0 &&
    others.length === 0;
  const context = deploying.plan?.cluster.context ?? null;
  return (
    <>
      <main className="main" data-region="Main">
        <header className="head">
          <h1>Workloads</h1>
          <span className="sub">{[project?.name, context].filter(Boolean).join(' on ')}</span>
          <span className="grow" />
          <ProjectSwitch projectId={projectId} />
          <DeployButton projectId={projectId} deploying={deploying} />
        </header>
        <div className="body flush">
          <SyncTrouble projectId={projectId} />
          <Trouble watched={watched} onRetry={() => workloads.retry(projectId)} />
          {snapshot === null ? (
            <Waiting watched={watched} onRetry={() => workloads.retry(projectId)} />
          ) : isEmpty && snapshot.connected && denied.length > 0 ? (
            <NotAllowed denied={denied} onLookInto={lookInto} />
          ) : isEmpty ? (
            snapshot.connected && (
              <Empty
                icon="boxes"
                title="Not deployed"
                line={`${project?.name ?? 'The project'} has no pods${context === null ? '' : ` on ${context}`}.`}
              >
                <Button kind="primary" icon="play" off={deploying.off} onClick={() => deploying.deploy()}>
                  Deploy
                </Button>
              </Empty>
            )
          ) : (
            <>
              <AccessNotes
                denied={denied}
                limitedTo={snapshot.limitedTo ?? []}
                chosen={watched.namespaces}
                onLookInto={lookInto}
              />
              <Live
                projectId={projectId}
                snapshot={snapshot}
                others={others}
                inspected={inspected}
                onInspect={setInspected}
              />
            </>
          )}
        </div>
        {deploying.asking}
      </main>
      {inspected?.startsWith('object/') === true && (
        <ObjectInspector
          projectId={projectId}
          rowKey={inspected}
          rows={objects.value?.objects ?? []}
          onClose={() => setInspected(null)}
        />
      )}
      {snapshot !== null && inspected !== null && !inspected.startsWith('object/') && (
        <WorkloadInspector
          projectId={projectId}
          snapshot={snapshot}
          rowKey={inspected}
          deploying={deploying}
          onClose={() => setInspected(null)}
        />
      )}
    </>
  );
}

function Live({
  projectId,
  snapshot,
  others,
  inspected,
  onInspect,
}: {
  projectId: string;
  snapshot: WorkloadsSnapshot;
  others: readonly ObjectRow[];
  inspected: string | null;
  onInspect: (key: string | null) => void;
}) {
  const [filter, setFilter] = useState(noFilter);
  const { workloads, services } = snapshot;
  const forwards = useForwards(projectId);
  const shown = useMemo(
    () => ({
      workloads: filterWorkloads(workloads, filter),
      services: filterObjects(services, filter),
      others: filterObjects(others, filter),
    }),
    [workloads, services, others, filter],
  );
  const all = useMemo(() => [...services, ...others], [services, others]);
  const kinds = useMemo(() => kindsOf(workloads, all), [workloads, all]);
  const namespaces = useMemo(() => namespacesOf([...workloads, ...all]), [workloads, all]);
  const count = shown.workloads.length + shown.services.length + shown.others.length;
  return (
    <div className={snapshot.connected ? undefined : 'greyed'}>
      <FilterBar
        filter={filter}
        kinds={kinds}
        namespaces={namespaces}
        note={`${count} of ${workloads.length + all.length}`}
        onChange={setFilter}
      />
      {count === 0 && isFiltering(filter) && (
        <Empty
          title="Nothing fits"
          line="No object of the project has that name, image, state, kind and namespace."
        >
          <Button onClick={() => setFilter(noFilter)}>Show all</Button>
        </Empty>
      )}
      {shown.workloads.length > 0 && (
        <WorkloadTree
          projectId={projectId}
          workloads={shown.workloads}
          inspected={inspected}
          onInspect={onInspect}
        />
      )}
      {shown.services.length > 0 && (
        <Services
          projectId={projectId}
          services={shown.services}
          onInspect={service => onInspect(objectRowKey(service))}
        />
      )}
      {forwards !== null && !isFiltering(filter) && <Forwards projectId={projectId} snapshot={forwards} />}
      {shown.others.length > 0 && (
        <ObjectsTable objects={shown.others} inspected={inspected} onInspect={onInspect} />
      )}
    </div>
  );
}

/** What the palette means by "selected", for as long as it is. */
function useSelection(projectId: string, snapshot: WorkloadsSnapshot | null, inspected: string | null): void {
  const { sync } = useStores();
  const row =
    snapshot === null || inspected === null
      ? undefined
      : (findRow(snapshot.workloads, inspected) ?? undefined);
  const scope = row === undefined ? null : scopeOf(row);
  const said = row === undefined ? '' : JSON.stringify([nameOfRow(row), scope]);
  useEffect(() => {
    if (said === '') return undefined;
    const [label, of] = JSON.parse(said) as [string, SyncScope];
    const container = of.level === 'container' ? keyOf(of) : null;
    sync.selected.setState({ selection: { projectId, label, scope: of, container } });
    return () => sync.selected.setState({ selection: null });
  }, [sync, projectId, said]);
  useShortcut('sync', () => scope !== null && toggleScope(sync, projectId, scope), scope !== null);
}

/** Why nothing is sent at all, and that the folder is looked at in turns, where a person sees the switches. */
function SyncTrouble({ projectId }: { projectId: string }) {
  const { sync } = useStores();
  const { value, error } = useSync(projectId);
  return <SyncNotices snapshot={value} error={error} onRetry={() => sync.snapshots.retry(projectId)} />;
}

/** What is known stays, with its age and when the next try comes. */
function Trouble({ watched, onRetry }: { watched: WatchedWorkloads; onRetry: () => void }) {
  const { snapshot, error, retryAt, at } = watched;
  const lost = snapshot !== null && (!snapshot.connected || error !== null || retryAt !== null);
  const now = useNow(lost, 1000);
  if (!lost || snapshot === null) return null;
  const seconds = retryAt === null ? null : Math.max(0, Math.ceil((retryAt - now) / 1000));
  return (
    <div className="strip bad" role="alert">
      <Status tone="bad">
        {error?.message ?? snapshot.disconnectedReason ?? 'The cluster does not answer'}
      </Status>
      <span className="t3">
        {`What stands below is ${age(now - (at ?? now))} old${seconds === null ? '' : `, next try in ${seconds} s`}`}
      </span>
      <span className="grow" />
      <Button small onClick={onRetry}>
        Try now
      </Button>
    </div>
  );
}

function Waiting({ watched, onRetry }: { watched: WatchedWorkloads; onRetry: () => void }) {
  const now = useNow(true, 250);
  if (watched.error !== null) return <FailureNote error={watched.error} onRetry={onRetry} />;
  const since = watched.waitingSince ?? now;
  const waiting = waitingState(since, now);
  if (waiting === 'slow') {
    return (
      <div className="centre" role="status">
        <Status tone="working">{`The cluster is slow to answer, ${Math.floor((now - since) / 1000)} s`}</Status>
        <p className="t3">{`It is asked again by itself. ${slowAfterMs / 1000} s is already long for a cluster of this machine.`}</p>
      </div>
    );
  }
  return waiting === 'skeleton' ? <Skeleton rows={6} /> : <div className="blink" aria-busy="true" />;
}
