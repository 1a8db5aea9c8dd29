import '../../theme/logs.css';
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { LogScope, LogSource } from '../../../preload/contract/logs.ts';
import { useShortcut } from '../../app/use-shortcut.ts';
import { Icon } from '../../components/icon.tsx';
import { Keys } from '../../components/keys.tsx';
import { toFailure } from '../../stores/failure.ts';
import { firstLook, type LogLook } from '../../stores/logs.ts';
import { usePeek, useStores } from '../../stores/react.ts';
import { count } from '../../text/words.ts';
import { shownText } from '../../components/ansi-segments.ts';
import { ExportDialog } from './export-dialog.tsx';
import { finder, readPattern } from './highlight.ts';
import { pressInList, pressInPanel, type LogActions } from './log-keys.ts';
import { LogList, type ListHandle } from './log-list.tsx';
import { LogRow } from './log-row.tsx';
import { LogsBar } from './logs-bar.tsx';
import { LogsFoot } from './logs-foot.tsx';
import { LogsState } from './logs-state.tsx';
import { chipsOf, scopeTitle, viewOf } from './scopes.ts';
import { rowHeight, type Place } from './scroll.ts';
import { timeModes, timeWords, type TimeMode } from './times.ts';
import { useLogPlace } from './use-log-place.ts';
import { useLogOptions } from './use-log-options.ts';
import { useLogSearch } from './use-log-search.ts';
import { useLogSession } from './use-session.ts';

/** The log of a project, a workload, a pod or a container, live. */
export function LogsPanel({ projectId }: { projectId: string | null }) {
  if (projectId === null)
    return <p className="t2 empty-line logs-none">Open a project: its log stands here.</p>;
  return <ProjectLog key={projectId} projectId={projectId} />;
}

/** More than this is for a file. */
const mostCopied = 5_000;

const timeOf = (name: string): TimeMode => timeModes.find(mode => mode === name) ?? 'local';

/** A log that stays what it is of, and what stands beside it. */
export interface FixedLog {
  readonly scope: LogScope;
  readonly title: string;
  /** Its state, and what can be done with it. */
  readonly state: ReactNode;
  readonly actions: ReactNode;
}

