import { setImmediate as turn } from 'node:timers/promises';
import type { LineTable } from './line-table.ts';
import { formatMoment } from './timestamp.ts';
import type { LogPiece } from './types.ts';

export interface ExportFormat {
  readonly timestamps: boolean;
  /** The label of a source; null for none. */
  readonly label: ((source: number) => string) | null;
}

const PIECE_CHARACTERS = 64 * 1024;

/** The lines `seqs` of a table as text, in pieces that a window can take. */
export async function* exportLines(
  table: LineTable,
  seqs: Iterable<number>,
  { timestamps, label }: ExportFormat,
): AsyncGenerator<LogPiece> {
  let text = '';
  let lines = 0;
  for (const seq of seqs) {
    const index = table.indexOf(seq);
    if (table.seqs[index] !== seq || index >= table.count) continue;
    if (timestamps) text += `${formatMoment(table.seconds[index] ?? 0, table.nanos[index] ?? 0)} `;
    if (label) text += `${label(table.sources[index] ?? 0)} | `;
    text += `${table.text.toString('utf8', table.start(index), table.end(index))}\n`;
    lines++;
    if (text.length < PIECE_CHARACTERS) continue;
    // a line of a megabyte is more than one message should hold
    for (let at = 0; at < text.length; at += PIECE_CHARACTERS)
      yield { text: text.slice(at, at + PIECE_CHARACTERS), lines: at === 0 ? lines : 0 };
    text = '';
    lines = 0;
    await turn();
  }
  if (lines > 0) yield { text, lines };
}
