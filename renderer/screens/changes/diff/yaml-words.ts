import type { Span } from './rows.ts';

export interface Word {
  readonly text: string;
  /** Class of the syntax: key, value, number, comment. */
  readonly syntax: 'k' | 'v' | 'n' | 'c' | null;
  readonly changed: boolean;
}

type Piece = { readonly start: number; readonly end: number; readonly syntax: Word['syntax'] };

/** Colours of one line. A line is all that is looked at: a diff has no whole document. */
function pieces(line: string): readonly Piece[] {
  const comment = /^\s*#/.exec(line);
  if (comment !== null) return [{ start: 0, end: line.length, syntax: 'c' }];
  const match = /^(\s*(?:- )*)(["']?[\w./-]+["']?)(:(?:\s+|$))(.*)$/.exec(line);
  if (match === null) {
    const item = /^(\s*(?:- )+)(.*)$/.exec(line);
    const lead = item?.[1]?.length ?? 0;
    return item === null ? [] : [{ start: lead, end: line.length, syntax: valueOf(line.slice(lead)) }];
  }
  const [, indent = '', key = '', colon = '', value = ''] = match;
  const from = indent.length;
  const to = from + key.length;
  const rest = to + colon.length;
  return [
    { start: from, end: to, syntax: 'k' },
    ...(value === '' ? [] : [{ start: rest, end: line.length, syntax: valueOf(value) }]),
  ];
}

const valueOf = (value: string): Word['syntax'] =>
  /^-?[\d.]+$/.test(value.trim()) || /^(true|false|null)$/.test(value.trim()) ? 'n' : 'v';

/** Cuts a line where its colour or its mark changes. */
export function wordsOf(line: string, changed: Span | null): readonly Word[] {
  const found = pieces(line);
  const cuts = new Set([0, line.length]);
  for (const piece of found) cuts.add(piece.start).add(piece.end);
  if (changed !== null) cuts.add(changed.start).add(changed.end);
  const edges = [...cuts].filter(cut => cut <= line.length).sort((a, b) => a - b);
  return edges.slice(0, -1).map((start, index) => {
    const end = edges[index + 1] ?? line.length;
    return {
      text: line.slice(start, end),
      syntax: found.find(piece => piece.start <= start && end <= piece.end)?.syntax ?? null,
      changed: changed !== null && changed.start <= start && end <= changed.end && end > start,
    };
  });
}