export function ProjectLog({ projectId, only = null }: { projectId: string; only?: FixedLog | null }) {
  const { client, logs, layout, projects } = useStores();
  const lookKey = only === null ? projectId : JSON.stringify(only.scope);
  const begin = useMemo(
    () => (lookKey === projectId ? firstLook : { ...firstLook, scope: JSON.parse(lookKey) as LogScope }),
    [lookKey, projectId],
  );
  const look = useStore(logs.looks, state => state[lookKey] ?? begin);
  const wrap = useStore(layout, state => state.logWrap);
  const time = timeOf(useStore(layout, state => state.logTime));
  const wantsFocus = useStore(logs.wanted, state => state.focus);
  const name = usePeek(projects, '').data?.find(one => one.id === projectId)?.name ?? 'the project';
  const [open, setOpen] = useState<ReadonlySet<number>>(() => new Set());
  const [sourcesOpen, setSourcesOpen] = useState(false);
  const [exporting, setExporting] = useState(false);
  const [note, setNote] = useState<string | null>(null);
  const [opened] = useState(() => Date.now());
  const panel = useRef<HTMLElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const filterField = useRef<HTMLInputElement>(null);
  const list = useRef<ListHandle | null>(null);

  const view = useMemo(() => viewOf(look), [look]);
  const shownRef = useRef<{ readonly place: Place; readonly seqOf: (row: number) => number | null }>({
    place: 'end',
    seqOf: () => null,
  });
  const session = useLogSession(projectId, view, () => {
    const { place: shown, seqOf } = shownRef.current;
    return shown === 'end' ? null : seqOf(shown.row);
  });
  const status = session?.status() ?? null;
  const error = session?.error() ?? null;
  const [first, end] = [status?.first ?? 0, status?.end ?? 0];
  const [options, changeOptions] = useLogOptions(projectId, setNote);
  const generation = status?.generation ?? null;
  const at = useLogPlace(session, { first, end, generation });
  const { place, active, setActive, goTo } = at;
  useEffect(() => {
    shownRef.current = { place, seqOf: row => session?.row(row)?.seq ?? null };
  });
  const pattern = useMemo(() => readPattern(look.search, false), [look.search]);
  const search = useLogSearch(projectId, view, pattern, {
    from: () => {
      const seen = list.current?.seen();
      const inside =
        active !== null && seen !== undefined && active >= seen.from - 1 && active <= seen.to + 1;
      const seqAt = (row: number | undefined) =>
        row === undefined ? null : (session?.row(row)?.seq ?? null);
      return inside ? seqAt(active) : (seqAt(seen?.to) ?? null);
    },
    lines: end,
    onHit: hit => {
      setActive(hit.row);
      const seen = list.current?.seen();
      if (seen !== undefined && hit.row > seen.from && hit.row < seen.to) list.current?.pause();
      else goTo({ row: hit.row, y: 5 * rowHeight });
    },
  });

  const marks = useMemo(() => {
    const filter = readPattern(look.filter);
    return {
      // an expression that the engine found to take for ever is not tried in this thread
      search: search.state.problem === null ? finder(pattern) : null,
      filter: status?.problem == null && filter !== null && !filter.invert ? finder(filter) : null,
    };
  }, [look.filter, pattern, search.state.problem, status?.problem]);

  const chips = chipsOf(status?.sources ?? []);
  const colours = new Map(
    chips.flatMap(chip =>
      chip.sources.map(source => [source.key, { label: source.label, colour: chip.colour }]),
    ),
  );
  const previous = (status?.sources ?? []).filter(
    source => source.kind === 'container' && source.restarts > 0,
  );
  const isPrevious = look.scope.kind === 'container' && look.scope.previous;
  const onLook = (change: Partial<LogLook>) => logs.look(lookKey, change, begin);
  const title = only?.title ?? scopeTitle(look.scope, name);
  const focusList = () => panel.current?.querySelector<HTMLElement>('.logs-list')?.focus();

  const showPrevious = (source: LogSource) => {
    const { namespace, pod, container } = source;
    if (namespace === null || pod === null || container === null) return;
    setSourcesOpen(false);
    onLook({ scope: { kind: 'container', namespace, pod, container, previous: true }, hidden: [] });
  };
  const onPrevious = () => {
    const [only] = previous;
    if (look.scope.kind === 'container' && look.scope.previous)
      onLook({ scope: { ...look.scope, previous: false } });
    else if (look.scope.kind === 'container') onLook({ scope: { ...look.scope, previous: true } });
    else if (only !== undefined && previous.length === 1) showPrevious(only);
    else setSourcesOpen(true);
  };
  const clear = () => {
    client.request('logs.clear', { projectId, scope: look.scope }).then(
      () => goTo('end'),
      (thrown: unknown) => setNote(toFailure(thrown).message),
    );
  };
  const toggleLine = useCallback((seq: number) => {
    setOpen(before => {
      const next = new Set(before);
      if (!next.delete(seq)) next.add(seq);
      return next;
    });
  }, []);
  const actions: LogActions = [
    ['search', () => searchField.current?.focus()],
    ['logFilter', () => filterField.current?.focus()],
    ['wrapLog', () => layout.setState({ logWrap: !wrap })],
    ['logTimes', () => nextTime()],
    ['pauseLog', () => togglePause()],
    ['nextError', () => search.step('next', ['error'])],
    ['previousError', () => search.step('previous', ['error'])],
    ['nextHit', () => search.step('next')],
    ['previousHit', () => search.step('previous')],
  ];
  function nextTime(): void {
    const next = timeModes[(timeModes.indexOf(time) + 1) % timeModes.length] ?? 'local';
    layout.setState({ logTime: next });
    setNote(timeWords[next]);
  }
  function togglePause(): void {
    if (place === 'end') list.current?.pause();
    else goTo('end');
  }
  useShortcut('bottom', () => goTo('end'), place !== 'end');
  useShortcut('nextHit', () => search.step('next'), pattern !== null);
  useShortcut('previousHit', () => search.step('previous'), pattern !== null);
  useEffect(() => {
    if (!wantsFocus) return;
    logs.wanted.setState({ focus: false });
    // the list comes with the first answer; the panel takes the keys until then
    (panel.current?.querySelector<HTMLElement>('.logs-list') ?? panel.current)?.focus();
  }, [wantsFocus, logs]);
  useEffect(() => {
    if (note === null) return undefined;
    const timer = setTimeout(() => setNote(null), 6_000);
    return () => clearTimeout(timer);
  }, [note]);

  const isEmpty = status === null || end === first;
  useEffect(() => {
    if (!isEmpty && document.activeElement === panel.current) focusList();
  }, [isEmpty]);

  const keyed = { first, end, row: (number: number) => session?.row(number), open, toggle: toggleLine };
  const onSeen = useCallback((from: number, to: number) => session?.want(from, to), [session]);
  const newer = at.pausedAt === null ? 0 : Math.max(0, end - at.pausedAt);
  const hitSeq = search.hit?.seq ?? null;
  return (
    <section
      ref={panel}
      className={only === null ? 'logs' : 'logs only'}
      aria-label={`Log of ${title}`}
      tabIndex={-1}
    >
      <div className="logs-inner" role="presentation" onKeyDown={event => pressInPanel(event, actions)}>
        <LogsBar
          project={name}
          only={only}
          look={look}
          status={status}
          chips={chips}
          options={options}
          search={search.state}
          wrap={wrap}
          time={time}
          paused={place !== 'end'}
          fields={{ search: searchField, filter: filterField }}
          sourcesOpen={sourcesOpen}
          onSources={setSourcesOpen}
          onLook={onLook}
          onMute={(key, muted) => {
            const rest = (options?.muted ?? []).filter(one => one !== key);
            changeOptions({ muted: muted ? [...rest, key] : rest });
          }}
          onPrevious={showPrevious}
          onSearchKey={event => {
            if (event.key !== 'Enter') return false;
            search.step(event.shiftKey || search.state.index === null ? 'previous' : 'next');
            return true;
          }}
          onStep={search.step}
          onWrap={() => layout.setState({ logWrap: !wrap })}
          onTime={nextTime}
          onPause={togglePause}
          onLeave={focusList}
        />
        <div className="log-box">
          {isEmpty ? (
            <LogsState
              status={status}
              error={error}
              scope={look.scope}
              since={session?.since ?? opened}
              onRetry={() => session?.retry()}
              onShowAll={() => onLook({ hidden: [], quiet: [], filter: { ...look.filter, text: '' } })}
            />
          ) : (
            <LogList
              key={generation}
              first={first}
              end={end}
              measured={wrap || open.size > 0}
              place={place}
              onPlace={goTo}
              onSeen={onSeen}
              handle={list}
              label={`Log of ${title}`}
              active={active}
              onKeyDown={event => pressInList(event, list.current, at, keyed)}
            >
              {number => {
                const row = session?.row(number);
                const source = row === null || row === undefined ? undefined : colours.get(row.source);
                return (
                  <LogRow
                    key={number}
                    projectId={projectId}
                    number={number}
                    row={row}
                    label={source?.label ?? ''}
                    colour={source?.colour ?? 1}
                    wrap={wrap}
                    time={time}
                    marks={marks}
                    dimmed={
                      look.filter.onlyMark &&
                      marks.filter !== null &&
                      row != null &&
                      marks.filter(row.text).length === 0
                    }
                    isHit={row?.seq !== undefined && row.seq === hitSeq}
                    isActive={number === active}
                    isOpen={row?.seq !== undefined && open.has(row.seq)}
                    onPick={setActive}
                    onToggle={toggleLine}
                  />
                );
              }}
            </LogList>
          )}
          {!isEmpty && place !== 'end' && (
            <button type="button" className="pill" onClick={() => goTo('end')}>
              {newer > 0 ? count(newer, 'new line') : 'To the end'}
              <Icon name="arrow-down" />
              <Keys of="End" />
            </button>
          )}
        </div>
        <LogsFoot
          status={status}
          only={only}
          error={error?.message ?? null}
          options={options}
          previous={previous}
          isPrevious={isPrevious}
          note={note}
          onOptions={changeOptions}
          onPrevious={onPrevious}
          copied={async () => {
            const from = Math.max(first, end - mostCopied);
            const { rows } = await client.request('logs.lines', { projectId, view, from, count: mostCopied });
            return rows.map(row => shownText(row.text)).join('\n');
          }}
          onExport={() => setExporting(true)}
          onClear={clear}
        />
        {exporting && (
          <ExportDialog
            projectId={projectId}
            name={title}
            view={view}
            matches={end - first}
            lines={status?.lines ?? 0}
            onClose={said => {
              setExporting(false);
              if (said !== null) setNote(said);
            }}
          />
        )}
      </div>
    </section>
  );
}
