import { useVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { useMemo, useRef, useState } from 'react';
import { Icon } from '../../../components/icon.tsx';
import { count } from '../../../text/words.ts';
import { folded, type DiffRow, type Side } from './rows.ts';
import type { Rewrite } from './rewrites.ts';
import { wordsOf } from './yaml-words.ts';

const heights: Record<DiffRow['kind'], number> = { same: 20, change: 20, note: 26, fold: 22 };

/** Two texts, line by line: the sign, the number and the text of both sides, or one under the other. */
export function DiffView({
  rows,
  mode,
  renderNote,
  label,
}: {
  rows: readonly DiffRow[];
  mode: 'side' | 'inline';
  renderNote: (rewrite: Rewrite) => React.ReactNode;
  label: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set<number>());
  const shown = useMemo(() => {
    const some = folded(rows, open);
    return mode === 'inline' ? some.flatMap(unpaired) : some;
  }, [rows, open, mode]);
  // Nothing of it is passed on; it is read in this render only.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: index => heights[shown[index]?.kind ?? 'same'],
    overscan: 30,
    initialRect: { width: 900, height: 600 },
  });
  return (
    // A block that scrolls has to be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section ref={box} className="diff-scroll" tabIndex={0} aria-label={label}>
      <div className="diff" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(item => {
          const row = shown[item.index];
          if (row === undefined) return null;
          return (
            <div key={item.key} className="at" style={{ transform: `translateY(${item.start}px)` }}>
              {row.kind === 'fold' ? (
                <button type="button" className="fold" onClick={() => setOpen(new Set([...open, row.id]))}>
                  <Icon name="chevron-right" className="twist" />
                  {count(row.rows.length, 'unchanged line')} <span className="t3">{row.keys.join(', ')}</span>
                </button>
              ) : row.kind === 'note' ? (
                <div className="note">
                  <Icon name="arrow-right" />
                  <span className="cut">{renderNote(row.rewrite)}</span>
                </div>
              ) : mode === 'side' ? (
                <SideBySide row={row} />
              ) : (
                <Inline row={row} />
              )}
            </div>
          );
        })}
      </div>
    </section>
  );
}

type LineRow = Extract<DiffRow, { kind: 'same' | 'change' }>;

/** Inline, a pair is two rows. */
function unpaired(row: DiffRow): readonly DiffRow[] {
  if (row.kind !== 'change' || row.before === null || row.after === null) return [row];
  return [
    { ...row, after: null },
    { ...row, before: null },
  ];
}

const signs = { del: '−', add: '+', rw: '~' } as const;
const words = { del: 'removed: ', add: 'added: ', rw: 'rewritten: ' } as const;

function SideBySide({ row }: { row: LineRow }) {
  const isRewrite = row.kind === 'change' && row.rewrite !== null;
  const left = row.kind === 'same' ? null : isRewrite ? 'rw' : 'del';
  const right = row.kind === 'same' ? null : isRewrite ? 'rw' : 'add';
  return (
    <div className="dl">
      <Half side={row.before} tone={left} />
      <Half side={row.after} tone={right} />
    </div>
  );
}

function Half({ side, tone }: { side: Side | null; tone: keyof typeof signs | null }) {
  if (side === null) {
    return (
      <>
        <i className="sg void" />
        <i className="no void" />
        <span className="tx void" />
      </>
    );
  }
  return (
    <>
      <i className={clsx('sg', tone)} aria-hidden="true">
        {tone === null ? '' : signs[tone]}
      </i>
      <i className={clsx('no', tone)}>{side.number}</i>
      <Text side={side} tone={tone} />
    </>
  );
}

function Inline({ row }: { row: LineRow }) {
  const side = row.after ?? row.before;
  if (side === null) return null;
  const isRewrite = row.kind === 'change' && row.rewrite !== null;
  const tone = row.kind === 'same' ? null : isRewrite ? 'rw' : row.after === null ? 'del' : 'add';
  return (
    <div className="dl inline">
      <i className={clsx('sg', tone)} aria-hidden="true">
        {tone === null ? '' : isRewrite && row.after === null ? '−' : signs[tone]}
      </i>
      <i className={clsx('no', tone)}>{row.before?.number ?? ''}</i>
      <i className={clsx('no', tone)}>{row.after?.number ?? ''}</i>
      <Text side={side} tone={tone} />
    </div>
  );
}

function Text({ side, tone }: { side: Side; tone: keyof typeof signs | null }) {
  return (
    <span className={clsx('tx', tone)} title={side.text.length > 50 ? side.text.trim() : undefined}>
      {tone !== null && <span className="sr">{words[tone]}</span>}
      {wordsOf(side.text, side.changed).map((word, index) => {
        const text = word.syntax === null ? word.text : <span className={word.syntax}>{word.text}</span>;
        // Words of a line have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        return word.changed ? <u key={index}>{text}</u> : <span key={index}>{text}</span>;
      })}
    </span>
  );
}
