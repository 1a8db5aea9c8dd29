import { clsx } from 'clsx';
import { memo } from 'react';
import type { LogRow as Row } from '../../../preload/contract/logs.ts';
import { Icon } from '../../components/icon.tsx';
import { LogText, type Marks } from './log-text.tsx';
import { WholeLine } from './whole-line.tsx';
import { shownTime, type TimeMode } from './times.ts';

/** Wrapped lines beyond it are opened to be read. */
const mostWrapped = 2_000;
const mostPlain = 600;

/** One line. `undefined`: not read yet; `null`: its line is no longer kept. */
export const LogRow = memo(function LogRow({
  projectId,
  number,
  row,
  label,
  colour,
  wrap,
  time,
  marks,
  dimmed,
  isHit,
  isActive,
  isOpen,
  onPick,
  onToggle,
}: {
  projectId: string;
  number: number;
  row: Row | null | undefined;
  label: string;
  colour: number;
  wrap: boolean;
  time: TimeMode;
  marks: Marks;
  dimmed: boolean;
  isHit: boolean;
  isActive: boolean;
  isOpen: boolean;
  onPick: (row: number) => void;
  onToggle: (seq: number) => void;
}) {
  if (row === null || row === undefined)
    return (
      <div className="lr log-row" role="row" data-number={number}>
        <span role="gridcell" className="t3">
          {row === null ? 'No longer kept' : <i className="skel log-skel" />}
        </span>
      </div>
    );
  const opens = row.json || row.cut || row.text.length > mostPlain;
  return (
    <div
      id={`log-row-${number}`}
      className={clsx('log-row', `time-${time}`, isActive && 'active')}
      role="row"
      data-number={number}
      aria-expanded={opens ? isOpen : undefined}
      onPointerDown={() => onPick(number)}
    >
      <div
        className={clsx(
          'lr',
          row.level === 'error' ? 'error' : row.level === 'warn' ? 'warn' : null,
          wrap && 'wrap',
          (!row.match || dimmed) && 'around',
        )}
        role="presentation"
      >
        {time !== 'off' && (
          <time role="gridcell" dateTime={row.at} title={row.at}>
            {shownTime(row.at, time)}
          </time>
        )}
        <span role="gridcell" className={clsx('src cut', `src${colour}`)} title={label}>
          {label}
        </span>
        <span role="gridcell" className="lv">
          {row.level === 'none' ? '' : row.level}
        </span>
        <span role="gridcell" className="msg">
          {opens && (
            <button
              type="button"
              tabIndex={-1}
              className="log-twist"
              aria-label={isOpen ? 'Close the line' : 'Open the line'}
              onClick={() => onToggle(row.seq)}
            >
              <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} size={12} />
            </button>
          )}
          <LogText text={row.text} marks={marks} isHit={isHit} most={wrap ? mostWrapped : mostPlain} />
        </span>
      </div>
      {isOpen && <WholeLine projectId={projectId} row={row} />}
    </div>
  );
});
