import { levelNames } from './levels.ts';
import { JSON_LINE, ODD_LINE, type LineTable } from './line-table.ts';
import type { LogStore } from './log-store.ts';
import type { RowList } from './row-list.ts';
import type { SourceTable } from './source-table.ts';
import { formatMoment } from './timestamp.ts';
import type { LogLine, LogRow } from './types.ts';
import { lastState } from './visible-text.ts';

const SHOWN_BYTES = 8 * 1024;
const LINE_PIECE_BYTES = 256 * 1024;

/** A line as a row of a view shows it: not more of it than a person reads at a glance. */
export function renderRow(
  table: LineTable,
  index: number,
  { row, source, match }: { readonly row: number; readonly source: string; readonly match: boolean },
): LogRow {
  const start = table.start(index);
  const end = table.end(index);
  const flags = table.flags[index] ?? 0;
  const cut = end - start > SHOWN_BYTES;
  const text = table.text.toString('utf8', start, cut ? characterEnd(table.text, start + SHOWN_BYTES) : end);
  return {
    row,
    seq: table.seqs[index] ?? 0,
    source,
    at: formatMoment(table.seconds[index] ?? 0, table.nanos[index] ?? 0),
    level: levelNames[table.levels[index] ?? 0] ?? 'none',
    text: (flags & ODD_LINE) !== 0 ? lastState(text) : text,
    length: end - start,
    cut,
    json: (flags & JSON_LINE) !== 0,
    match,
  };
}

/** The rows of a view from one on; fewer where it has no more. */
export function renderRows(
  list: RowList,
  from: number,
  count: number,
  { store, table }: { readonly store: LogStore; readonly table: SourceTable },
): LogRow[] {
  const rows: LogRow[] = [];
  const end = Math.min(list.end, from + count);
  for (let row = Math.max(from, list.first); row < end; row++) {
    const found = store.find(list.seq(row));
    if (!found) continue;
    const source = table.key(found.table.sources[found.index] ?? 0);
    rows.push(renderRow(found.table, found.index, { row, source, match: !list.isContext(row) }));
  }
  return rows;
}

/** A piece of a whole line. */
export function linePiece(table: LineTable, index: number, offset: number): LogLine {
  const start = table.start(index);
  const end = table.end(index);
  const from = Math.min(end, start + offset);
  const to = from + LINE_PIECE_BYTES >= end ? end : characterEnd(table.text, from + LINE_PIECE_BYTES);
  return {
    text: table.text.toString('utf8', from, to),
    length: end - start,
    next: to === end ? null : to - start,
  };
}

/** The border between characters at or before `at`. */
function characterEnd(text: Buffer, at: number): number {
  let end = at;
  while (end > 0 && ((text[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}
