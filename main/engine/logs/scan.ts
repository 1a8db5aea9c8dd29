import { LineTable, ODD_LINE, WIDE_LINE, type TableData } from './line-table.ts';
import type { LogPattern } from './types.ts';
import { visibleText } from './visible-text.ts';

/** What lines have to be: of one of these sources, of one of these levels, and with every pattern as it says. */
export interface ScanQuery {
  /** 1 at the index of each source that counts; shorter means that the later ones do not. Null: all. */
  readonly sources: Uint8Array | null;
  /** Bit n for level n. */
  readonly levels: number;
  readonly patterns: readonly (LogPattern & { readonly invert: boolean })[];
}

export interface ScanRequest {
  readonly table: TableData;
  readonly from: number;
  readonly to: number;
  readonly query: ScanQuery;
}

export const ALL_LEVELS = 0b11111;

/** Throws a SyntaxError for a pattern that is none. */
export function compile({ text, regex, matchCase }: LogPattern): RegExp {
  return new RegExp(regex ? text : text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'), matchCase ? '' : 'i');
}

/** Sequence numbers of the lines `from` to `to - 1` of a table that fit the query. */
export function scan({ table: data, from, to, query }: ScanRequest): Uint32Array {
  const table = new LineTable(data, to);
  const { sources, levels } = query;
  const fits = new Uint8Array(to - from);
  for (let index = from; index < to; index++) {
    const source = table.sources[index] ?? 0;
    if (sources !== null && sources[source] !== 1) continue;
    if ((levels >>> (table.levels[index] ?? 0)) & 1) fits[index - from] = 1;
  }
  for (const pattern of query.patterns) match(table, from, to, pattern, fits);
  // of a rare text there is nothing in most tables
  if (!fits.includes(1)) return new Uint32Array();
  let count = 0;
  for (let index = 0; index < fits.length; index++) count += fits[index] ?? 0;
  const found = new Uint32Array(count);
  let at = 0;
  for (let index = from; index < to; index++)
    if (fits[index - from] === 1) found[at++] = table.seqs[index] ?? 0;
  return found;
}

/** Leaves a 1 only where the pattern fits, too. */
function match(
  table: LineTable,
  from: number,
  to: number,
  pattern: ScanQuery['patterns'][number],
  fits: Uint8Array,
): void {
  const wanted = pattern.invert ? 0 : 1;
  const expression = compile(pattern);
  const flags = anyFlags(table, from, to);
  const literal =
    !pattern.regex && isAscii(pattern.text) && pattern.text !== '' && !pattern.text.includes('\n');
  const hits = literal ? literalHits(table, from, to, pattern) : null;
  if (hits !== null && (flags & ODD_LINE) === 0 && !hits.includes(1)) {
    if (!pattern.invert) fits.fill(0);
    return;
  }
  // one decoding of everything is far cheaper than one for each line
  const start = table.start(from);
  const whole =
    hits === null && (flags & WIDE_LINE) === 0 ? table.text.toString('latin1', start, table.start(to)) : null;
  for (let index = from; index < to; index++) {
    if (fits[index - from] === 0) continue;
    const odd = ((table.flags[index] ?? 0) & ODD_LINE) !== 0;
    let hit: number;
    if (hits !== null && !odd) hit = hits[index - from] ?? 0;
    else {
      const text =
        whole === null
          ? table.text.toString('utf8', table.start(index), table.end(index))
          : whole.slice(table.start(index) - start, table.end(index) - start);
      hit = expression.test(odd ? visibleText(text) : text) ? 1 : 0;
    }
    if (hit !== wanted) fits[index - from] = 0;
  }
}

/** Which lines hold the text, found in all of them at once. Codes inside a line are not seen through. */
function literalHits(table: LineTable, from: number, to: number, pattern: LogPattern): Uint8Array {
  const hits = new Uint8Array(to - from);
  const start = table.start(from);
  const end = table.start(to);
  let index = from;
  /** Notes the hit and says where to look on: behind its line. */
  const note = (at: number): number => {
    while (table.start(index + 1) <= at) index++;
    hits[index - from] = 1;
    return table.start(index + 1);
  };
  // digits and signs have no other case, and bytes are found far faster than by an expression
  if (pattern.matchCase || !/[a-z]/i.test(pattern.text)) {
    const text = table.text.subarray(start, end);
    const needle = Buffer.from(pattern.text);
    for (let at = text.indexOf(needle); at !== -1;) {
      const next = note(start + at) - start;
      at = next >= text.length ? -1 : text.indexOf(needle, next);
    }
    return hits;
  }
  // bytes read as Latin-1: without the u flag no character beyond ASCII is ever equal to one within it
  const text = table.text.toString('latin1', start, end);
  const expression = new RegExp(compile(pattern).source, 'gi');
  for (let found = expression.exec(text); found !== null; found = expression.exec(text))
    expression.lastIndex = note(start + found.index) - start;
  return hits;
}

function anyFlags(table: LineTable, from: number, to: number): number {
  let flags = 0;
  for (let index = from; index < to; index++) flags |= table.flags[index] ?? 0;
  return flags;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) return false;
  return true;
}
