import type { LiveView } from './live-view.ts';
import { levelNames } from './levels.ts';
import type { LogStore } from './log-store.ts';
import type { KnownSource } from './source-table.ts';
import { formatMoment } from './timestamp.ts';
import type { LogLevel, LogStatus } from './types.ts';

/** What a view and its sources have at this moment. */
export function viewStatus(
  view: LiveView,
  sources: readonly KnownSource[],
  store: LogStore,
): Omit<LogStatus, 'at' | 'disconnected' | 'ready'> {
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
    oldest: oldestOf(sources, store),
    levels,
    sources: shown,
  };
}

function oldestOf(sources: readonly KnownSource[], store: LogStore): string | null {
  const [oldest] = sources
    .flatMap(({ index }) => [store.oldest(index) ?? []])
    .filter(moment => moment.length > 0)
    .toSorted(([a = 0, an = 0], [b = 0, bn = 0]) => a - b || an - bn);
  return oldest ? formatMoment(oldest[0] ?? 0, oldest[1] ?? 0) : null;
}
