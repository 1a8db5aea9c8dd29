import type { Activity } from '../activity/index.ts';
import { pause } from '../cluster/index.ts';
import type { Cluster } from '../cluster/index.ts';
import type { DeployEvent } from '../deploy/index.ts';
import { PtahError } from '../errors/index.ts';
import type { WorkloadsSnapshot } from '../workloads/index.ts';
import { ContainerReaders } from './container-readers.ts';
import { exportLines } from './export-text.ts';
import { followJobs } from './follow-jobs.ts';
import { followRuns, type RunFeed } from './follow-runs.ts';
import { LineMerger } from './line-merger.ts';
import { LiveView } from './live-view.ts';
import { inScope, isHidden } from './log-sources.ts';
import { LogStore } from './log-store.ts';
import { levelNames } from './levels.ts';
import { linePiece, renderRow } from './render-row.ts';
import { ALL_LEVELS, scan } from './scan.ts';
import type { Scanner } from './scanner.ts';
import { SourceTable } from './source-table.ts';
import { Spill } from './spill.ts';
import { formatMoment } from './timestamp.ts';
import type {
  LogExport,
  LogLevel,
  LogOptions,
  LogPiece,
  LogRow,
  LogRows,
  LogScope,
  LogSearch,
  LogSearchResult,
  LogSourceInfo,
  LogStatus,
  LogView,
  ProjectLogs,
} from './types.ts';

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
/** Views that nobody asked for so long are forgotten. */
const VIEW_IDLE_MS = 60_000;

