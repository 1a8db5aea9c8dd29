import type { Activity } from '../activity/index.ts';
import { pause } from '../cluster/index.ts';
import type { Cluster } from '../cluster/index.ts';
import type { DeployEvent } from '../deploy/index.ts';
import { PtahError } from '../errors/index.ts';
import type { WorkloadsSnapshot } from '../workloads/index.ts';
import { ContainerReaders } from './container-readers.ts';
import { exportView } from './export-view.ts';
import { followJobs } from './follow-jobs.ts';
import { followRuns, type RunFeed } from './follow-runs.ts';
import { LineMerger } from './line-merger.ts';
import type { LiveView } from './live-view.ts';
import { inScope } from './log-sources.ts';
import { LogStore, type NewLine } from './log-store.ts';
import { LogViews, VIEW_IDLE_MS } from './log-views.ts';
import { linePiece, renderRows } from './render-row.ts';
import type { Scanner } from './scanner.ts';
import { SourceTable } from './source-table.ts';
import { Spill } from './spill.ts';
import type {
  LogOptions,
  LogRows,
  LogScope,
  LogSearch,
  LogSearchResult,
  LogSourceInfo,
  LogSourceState,
  LogStatus,
  LogView,
  ProjectLogs,
} from './types.ts';
import { hitOf } from './view-search.ts';
import { viewStatus } from './view-status.ts';

export interface ProjectLogsOptions {
  readonly projectId: string;
  /** What runs of the project, until the signal ends; `cluster` null while there is no connection. */
  readonly workloads: (
    signal: AbortSignal,
  ) => AsyncIterable<{ readonly cluster: Cluster | null; readonly snapshot: WorkloadsSnapshot }>;
  readonly activity: Pick<Activity<DeployEvent>, 'list' | 'follow' | 'onChange'>;
  /** Images of the project that are run by hand. */
  readonly runs: RunFeed;
  readonly scanner: Scanner;
  /** Where lines that memory has no room for are kept. */
  readonly spillFolder: string;
  readonly budgetBytes?: number;
  readonly options?: LogOptions;
}

const STATUS_MS = 100;
const HISTORY_MS = 2_000;
const SETTLE_MS = 1_500;
const FIRST_ROWS_MS = 150;

