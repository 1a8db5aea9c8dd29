import { memo, type ReactNode } from 'react';
import { segmentsOf, type Segment } from '../../components/ansi-segments.ts';
import type { Range } from './highlight.ts';

export interface Marks {
  /** Of the search box. */
  readonly search: ((text: string) => readonly Range[]) | null;
  /** Of the filter box. */
  readonly filter: ((text: string) => readonly Range[]) | null;
}

interface Mark extends Range {
  readonly name: 'hit' | 'cur' | 'kept';
}

/** The text of a line: colours, marks, and no more of it than a person can see. Text nodes only. */
export const LogText = memo(function LogText({
  text,
  marks,
  isHit,
  most,
}: {
  text: string;
  marks: Marks;
  /** The search is at this line. */
  isHit: boolean;
  /** So many characters are drawn. */
  most: number;
}) {
  const segments = segmentsOf(text);
  const plain = segments.length === 1 ? (segments[0]?.text ?? '') : segments.map(part => part.text).join('');
  const hits = marks.search?.(plain) ?? [];
  const found: Mark[] = [
    ...(marks.filter?.(plain) ?? []).map(range => ({ ...range, name: 'kept' as const })),
    ...hits.map((range, at) => ({ ...range, name: isHit && at === 0 ? ('cur' as const) : ('hit' as const) })),
  ];
  // a hit far to the right is brought into what is drawn
  const hitAt = isHit ? (hits[0]?.from ?? 0) : 0;
  const from = hitAt > most - 80 ? hitAt - 40 : 0;
  const to = Math.min(plain.length, from + most);
  return (
    <>
      {from > 0 && '…'}
      {segments.length === 1 && found.length === 0 && from === 0
        ? painted(segments[0], plain.slice(0, to), 0)
        : pieces(segments, found, from, to)}
      {to < plain.length && '…'}
    </>
  );
});

function pieces(segments: readonly Segment[], marks: readonly Mark[], from: number, to: number): ReactNode[] {
  const borders = [...new Set(marks.flatMap(mark => [mark.from, mark.to]))].toSorted((a, b) => a - b);
  const made: ReactNode[] = [];
  let at = 0;
  for (const segment of segments) {
    const ends = at + segment.text.length;
    let start = Math.max(at, from);
    const stop = Math.min(ends, to);
    for (const border of [...borders.filter(one => one > start && one < stop), stop]) {
      if (border <= start) continue;
      const text = segment.text.slice(start - at, border - at);
      const begins = start;
      const mark = marks.findLast(one => one.from <= begins && one.to > begins);
      const inner = painted(segment, text, start);
      made.push(
        mark === undefined ? (
          inner
        ) : (
          <mark key={`m${start}`} className={mark.name}>
            {inner}
          </mark>
        ),
      );
      start = border;
    }
    at = ends;
  }
  return made;
}

const painted = (segment: Segment | undefined, text: string, key: number): ReactNode =>
  segment === undefined || segment.style === null ? (
    text
  ) : (
    <span key={key} style={segment.style}>
      {text}
    </span>
  );
