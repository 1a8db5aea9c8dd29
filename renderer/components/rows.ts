import { useState, type KeyboardEvent } from 'react';

export interface RowProps {
  readonly tabIndex: 0 | -1;
  readonly 'data-row': string;
  readonly 'aria-selected': boolean;
  readonly onFocus: () => void;
}
export interface Rows {
  /** For the element that holds the rows. */
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  readonly row: (key: string) => RowProps;
  readonly active: string | null;
}

/**
 * A list is one stop of Tab; arrows, Home and End move in it, Enter opens. Buttons inside a row keep their own keys.
 */
export function useRows(
  keys: readonly string[],
  options: {
    readonly selected?: string | null;
    readonly onOpen?: (key: string) => void;
    readonly onMove?: (key: string) => void;
    /** Further keys of a list: gives true when it took the key. */
    readonly onKey?: (
      key: string,
      event: KeyboardEvent<HTMLElement>,
      focus: (key: string) => void,
    ) => boolean;
    /** Where only the rows in sight are drawn: brings one into sight, so that it can have the focus. */
    readonly reveal?: (key: string) => void;
  } = {},
): Rows {
  const [moved, setMoved] = useState<string | null>(null);
  const known = (key: string | null | undefined) =>
    key !== null && key !== undefined && keys.includes(key) ? key : null;
  const active = known(moved) ?? known(options.selected) ?? keys[0] ?? null;

  const focusIn = (holder: HTMLElement) => (key: string) => {
    setMoved(key);
    const find = () =>
      [...holder.querySelectorAll<HTMLElement>('[data-row]')].find(row => row.dataset['row'] === key);
    const row = find();
    if (row !== undefined || options.reveal === undefined) return row?.focus();
    options.reveal(key);
    const later = (tries: number) =>
      requestAnimationFrame(() => {
        const drawn = find();
        if (drawn !== undefined) drawn.focus();
        else if (tries > 0) later(tries - 1);
      });
    later(20);
  };

  const target = (event: KeyboardEvent, at: number): number | null => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return null;
    switch (event.key) {
      case 'ArrowDown':
        return Math.min(at + 1, keys.length - 1);
      case 'ArrowUp':
        return Math.max(at - 1, 0);
      case 'Home':
        return 0;
      case 'End':
        return keys.length - 1;
      default:
        return null;
    }
  };

  return {
    active,
    onKeyDown: event => {
      const onRow = event.target instanceof HTMLElement && event.target.dataset['row'] !== undefined;
      if (active === null || !onRow) return;
      const focus = focusIn(event.currentTarget);
      if (options.onKey?.(active, event, focus) === true) {
        event.preventDefault();
        return;
      }
      const to = target(event, keys.indexOf(active));
      const key = to === null ? undefined : keys[to];
      if (key !== undefined) {
        event.preventDefault();
        focus(key);
        options.onMove?.(key);
      } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        options.onOpen?.(active);
      }
    },
    row: key => ({
      tabIndex: key === active ? 0 : -1,
      'data-row': key,
      'aria-selected': key === (options.selected ?? moved),
      onFocus: () => setMoved(key),
    }),
  };
}