/** The logs of one project: read from the first watcher on, kept within a budget, shown in views. */
export function createProjectLogs(given: ProjectLogsOptions): ProjectLogs & { lastUsed(): number } {
  const closing = new AbortController();
  const spill = new Spill(given.spillFolder);
  const store = new LogStore({
    ...(given.budgetBytes !== undefined && { budgetBytes: given.budgetBytes }),
    onCut: table => spill.add(table),
  });
  const table = new SourceTable(store);
  const changes = new Set<() => void>();
  let options: LogOptions = given.options ?? { tail: 2_000, sinceSeconds: null, muted: [] };
  let disconnected: string | null = null;
  /** Why what runs by hand can't be listed; undefined before the first answer. */
  let unlisted: string | null | undefined;
  let started = false;
  let settled = false;
  let ready = false;
  let watchers = 0;
  let usedAt = Date.now();

  const changed = (): void => {
    for (const tell of changes) tell();
  };
  const views = new LogViews({ store, table, scanner: given.scanner, onChange: changed });
  const merger = new LineMerger(store, () => {
    views.touch();
    changed();
  });
  const onLine = (source: LogSourceInfo, line: NewLine): void => merger.push(table.put(source).index, line);
  const onState = (source: LogSourceInfo, state: LogSourceState, message: string | null): void => {
    Object.assign(table.put(source), { state, message });
    changed();
  };
  const readers = new ContainerReaders(
    {
      onSource(source, { restarts }) {
        table.put(source).restarts = restarts;
        changed();
      },
      onLine,
      onState,
      onReady() {
        if (!readers.ready || settled) return;
        settled = true;
        merger.hold(false);
        void tellReady();
      },
      drained: () => merger.drained(),
      settle: () => merger.settle(),
      signal: closing.signal,
    },
    options,
  );

  async function tellReady(): Promise<void> {
    await merger.settle();
    ready = true;
    changed();
  }

  function start(): void {
    if (started) return;
    started = true;
    given.scanner.warm();
    merger.hold(true);
    setTimeout(() => merger.hold(false), HISTORY_MS).unref();
    followJobs({
      activity: given.activity,
      projectId: given.projectId,
      signal: closing.signal,
      onLine,
      onState(source, state) {
        table.put(source).state = state;
        changed();
      },
    });
    followRuns({
      runs: given.runs,
      signal: closing.signal,
      onLine,
      drained: () => merger.drained(),
      onState,
      onListed(problem) {
        unlisted = problem;
        changed();
      },
      onGone: forgetSource,
    });
    void watchWorkloads().catch((error: unknown) => {
      disconnected = error instanceof Error ? error.message : String(error);
      merger.hold(false);
      changed();
    });
  }

  /** Once more after what was still on its way. */
  function forgetSource(source: LogSourceInfo): void {
    const known = table.put(source);
    known.gone = true;
    const clear = (): void => {
      store.clear(table.mask(({ key }) => key === source.key)());
      views.touch();
      changed();
    };
    clear();
    void merger.settle().then(clear);
  }

  async function watchWorkloads(): Promise<void> {
    for await (const { cluster, snapshot } of given.workloads(closing.signal)) {
      disconnected = snapshot.connected
        ? null
        : (snapshot.disconnectedReason ?? 'The cluster is not reached.');
      if (cluster) readers.update(cluster, snapshot);
      else merger.hold(false);
      changed();
    }
  }

  function viewOf(wanted: LogView, search: Pick<LogSearch, 'pattern' | 'levels'> | null = null): LiveView {
    if (closing.signal.aborted) throw new PtahError('cancelled', 'The logs of the project were closed.');
    usedAt = Date.now();
    askForPrevious(wanted.scope);
    return views.get(wanted, search);
  }

  function askForPrevious(scope: LogScope): void {
    if (scope.kind !== 'container' || !scope.previous) return;
    const source = table.find(info => inScope(info, { ...scope, previous: false }));
    const already = table.find(info => inScope(info, scope));
    if (source && !already) void readers.previous(source);
  }

  function statusOf(wanted: LogView): LogStatus {
    const view = viewOf(wanted);
    const sources = table.all().filter(({ info, gone }) => !gone && inScope(info, wanted.scope));
    return {
      at: new Date().toISOString(),
      ...viewStatus(view, sources, store),
      ...reached(wanted.scope),
    };
  }

  /** Builds and what runs by hand need no cluster. */
  function reached({ kind }: LogScope): Pick<LogStatus, 'disconnected' | 'ready'> {
    if (kind === 'run')
      return { disconnected: unlisted ?? null, ready: unlisted !== undefined && !merger.held };
    if (kind === 'build') return { disconnected: null, ready: !merger.held };
    return { disconnected, ready };
  }

  return {
    lastUsed: () => (watchers > 0 ? Date.now() : usedAt),

    async *watch(wanted, givenSignal) {
      const signal = AbortSignal.any([givenSignal, closing.signal]);
      start();
      watchers++;
      let wake: (() => void) | null = null;
      let dirty = true;
      const tell = (): void => {
        dirty = true;
        wake?.();
      };
      changes.add(tell);
      signal.addEventListener('abort', tell);
      let told = '';
      try {
        while (!signal.aborted) {
          if (!dirty)
            await new Promise<void>(resolve => {
              // an idle view must not be forgotten while it is watched
              const idle = setTimeout(resolve, VIEW_IDLE_MS / 3);
              wake = () => {
                clearTimeout(idle);
                resolve();
              };
            });
          wake = null;
          dirty = false;
          if (signal.aborted) return;
          const { at, ...status } = statusOf(wanted);
          const text = JSON.stringify(status);
          if (text !== told) yield { at, ...status };
          told = text;
          await pause(STATUS_MS, signal);
        }
      } finally {
        watchers--;
        usedAt = Date.now();
        changes.delete(tell);
        signal.removeEventListener('abort', tell);
      }
    },

    async lines({ view: wanted, from, count }): Promise<LogRows> {
      const view = viewOf(wanted);
      await view.begun(FIRST_ROWS_MS);
      view.trim();
      const at = typeof from === 'number' ? from : view.rows.rowOf(from.seq) - Math.floor(count / 2);
      return {
        generation: view.generation,
        first: view.rows.first,
        end: view.rows.end,
        rows: renderRows(view.rows, at, count, { store, table }),
      };
    },

    line({ seq, offset }) {
      const found = store.find(seq);
      if (!found)
        throw new PtahError('not-found', 'The line is no longer kept.', {
          hint: 'Memory for logs is full, or it was cleared. An export still has lines that memory had no room for.',
        });
      return linePiece(found.table, found.index, offset);
    },

    async search({ view: wanted, pattern, levels, from, direction }): Promise<LogSearchResult> {
      const base = viewOf(wanted);
      const hits = viewOf(wanted, { pattern, levels });
      await Promise.all([base.settled(SETTLE_MS), hits.settled(SETTLE_MS)]);
      base.trim();
      hits.trim();
      return hitOf(base, hits, { from, direction });
    },

    clear(scope) {
      store.clear(table.mask(source => inScope(source, scope))());
      views.touch();
      changed();
    },

    options: () => options,

    setOptions(wanted) {
      const again = wanted.tail !== options.tail || wanted.sinceSeconds !== options.sinceSeconds;
      options = wanted;
      if (again) {
        store.clear(table.mask(source => source.kind === 'container' || source.kind === 'previous')());
        views.touch();
      }
      readers.configure(wanted);
      changed();
      return options;
    },

    async *export(query, signal) {
      await merger.settle();
      viewOf(query.view);
      const both = AbortSignal.any([signal, closing.signal]);
      yield* exportView({ store, spill, table, views, scanner: given.scanner }, query, both);
    },

    async close() {
      closing.abort();
      readers.close();
      merger.close();
      views.close();
      await spill.close();
    },
  };
}
