import { useState } from 'react';
import type { ContainerView, PodView, WorkloadsSnapshot } from '../../../preload/contract/workloads.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Squares, Status, Tag } from '../../components/status.tsx';
import { useShortcut } from '../../app/use-shortcut.ts';
import type { Deploying } from '../../shell/deploy-button.tsx';
import { refKey } from '../../stores/job-view.ts';
import { useNow, useStores } from '../../stores/react.ts';
import { age, when } from '../../text/time.ts';
import { PortsSection } from './ports-section.tsx';
import { ContainerSync, SyncOf } from './sync/container-sync.tsx';
import { InspectorFrame } from './inspector-frame.tsx';
import { ObjectActions } from './objects/actions.tsx';
import { ObjectSections } from './objects/object-sections.tsx';
import { mayRestart, restartRow, toggleForwards } from './row-actions.ts';
import { findRow, logScopeOf, refOfRow, squareOf, toneOf, withoutSwitch, type TreeRow } from './tree.ts';
import { shortImage, terminalOf } from './workload-tree.tsx';

/** Of a workload's pods; the tree has them all. */
const mostPods = 20;

/** What is selected, in full. Esc closes it and gives the focus back to the row. */
export function WorkloadInspector({
  projectId,
  snapshot,
  rowKey,
  deploying,
  onClose,
}: {
  projectId: string;
  snapshot: WorkloadsSnapshot;
  rowKey: string;
  deploying: Deploying;
  onClose: () => void;
}) {
  const now = useNow(true, 1000);
  const row = findRow(snapshot.workloads, rowKey);
  const shown =
    row === null
      ? null
      : row.kind === 'workload'
        ? row.workload
        : row.kind === 'pod'
          ? row.pod
          : row.container;
  return (
    <InspectorFrame
      rowKey={rowKey}
      title={nameOf(row)}
      status={
        shown !== null && (
          <Status tone={toneOf(shown.state)} fill>
            {shown.status}
          </Status>
        )
      }
      place={row === null ? 'It is gone.' : placeOf(row)}
      acts={
        row !== null && (
          <>
            <LogsButton projectId={projectId} row={row} />
            <TerminalButton projectId={projectId} row={row} />
            <ForwardButton projectId={projectId} row={row} />
            {mayRestart(row) && <RestartButton projectId={projectId} row={row} />}
            <ObjectActions key={refKey(refOfRow(row))} projectId={projectId} target={refOfRow(row)} />
          </>
        )
      }
      onClose={onClose}
    >
      {row?.kind === 'workload' && (
        <>
          <SyncOf projectId={projectId} row={row} />
          {row.workload.ref.namespace !== null && (
            <PortsSection
              projectId={projectId}
              target={{ ...row.workload.ref, namespace: row.workload.ref.namespace }}
            />
          )}
          <section>
            <dl className="kv">
              <dt>Kind</dt>
              <dd>{row.workload.ref.kind}</dd>
              <dt>Ready</dt>
              <dd>{`${row.workload.ready} of ${row.workload.desired}`}</dd>
              <dt>Age</dt>
              <dd>{age(now - Date.parse(row.workload.createdAt))}</dd>
            </dl>
          </section>
          <section>
            <h3>Pods</h3>
            {row.workload.pods.length === 0 && <p className="t2">None.</p>}
            {row.workload.pods.slice(0, mostPods).map(pod => (
              <PodLine key={pod.name} pod={pod} />
            ))}
            {row.workload.pods.length > mostPods && (
              <p className="t3">{`and ${row.workload.pods.length - mostPods} more`}</p>
            )}
          </section>
        </>
      )}
      {row?.kind === 'pod' && (
        <>
          <SyncOf projectId={projectId} row={row} />
          <PortsSection
            projectId={projectId}
            target={{
              apiVersion: 'v1',
              kind: 'Pod',
              namespace: row.pod.namespace,
              name: row.pod.name,
            }}
          />
          <section>
            <dl className="kv">
              <dt>Node</dt>
              <dd className="mono">{row.pod.node ?? 'not scheduled yet'}</dd>
              <dt>Created</dt>
              <dd>{when(Date.parse(row.pod.createdAt), now)}</dd>
              <dt>Restarts</dt>
              <dd>{row.pod.restarts}</dd>
            </dl>
          </section>
          {row.pod.containers.map(container => (
            <ContainerSection key={container.name} container={container} now={now} />
          ))}
        </>
      )}
      {row?.kind === 'container' && (
        <>
          <ContainerSync
            projectId={projectId}
            pod={row.pod}
            container={row.container}
            otherwise={withoutSwitch(row)}
            deploying={deploying}
          />
          <ContainerSection container={row.container} now={now} />
        </>
      )}
      {row !== null && (
        <ObjectSections
          key={row.key}
          projectId={projectId}
          target={refOfRow(row)}
          container={row.kind === 'container' ? row.container.name : null}
        />
      )}
    </InspectorFrame>
  );
}

