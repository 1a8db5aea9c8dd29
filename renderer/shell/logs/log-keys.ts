import type { KeyboardEvent } from 'react';
import type { LogRow } from '../../../preload/contract/logs.ts';
import { isTyping, matches, shortcuts, type ShortcutId } from '../../app/shortcuts.ts';
import type { ListHandle } from './log-list.tsx';
import { rowHeight } from './scroll.ts';
import type { LogPlace } from './use-log-place.ts';

/** The first is also what Ctrl+F means. */
export type LogActions = readonly (readonly [ShortcutId, () => void])[];

/** Keys of the whole panel, also in its fields where they write nothing. */
export function pressInPanel(event: KeyboardEvent<HTMLElement>, actions: LogActions): void {
  if (event.defaultPrevented) return;
  const isFind = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'f';
  const press = event.nativeEvent;
  const action = isFind
    ? actions[0]
    : actions.find(
        ([id]) =>
          matches(press, shortcuts[id].keys) &&
          (!isTyping(event.target) || shortcuts[id].keys.endsWith('F3')),
      );
  if (action === undefined) return;
  event.preventDefault();
  action[1]();
}

export interface KeyedRows {
  readonly first: number;
  readonly end: number;
  readonly row: (number: number) => LogRow | null | undefined;
  /** Lines that stand open, by their `seq`. */
  readonly open: ReadonlySet<number>;
  readonly toggle: (seq: number) => void;
}

/** Keys of the list: the active row, its line opened and closed, and the list moved. */
export function pressInList(
  event: KeyboardEvent<HTMLElement>,
  list: ListHandle | null,
  at: LogPlace,
  rows: KeyedRows,
): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
  const { active, goTo, goToStart } = at;
  const { open, toggle } = rows;
  const height = event.currentTarget.clientHeight - 2 * rowHeight;
  const seq = active === null ? undefined : rows.row(active)?.seq;
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => moveActive(1, list, at, rows),
    ArrowUp: () => moveActive(-1, list, at, rows),
    j: () => moveActive(1, list, at, rows),
    k: () => moveActive(-1, list, at, rows),
    PageDown: () => list?.move(height),
    PageUp: () => list?.move(-height),
    Home: goToStart,
    End: () => goTo('end'),
    Enter: () => seq !== undefined && toggle(seq),
    ArrowRight: () => seq !== undefined && !open.has(seq) && toggle(seq),
    ArrowLeft: () => seq !== undefined && open.has(seq) && toggle(seq),
  };
  const run = keys[event.key];
  if (run === undefined || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  run();
}

function moveActive(
  step: 1 | -1,
  list: ListHandle | null,
  { active, setActive }: LogPlace,
  { first, end }: KeyedRows,
): void {
  const seen = list?.seen();
  if (list === null || seen === undefined || end === first) return;
  const inside = active !== null && active >= seen.from - 1 && active <= seen.to + 1;
  const next = Math.max(first, Math.min(end - 1, inside ? active + step : step > 0 ? seen.from : seen.to));
  setActive(next);
  list.pause();
  if (next < seen.from || (step < 0 && next === seen.from)) list.move(-rowHeight);
  else if (next > seen.to) list.move(rowHeight);
}
