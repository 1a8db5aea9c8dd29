import { useVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { SyncEvent } from '../../../preload/contract/sync.ts';
import { useShortcut } from '../../app/use-shortcut.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure.tsx';
import { Icon, Shape, type Tone } from '../../components/icon.tsx';
import { Keys } from '../../components/keys.tsx';
import { Empty, Skeleton, waitingState } from '../../components/list-state.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { Status } from '../../components/status.tsx';
import { useNow, useStores } from '../../stores/react.ts';
import { noFeed, type SyncFeed } from '../../stores/sync-feed.ts';
import { took } from '../../text/sync.ts';
import { clockSeconds } from '../../text/time.ts';
import { count, grouped, size } from '../../text/words.ts';

/** What sync did, as it happens: a row per batch and per change of state. */
export function SyncFeedPanel({ projectId }: { projectId: string | null }) {
  if (projectId === null) return <p className="t2 pad">Open a project to see what is synced.</p>;
  return <Feed projectId={projectId} />;
}

function Feed({ projectId }: { projectId: string }) {
  const { sync } = useStores();
  useEffect(() => sync.feeds.follow(projectId), [sync.feeds, projectId]);
  const feed = useStore(sync.feeds.store, state => state[projectId] ?? noFeed);
  const only = useStore(sync.feeds.filter, state => state[projectId] ?? null);
  const [search, setSearch] = useState('');
  const keys = useMemo(
    () => [
      ...new Set([...feed.events.flatMap(event => event.container ?? []), ...(only === null ? [] : [only])]),
    ],
    [feed.events, only],
  );
  const shown = useMemo(() => {
    const wanted = search.toLowerCase();
    return feed.events.filter(
      event =>
        (only === null || event.container === only) && (wanted === '' || textOf(event).includes(wanted)),
    );
  }, [feed.events, only, search]);
  const narrow = (key: string) => sync.feeds.filter.setState({ [projectId]: key === '' ? null : key });
  return (
    <>
      <div className="logbar">
        <label className="row tight">
          <span className="t3">Container</span>
          <select className="field" value={only ?? ''} onChange={event => narrow(event.target.value)}>
            <option value="">All</option>
            {keys.map(key => (
              <option key={key} value={key}>
                {shortKey(key)}
              </option>
            ))}
          </select>
        </label>
        <span className="grow" />
        <SearchField
          label="Search files"
          value={search}
          width={212}
          onChange={setSearch}
          note={count(shown.length, 'row')}
        />
      </div>
      <Body feed={feed} shown={shown} narrowed={only !== null || search !== ''} projectId={projectId} />
      <div className="logfoot">
        <span>
          {shown.length === feed.events.length
            ? count(shown.length, 'row')
            : `${grouped(shown.length)} of ${count(feed.events.length, 'row')}`}
        </span>
        {feed.dropped > 0 && <span>{`${count(feed.dropped, 'older row')} not kept`}</span>}
      </div>
    </>
  );
}

function Body({
  feed,
  shown,
  narrowed,
  projectId,
}: {
  feed: SyncFeed;
  shown: readonly SyncEvent[];
  narrowed: boolean;
  projectId: string;
}) {
  const { sync } = useStores();
  const waits = feed.events.length === 0 && !feed.ready && feed.error === null;
  const now = useNow(waits, 250);
  if (feed.events.length === 0 && feed.error !== null) {
    return (
      <div className="log-box scroll">
        <FailureNote error={feed.error} onRetry={() => sync.feeds.retry(projectId)} />
      </div>
    );
  }
  if (waits) {
    const since = feed.waitingSince ?? now;
    return (
      <div className="log-box">
        {waitingState(since, now) === 'skeleton' && <Skeleton rows={3} />}
        {waitingState(since, now) === 'slow' && (
          <div className="centre" role="status">
            <Status tone="working">{`The engine is slow to answer, ${Math.floor((now - since) / 1000)} s`}</Status>
          </div>
        )}
      </div>
    );
  }
  if (shown.length === 0) {
    return (
      <div className="log-box">
        <Empty
          title={narrowed ? 'Nothing of that' : 'Nothing synced yet'}
          line={
            narrowed
              ? 'No row fits the container and the search.'
              : 'Turn a switch on in Workloads and save a file: it stands here before you look.'
          }
        />
      </div>
    );
  }
  return (
    <>
      {feed.error !== null && (
        <div className="strip bad" role="alert">
          <Status tone="bad">{feed.error.message}</Status>
          <span className="grow" />
          <Button small onClick={() => sync.feeds.retry(projectId)}>
            Try again
          </Button>
        </div>
      )}
      <Rows events={shown} />
    </>
  );
}

const rowHeight = 22;

/** Follows its end until the user scrolls up; only the rows in sight are drawn. */
function Rows({ events }: { events: readonly SyncEvent[] }) {
  const box = useRef<HTMLDivElement>(null);
  const [pausedAt, setPausedAt] = useState<number | null>(null);
  const last = events.at(-1)?.seq ?? 0;
  // Rows are drawn from what it says now; nothing of it is kept.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 20,
    initialRect: { width: 800, height: 400 },
  });
  const toEnd = () => {
    setPausedAt(null);
    virtual.scrollToIndex(events.length - 1, { align: 'end' });
  };
  useEffect(() => {
    if (pausedAt === null && events.length > 0) virtual.scrollToIndex(events.length - 1, { align: 'end' });
  }, [events.length, last, pausedAt, virtual]);
  useShortcut('bottom', toEnd, pausedAt !== null);
  const onScroll = () => {
    const element = box.current;
    if (element === null) return;
    const fromEnd = element.scrollHeight - element.scrollTop - element.clientHeight;
    if (fromEnd < rowHeight * 1.5) setPausedAt(null);
    else setPausedAt(current => current ?? last);
  };
  const newer = pausedAt === null ? 0 : events.filter(event => event.seq > pausedAt).length;
  return (
    <div className="log-box">
      <div
        ref={box}
        className="log feed"
        role="log"
        aria-label="What was synced"
        // A block that scrolls has to be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onScroll={onScroll}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(item => {
            const event = events[item.index];
            if (event === undefined) return null;
            return <Row key={event.seq} event={event} top={item.start} />;
          })}
        </div>
      </div>
      {pausedAt !== null && (
        <button type="button" className="pill" onClick={toEnd}>
          {newer > 0 ? count(newer, 'new row') : 'To the end'}
          <Icon name="arrow-down" />
          <Keys of="End" />
        </button>
      )}
    </div>
  );
}