function TerminalButton({ projectId, row }: { projectId: string; row: TreeRow }) {
  const { terminals } = useStores();
  const target = terminalOf(projectId, row);
  const open = () => target !== null && void terminals.open(target.place);
  useShortcut('terminal', open, target !== null);
  return (
    <Button
      small
      icon="terminal"
      shortcut="terminal"
      off={target === null && 'No container of it runs'}
      title={target === null ? undefined : `A shell in ${target.label}`}
      onClick={open}
    >
      Terminal
    </Button>
  );
}

function ForwardButton({ projectId, row }: { projectId: string; row: TreeRow }) {
  const stores = useStores();
  const forward = () => void toggleForwards(stores, projectId, row);
  useShortcut('forward', event => !event.repeat && forward());
  return (
    <Button
      small
      icon="external-link"
      shortcut="forward"
      title="Its ports on this machine; pressed again, no longer"
      onClick={forward}
    >
      Forward
    </Button>
  );
}

function RestartButton({ projectId, row }: { projectId: string; row: TreeRow }) {
  const stores = useStores();
  const [busy, setBusy] = useState(false);
  const restart = () => {
    setBusy(true);
    void restartRow(stores, projectId, row).finally(() => setBusy(false));
  };
  useShortcut('restart', event => !event.repeat && !busy && restart());
  return (
    <Button
      small
      icon="rotate-cw"
      shortcut="restart"
      off={busy && 'Under way'}
      title={`Renews the pods of ${row.workload.ref.kind} ${row.workload.ref.name}, one after the other`}
      onClick={restart}
    >
      Restart
    </Button>
  );
}

function LogsButton({ projectId, row }: { projectId: string; row: TreeRow }) {
  const { logs } = useStores();
  const open = () => logs.open(projectId, logScopeOf(row));
  useShortcut('logs', open);
  return (
    <Button small icon="scroll-text" shortcut="logs" onClick={open}>
      Logs
    </Button>
  );
}

const nameOf = (row: TreeRow | null): string =>
  row === null
    ? 'Gone'
    : row.kind === 'workload'
      ? row.workload.ref.name
      : row.kind === 'pod'
        ? row.pod.name
        : row.container.name;

function placeOf(row: TreeRow): string {
  if (row.kind === 'workload')
    return `${row.workload.ref.apiVersion}, namespace ${row.workload.ref.namespace ?? 'none'}`;
  const node = row.pod.node === null ? '' : ` on ${row.pod.node}`;
  return row.kind === 'pod'
    ? `of ${row.workload.ref.kind} ${row.workload.ref.name}${node}`
    : `${row.pod.name}${node}`;
}

function PodLine({ pod }: { pod: PodView }) {
  return (
    <div className="row">
      <Squares states={pod.containers.map(container => squareOf(container.state))} />
      <span className="mono cut grow" title={pod.name}>
        {pod.name}
      </span>
      <Status tone={toneOf(pod.state)}>{pod.status}</Status>
    </div>
  );
}

function ContainerSection({ container, now }: { container: ContainerView; now: number }) {
  return (
    <section>
      <h3>
        {container.name}
        <span className="grow" />
        <Status tone={toneOf(container.state)}>{container.status}</Status>
      </h3>
      <dl className="kv">
        <dt>Image</dt>
        <dd className="wraps">
          <Tag title={container.image}>{shortImage(container.image)}</Tag>{' '}
          {container.old && <span className="old">old</span>}
        </dd>
        {container.old && (
          <>
            <dt />
            <dd className="t2 wraps">Not the image that the folder makes now. Deploy replaces it.</dd>
          </>
        )}
        {!container.ours && (
          <>
            <dt />
            <dd className="t2">Not built here</dd>
          </>
        )}
        <dt>Ready</dt>
        <dd>{container.ready ? 'yes' : 'no'}</dd>
        <dt>Restarts</dt>
        <dd>{container.restarts}</dd>
        <dt>Started</dt>
        <dd>
          {container.startedAt === null ? 'not yet' : `${age(now - Date.parse(container.startedAt))} ago`}
        </dd>
        {container.containerId !== null && (
          <>
            <dt>ID</dt>
            <dd className="mono" title={container.containerId}>
              {container.containerId.replace(/^\w+:\/\//, '')}
            </dd>
          </>
        )}
      </dl>
      <div className="acts">
        <CopyButton label="Copy image" text={() => container.image} outlined />
      </div>
    </section>
  );
}
