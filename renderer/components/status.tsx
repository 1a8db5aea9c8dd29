import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { Shape, type Tone } from './icon.tsx';

/** Shape, word and colour. `fill` is for heads only. */
export function Status({
  tone,
  children,
  fill = false,
  bold = false,
}: {
  tone: Tone;
  children: ReactNode;
  fill?: boolean;
  bold?: boolean;
}) {
  const colour = tone === 'done' ? 'ok' : tone;
  return (
    <span className={clsx('st', `st-${colour}`, fill && 'fill', bold && 'b')}>
      <Shape tone={tone} />
      {children}
    </span>
  );
}

export type SquareState = 'ok' | 'working' | 'warn' | 'bad' | 'none';
const squareWord: Record<SquareState, string> = {
  ok: 'ready',
  working: 'starting',
  warn: 'ending',
  bad: 'failed',
  none: 'none',
};

/** One square per container or node, read out as words. */
export function Squares({ states, label }: { states: readonly SquareState[]; label?: string }) {
  if (states.length === 0) return null;
  const words = states.map(state => squareWord[state]).join(', ');
  return (
    <span className="sq" role="img" aria-label={label ?? words}>
      {states.map((state, index) => (
        // Squares have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <i key={index} className={state} />
      ))}
    </span>
  );
}

export function Tag({
  children,
  fresh = false,
  title,
}: {
  children: ReactNode;
  fresh?: boolean;
  title?: string;
}) {
  return (
    <span className={clsx('tag', fresh && 'new')} title={title}>
      {children}
    </span>
  );
}

export type ObjectMark = 'new' | 'changed' | 'same' | 'orphan' | 'blocked';
const marks: Record<ObjectMark, { sign: string; className: string; word: string }> = {
  new: { sign: '+', className: 'new', word: 'new' },
  changed: { sign: '~', className: 'chg', word: 'changed' },
  same: { sign: '=', className: 'same', word: 'same' },
  orphan: { sign: '−', className: 'orph', word: 'orphan' },
  blocked: { sign: '!', className: 'bad', word: 'blocked' },
};

export function Mark({ mark }: { mark: ObjectMark }) {
  const { sign, className, word } = marks[mark];
  return (
    <span className={clsx('mk', className)}>
      <span aria-hidden="true">{sign}</span>
      <span className="sr">{word}</span>
    </span>
  );
}
