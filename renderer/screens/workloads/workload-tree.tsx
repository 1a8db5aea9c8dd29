import { clsx } from 'clsx';
import { useMemo, useRef, useState } from 'react';
import type { ContainerView, WorkloadView } from '../../../preload/contract/workloads.ts';
import { Icon, Shape } from '../../components/icon.tsx';
import { useRows } from '../../components/rows.ts';
import { Squares, Status, Tag, type SquareState } from '../../components/status.tsx';
import { ScopeSwitch } from '../../shell/sync/scope-switch.tsx';
import {
  targetOf,
  targetOfPod,
  targetOfWorkload,
  type TerminalTarget,
} from '../../shell/terminal/targets.ts';
import { useNow, useStores } from '../../stores/react.ts';
import { toggleScope } from '../../stores/use-sync.ts';
import { refKey } from '../../stores/job-view.ts';
import { age } from '../../text/time.ts';
import { useDrawn } from './drawn-rows.ts';
import { mayRestart, restartRow, toggleForwards } from './row-actions.ts';
import {
  logScopeOf,
  isUnsettled,
  nameOfRow,
  opensItself,
  podKey,
  podName,
  scopeOf,
  squareOf,
  toneOf,
  treeRows,
  withoutSwitch,
  type TreeRow,
} from './tree.ts';

/** Workload → pods → containers. Rows change in place; only the user opens and closes. */
export function WorkloadTree({
  projectId,
  workloads,
  inspected,
  onInspect,
}: {
  projectId: string;
  workloads: readonly WorkloadView[];
  inspected: string | null;
  onInspect: (key: string | null) => void;
}) {
  const [chosen, setChosen] = useState<Readonly<Record<string, boolean>>>({});
  const stores = useStores();
  const { logs, sync, terminals } = stores;
  const now = useNow(true, 1000);
  const rows = useMemo(() => {
    const unsettled = new Set(
      workloads
        .filter(opensItself)
        .flatMap(workload => [
          refKey(workload.ref),
          ...workload.pods
            .filter(({ state }) => workload.pods.length <= mostOpened || isUnsettled(state))
            .map(podKey),
        ]),
    );
    return treeRows(workloads, key => chosen[key] ?? unsettled.has(key));
  }, [workloads, chosen]);
  const keys = useMemo(() => rows.map(row => row.key), [rows]);
  const table = useRef<HTMLTableElement>(null);
  const drawn = useDrawn(table, rows.length);
  const toggle = (row: TreeRow, open: boolean) =>
    row.kind !== 'container' && setChosen({ ...chosen, [row.key]: open });
  const find = (key: string) => rows.find(row => row.key === key);
  const list = useRows(keys, {
    reveal: key => drawn.reveal(keys.indexOf(key)),
    selected: inspected,
    onOpen: onInspect,
    onMove: key => inspected !== null && onInspect(key),
    onKey: (key, event, focus) => {
      const row = find(key);
      if (row === undefined) return false;
      if (event.key.toLowerCase() === 's' && isPlain(event)) {
        toggleScope(sync, projectId, scopeOf(row));
        return true;
      }
      if (event.key.toLowerCase() === 't' && isPlain(event)) {
        const target = terminalOf(projectId, row);
        if (target !== null) void terminals.open(target.place);
        return true;
      }
      if (event.key.toLowerCase() === 'l' && isPlain(event)) {
        logs.open(projectId, logScopeOf(row));
        return true;
      }
      if (event.key.toLowerCase() === 'r' && isPlain(event) && !event.shiftKey) {
        if (!event.repeat && mayRestart(row)) void restartRow(stores, projectId, row);
        return true;
      }
      if (event.key.toLowerCase() === 'f' && isPlain(event) && !event.shiftKey) {
        if (!event.repeat) void toggleForwards(stores, projectId, row);
        return true;
      }
      if (event.key === 'Escape' && inspected !== null) {
        onInspect(null);
        return true;
      }
      if (event.key === 'ArrowRight' && row.kind !== 'container') {
        if (row.open) focus(rows[rows.indexOf(row) + 1]?.key ?? key);
        else toggle(row, true);
        return true;
      }
      if (event.key === 'ArrowLeft') {
        if (row.kind !== 'container' && row.open) toggle(row, false);
        else focus(parentOf(row) ?? key);
        return true;
      }
      return false;
    },
  });
  return (
    <table
      ref={table}
      className="list wl"
      role="treegrid"
      aria-label="Workloads"
      aria-rowcount={rows.length + 1}
      onKeyDown={list.onKeyDown}
    >
      <colgroup>
        <col />
        <col style={{ width: 178 }} />
        <col style={{ width: 68 }} />
        <col style={{ width: 54 }} />
        <col style={{ width: '21%' }} />
        <col style={{ width: 156 }} />
      </colgroup>
      <thead>
        <tr>
          <th>Name</th>
          <th>State</th>
          <th className="num">Restarts</th>
          <th className="num">Age</th>
          <th className="spaced">Image</th>
          <th>Sync</th>
        </tr>
      </thead>
      <tbody>
        {drawn.before > 0 && <tr aria-hidden="true" className="gap" style={{ height: drawn.before }} />}
        {rows.slice(drawn.from, drawn.to).map((row, index) => (
          <tr
            key={row.key}
            {...list.row(row.key)}
            aria-selected={row.key === inspected}
            aria-level={row.level}
            aria-rowindex={drawn.from + index + 2}
            aria-expanded={row.kind === 'container' ? undefined : row.open}
            className={clsx('opens', `level-${row.level}`)}
            onClick={event => {
              const onTwist = event.target instanceof Element && event.target.closest('.twist-btn') !== null;
              if (onTwist && row.kind !== 'container') toggle(row, !row.open);
              else onInspect(row.key);
            }}
          >
            <td>
              <div className="row tight">
                {row.kind === 'container' ? (
                  <span className="twist" />
                ) : (
                  <span className="twist-btn" aria-hidden="true">
                    <Icon name={row.open ? 'chevron-down' : 'chevron-right'} className="twist" />
                  </span>
                )}
                <Name row={row} />
              </div>
            </td>
            <Cells row={row} now={now} />
            <td className="sync-cell">
              <ScopeSwitch
                projectId={projectId}
                scope={scopeOf(row)}
                label={`Sync of ${nameOfRow(row)}`}
                otherwise={withoutSwitch(row)}
                tabIndex={-1}
              />
            </td>
          </tr>
        ))}
        {drawn.after > 0 && <tr aria-hidden="true" className="gap" style={{ height: drawn.after }} />}
      </tbody>
    </table>
  );
}

