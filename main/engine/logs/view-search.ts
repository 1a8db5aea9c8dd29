import type { LiveView } from './live-view.ts';
import type { LogSearch, LogSearchResult } from './types.ts';

/** The next or previous of the lines that a search found, as a row of the view that was searched; round its ends. */
export function hitOf(
  base: LiveView,
  hits: LiveView,
  { from, direction }: Pick<LogSearch, 'from' | 'direction'>,
): LogSearchResult {
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
}
