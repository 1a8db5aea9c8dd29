import { PtahError } from '../errors/index.ts';
import { exportLines } from './export-text.ts';
import type { LogStore } from './log-store.ts';
import type { LogViews } from './log-views.ts';
import { scan } from './scan.ts';
import type { Scanner } from './scanner.ts';
import type { SourceTable } from './source-table.ts';
import type { Spill } from './spill.ts';
import type { LogExport, LogPiece } from './types.ts';

export interface ExportViewOptions {
  readonly store: LogStore;
  readonly spill: Spill;
  readonly table: SourceTable;
  readonly views: LogViews;
  readonly scanner: Scanner;
}

const SETTLE_MS = 1_500;

/** Every line of a view as it is now, also those that memory had no room for. */
export async function* exportView(
  { store, spill, table, views, scanner }: ExportViewOptions,
  { view: wanted, timestamps, names }: LogExport,
  signal: AbortSignal,
): AsyncGenerator<LogPiece> {
  const view = views.get(wanted);
  while (!view.complete && view.problem === null && !signal.aborted) await view.settled(SETTLE_MS);
  if (view.problem) throw new PtahError(view.problem.code, view.problem.message);
  await view.settled(SETTLE_MS);
  view.trim();
  // tables never change, but for new lines at the end of the last: this is the picture of now
  const tables = [...store.tables];
  const seqs = Array.from({ length: view.rows.length }, (_, index) => view.rows.seq(view.rows.first + index));
  const format = { timestamps, label: names ? (source: number) => table.label(source) : null };
  const query = views.query(wanted);
  const firstKept = new Set(seqs);
  for await (const cut of spill.tables()) {
    if (signal.aborted) return;
    const request = { table: cut.data, from: 0, to: cut.count, query };
    const found = query.patterns.length === 0 ? scan(request) : await scanner.scan(request);
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