const kinds: Record<SyncEvent['type'], readonly [Tone, string]> = {
  batch: ['done', 'Sent'],
  state: ['stopped', 'State'],
  drift: ['warn', 'Drift'],
  failure: ['bad', 'Failed'],
  outside: ['warn', 'Needs a build'],
  reload: ['done', 'After sync'],
  automatic: ['done', 'Up to date'],
};

function Row({ event, top }: { event: SyncEvent; top: number }) {
  const [tone, word] = kinds[event.type];
  const files = event.files.map(one => one.file).join('\n');
  const deleted = event.files.length > 0 && event.files.every(one => one.action === 'deleted');
  return (
    <div
      className={clsx('fr', event.type)}
      style={{ transform: `translateY(${top}px)` }}
      title={files === '' ? event.message : `${event.message}\n${files}`}
    >
      <time>{clockSeconds(Date.parse(event.at))}</time>
      <span className={clsx('kind', `st-${tone === 'done' ? 'ok' : tone}`)}>
        <Shape tone={tone} className="still" />
        {event.type === 'batch' && deleted ? 'Deleted' : word}
      </span>
      <span className="who cut">{event.container === null ? 'project' : shortKey(event.container)}</span>
      <span className="what cut">{event.type === 'batch' ? filesOf(event) : event.message}</span>
      <span className="num t2">{event.bytes > 0 ? size(event.bytes) : ''}</span>
      <span className="num">{event.durationMs === null ? '' : took(event.durationMs)}</span>
    </div>
  );
}

function filesOf(event: SyncEvent): string {
  const [first] = event.files;
  if (first === undefined) return event.message;
  return event.count > 1 ? `${first.file} and ${grouped(event.count - 1)} more` : first.file;
}

/** Pods are told apart by their end: `api 2xk4q`. */
function shortKey(key: string): string {
  const [, pod = key, container = ''] = key.split('/');
  const suffix = pod.slice(pod.lastIndexOf('-') + 1);
  return `${container} ${suffix}`.trim();
}

const textOf = (event: SyncEvent): string =>
  `${event.message} ${event.files.map(one => one.file).join(' ')}`.toLowerCase();