/** Of more pods than this, only those that are not settled stand open by themselves. */
const mostOpened = 20;

const isPlain = (event: { ctrlKey: boolean; metaKey: boolean; altKey: boolean }): boolean =>
  !event.ctrlKey && !event.metaKey && !event.altKey;

/** A workload and a pod stand for the container that a person means by them. */
export const terminalOf = (projectId: string, row: TreeRow): TerminalTarget | null =>
  row.kind === 'workload'
    ? targetOfWorkload(projectId, row.workload)
    : row.kind === 'pod'
      ? targetOfPod(projectId, row.pod)
      : targetOf(projectId, row.pod, row.container);

const parentOf = (row: TreeRow): string | null =>
  row.kind === 'container' ? podKey(row.pod) : row.kind === 'pod' ? refKey(row.workload.ref) : null;

function Name({ row }: { row: TreeRow }) {
  switch (row.kind) {
    case 'workload':
      return (
        <>
          <span className="b cut" title={row.workload.ref.name}>
            {row.workload.ref.name}
          </span>
          <span className="t3 cut kind" title={row.workload.ref.kind}>
            {row.workload.ref.kind}
          </span>
        </>
      );
    case 'pod':
      return (
        // What tells pods apart is their end: the column takes from the rest.
        <span className="pod-name mono" title={row.pod.name}>
          <span className="cut">{podName(row.pod.name).slice(0, -6)}</span>
          {row.pod.name.slice(-6)}
        </span>
      );
    case 'container':
      return (
        <>
          <span className="mono cut" title={row.container.name}>
            {row.container.name}
          </span>
          {row.container.init && <span className="t3">init</span>}
        </>
      );
  }
}

function Cells({ row, now }: { row: TreeRow; now: number }) {
  const containers =
    row.kind === 'workload'
      ? row.workload.pods.flatMap(pod => pod.containers)
      : row.kind === 'pod'
        ? row.pod.containers
        : [row.container];
  const shown = row.kind === 'workload' ? row.workload : row.kind === 'pod' ? row.pod : row.container;
  const restarts =
    row.kind === 'container'
      ? row.container.restarts
      : containers.reduce((sum, container) => sum + container.restarts, 0);
  const since =
    row.kind === 'container'
      ? row.container.startedAt
      : row.kind === 'pod'
        ? row.pod.createdAt
        : row.workload.createdAt;
  const isClosed = row.kind !== 'container' && !row.open;
  return (
    <>
      <td title={shown.status}>
        <ContainerSquares containers={containers} />
        &ensp;
        {containers.length === 0 ? (
          <Status tone={toneOf(shown.state)}>{shown.status}</Status>
        ) : (
          // the squares are its shape
          <span className={`st-${toneOf(shown.state)}`}>{shown.status}</span>
        )}
      </td>
      <td className={clsx('num', restarts > 0 && 'st-warn')}>
        {restarts > 0 && <Shape tone="warn" />} {restarts}
      </td>
      <td className="num t2">{since === null ? '' : age(now - Date.parse(since))}</td>
      <td className="spaced">
        {(row.kind === 'container' || isClosed) && <ImageChips containers={containers} />}
      </td>
    </>
  );
}

/** One square per container; of many the worst, so that the word beside them stays in sight. */
const mostSquares = 8;

function ContainerSquares({ containers }: { containers: readonly ContainerView[] }) {
  const shown = containers.filter(container => !container.init || container.state !== 'completed');
  if (shown.length <= mostSquares)
    return (
      <Squares
        states={shown.map(container => squareOf(container.state))}
        label={shown.map(container => `${container.name}: ${container.status}`).join(', ')}
      />
    );
  const ready = shown.filter(({ state }) => squareOf(state) === 'ok').length;
  const states = shown
    .map(({ state }) => squareOf(state))
    .sort((a, b) => worst.indexOf(a) - worst.indexOf(b))
    .slice(0, mostSquares - 3);
  return <Squares states={states} label={`${ready} of ${shown.length} containers ready`} />;
}
const worst: readonly SquareState[] = ['bad', 'warn', 'working', 'none', 'ok'];

/** The images in it; *old* where it is not the one that the folder makes now. */
function ImageChips({ containers }: { containers: readonly ContainerView[] }) {
  const images = [...new Map(containers.filter(one => !one.init).map(one => [one.image, one])).values()];
  const [first] = images;
  if (first === undefined) return null;
  return (
    <span className="row tight">
      <Tag title={first.image}>{shortImage(first.image)}</Tag>
      {first.old && <span className="old">old</span>}
      {images.length > 1 && (
        <span
          className="t3 nw"
          title={images.map(({ image }) => image).join('\n')}
        >{`+${images.length - 1}`}</span>
      )}
    </span>
  );
}

export const shortImage = (image: string): string =>
  image.replace(/^docker\.io\/(library\/)?/, '').replace(/@sha256:.*$/, '');