/** The logs of one project: read from the first watcher on, kept within a budget, shown in views. */
export function createProjectLogs(given: ProjectLogsOptions): ProjectLogs & { lastUsed(): number } {
  const closing = new AbortController();
  const spill = new Spill(given.spillFolder);
  const store = new LogStore({
    ...(given.budgetBytes !== undefined && { budgetBytes: given.budgetBytes }),
    onCut: table => spill.add(table),
  });
  const table = new SourceTable(store);
  const views = new Map<string, { readonly view: LiveView; usedAt: number }>();
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
  const merger = new LineMerger(store, () => {
    for (const { view } of views.values()) view.touch();
    changed();
  });
  const readers = new ContainerReaders(
    {
      onSource(source, { restarts }) {
        table.put(source).restarts = restarts;
        changed();
      },
      onLine: (source, line) => merger.push(table.put(source).index, line),
      onState(source, state, message) {
        Object.assign(table.put(source), { state, message });
        changed();
      },
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
      onLine: (source, line) => merger.push(table.put(source).index, line),
      onState(source, state) {
        table.put(source).state = state;
        changed();
      },
    });
    followRuns({
      runs: given.runs,
      signal: closing.signal,
      onLine: (source, line) => merger.push(table.put(source).index, line),
      drained: () => merger.drained(),
      onState(source, state, message) {
        Object.assign(table.put(source), { state, message });
        changed();
      },
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
      for (const { view } of views.values()) view.touch();
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

  const forget = (): void => {
    const now = Date.now();
    for (const [key, entry] of views) {
      if (now - entry.usedAt < VIEW_IDLE_MS) continue;
      entry.view.close();
      views.delete(key);
    }
  };
  const timer = setInterval(forget, VIEW_IDLE_MS / 4).unref();

  function levelMask(levels: readonly LogLevel[] | null): number {
    return levels === null
      ? ALL_LEVELS
      : levels.reduce((mask, level) => mask | (1 << levelNames.indexOf(level)), 0);
  }

  function viewOf(wanted: LogView, search: Pick<LogSearch, 'pattern' | 'levels'> | null = null): LiveView {
    if (closing.signal.aborted) throw new PtahError('cancelled', 'The logs of the project were closed.');
    usedAt = Date.now();
    const key = JSON.stringify([
      wanted.scope,
      wanted.hidden,
      wanted.levels,
      wanted.filter,
      search && [search.pattern, search.levels],
    ]);
    const known = views.get(key);
    if (known) {
      known.usedAt = usedAt;
      return known.view;
    }
    askForPrevious(wanted.scope);
    const { scope, hidden, levels, filter } = wanted;
    const patterns = [
      ...(filter && filter.text !== '' ? [filter] : []),
      ...(search?.pattern && search.pattern.text !== '' ? [{ ...search.pattern, invert: false }] : []),
    ].map(({ text, regex, matchCase, invert }) => ({ text, regex, matchCase, invert }));
    const view = new LiveView({
      store,
      scanner: given.scanner,
      sources: table.mask(source => inScope(source, scope) && !isHidden(source, hidden)),
      levels: levelMask(levels) & levelMask(search?.levels ?? null),
      patterns,
      context: search ? 0 : patterns.length > 0 ? (filter?.context ?? 0) : 0,
      onChange: changed,
    });
    views.set(key, { view, usedAt });
    return view;
  }

  function askForPrevious(scope: LogScope): void {
    if (scope.kind !== 'container' || !scope.previous) return;
    const source = table.find(info => inScope(info, { ...scope, previous: false }));
    const already = table.find(info => inScope(info, scope));
    if (source && !already) void readers.previous(source);
  }

  function statusOf(wanted: LogView): LogStatus {
    askForPrevious(wanted.scope);
    const view = viewOf(wanted);
    const sources = table.all().filter(({ info, gone }) => !gone && inScope(info, wanted.scope));
    const levels: Record<LogLevel, number> = { error: 0, warn: 0, info: 0, debug: 0, none: 0 };
    let [lines, bytes, dropped] = [0, 0, 0];
    const shown = sources.map(source => {
      const counts = store.counts(source.index);
      lines += counts.lines;
      bytes += counts.bytes;
      dropped += counts.dropped;
      levelNames.forEach((name, level) => (levels[name] += counts.levels[level] ?? 0));
      const { state, message, restarts } = source;
      return {
        ...source.info,
        state,
        message,
        restarts,
        lines: counts.lines,
        bytes: counts.bytes,
        dropped: counts.dropped,
      };
    });
    return {
      at: new Date().toISOString(),
      generation: view.generation,
      first: view.rows.first,
      end: view.rows.end,
      complete: view.complete,
      progress: view.progress,
      problem: view.problem,
      matches: view.matches,
      lines,
      bytes,
      dropped,
      oldest: oldestOf(sources.map(({ index }) => index)),
      levels,
      sources: shown,
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

  function oldestOf(sources: readonly number[]): string | null {
    const [oldest] = sources
      .flatMap(source => [store.oldest(source) ?? []])
      .filter(moment => moment.length > 0)
      .toSorted(([a = 0, an = 0], [b = 0, bn = 0]) => a - b || an - bn);
    return oldest ? formatMoment(oldest[0] ?? 0, oldest[1] ?? 0) : null;
  }

  function rowsOf(view: LiveView, from: number, count: number): LogRow[] {
    const rows: LogRow[] = [];
    const end = Math.min(view.rows.end, from + count);
    for (let row = Math.max(from, view.rows.first); row < end; row++) {
      const found = store.find(view.rows.seq(row));
      if (!found) continue;
      const source = table.key(found.table.sources[found.index] ?? 0);
      rows.push(renderRow(found.table, found.index, { row, source, match: !view.rows.isContext(row) }));
    }
    return rows;
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
        rows: rowsOf(view, at, count),
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
      const { rows } = hits;
      const answer = {
        total: rows.length,
        generation: base.generation,
        problem: hits.problem ?? base.problem,
      };
      if (rows.length === 0) return { hit: null, ...answer };
      const { first, end } = rows;
      let at: number;
      if (direction === 'next') {
        at = from === null ? first : rows.rowOf(from + 1);
        if (at >= end) at = first;
      } else {
        at = from === null ? end - 1 : rows.rowOf(from) - 1;
        if (at < first) at = end - 1;
      }
      const seq = rows.seq(at);
      return { hit: { row: base.rows.rowOf(seq), seq, index: at - first + 1 }, ...answer };
    },

    clear(scope) {
      store.clear(table.mask(source => inScope(source, scope))());
      for (const { view } of views.values()) view.touch();
      changed();
    },

    options: () => options,

    setOptions(wanted) {
      const again = wanted.tail !== options.tail || wanted.sinceSeconds !== options.sinceSeconds;
      options = wanted;
      if (again) {
        store.clear(table.mask(source => source.kind === 'container' || source.kind === 'previous')());
        for (const { view } of views.values()) view.touch();
      }
      readers.configure(wanted);
      changed();
      return options;
    },

    export: (query, signal) => exportView(query, AbortSignal.any([signal, closing.signal])),

    async close() {
      clearInterval(timer);
      closing.abort();
      readers.close();
      merger.close();
      for (const { view } of views.values()) view.close();
      views.clear();
      await spill.close();
    },
  };

  async function* exportView(
    { view: wanted, timestamps, names }: LogExport,
    signal: AbortSignal,
  ): AsyncGenerator<LogPiece> {
    await merger.settle();
    const view = viewOf(wanted);
    while (!view.complete && view.problem === null && !signal.aborted) await view.settled(SETTLE_MS);
    if (view.problem) throw new PtahError(view.problem.code, view.problem.message);
    await view.settled(SETTLE_MS);
    view.trim();
    // tables never change, but for new lines at the end of the last: this is the picture of now
    const tables = [...store.tables];
    const seqs = Array.from({ length: view.rows.length }, (_, index) =>
      view.rows.seq(view.rows.first + index),
    );
    const format = { timestamps, label: names ? (source: number) => table.label(source) : null };
    const { scope, hidden, levels, filter } = wanted;
    const query = {
      sources: table.mask(source => inScope(source, scope) && !isHidden(source, hidden))(),
      levels: levelMask(levels),
      patterns: filter && filter.text !== '' ? [filter] : [],
    };
    const firstKept = new Set(seqs);
    for await (const cut of spill.tables()) {
      if (signal.aborted) return;
      const request = { table: cut.data, from: 0, to: cut.count, query };
      const found = query.patterns.length === 0 ? scan(request) : await given.scanner.scan(request);
      yield* exportLines(
        cut,
        found.filter(seq => !firstKept.has(seq)),
        format,
      );
    }
    let at = 0;
    for (const lines of tables) {
      if (signal.aborted) return;
      const from = at;
      while (at < seqs.length && (seqs[at] ?? 0) <= lines.lastSeq) at++;
      yield* exportLines(lines, seqs.slice(from, at), format);
    }
  }
}
