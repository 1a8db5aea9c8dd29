import { useCallback, useState } from 'react';
import type { LogSession } from '../../stores/log-session.ts';
import type { Place } from './scroll.ts';

export interface LogPlace {
  readonly place: Place;
  /** Where the end was when it was left; null while it is followed. */
  readonly pausedAt: number | null;
  /** The row that keys act on. */
  readonly active: number | null;
  readonly setActive: (row: number | null) => void;
  readonly goTo: (place: Place) => void;
  /** The oldest line, also of a view that is still to come. */
  readonly goToStart: () => void;
}

/** Where a log is looked at: its end, which is followed, or a row that stays where it is, also when the view becomes another. */
export function useLogPlace(
  session: LogSession | null,
  { first, end, generation }: { first: number; end: number; generation: number | null },
): LogPlace {
  const [place, setPlace] = useState<Place>('end');
  const [pausedAt, setPausedAt] = useState<number | null>(null);
  const [atStart, setAtStart] = useState(false);
  const [active, setActive] = useState<number | null>(null);

  // Another view numbers its rows anew: what was looked at is found again by its line.
  const [placed, setPlaced] = useState(session);
  if (session !== placed) {
    setPlaced(session);
    setActive(null);
    const anchor = session?.anchor() ?? null;
    if (atStart && end > first) {
      // Home was meant of what the person was changing to, however soon it was pressed
      setPlace({ row: first, y: 0 });
      setPausedAt(end);
    } else if (place !== 'end') {
      setPlace(anchor === null ? 'end' : { row: anchor, y: 0 });
      setPausedAt(anchor === null ? null : end);
    }
  }
  const [counted, setCounted] = useState(generation);
  if (generation !== counted) {
    setCounted(generation);
    if (counted !== null && session === placed) {
      setPlace('end');
      setPausedAt(null);
      setActive(null);
    }
  }

  const goTo = useCallback(
    (next: Place) => {
      setPlace(next);
      setAtStart(false);
      setPausedAt(before => (next === 'end' ? null : (before ?? end)));
    },
    [end],
  );
  const goToStart = () => {
    goTo({ row: first, y: 0 });
    setAtStart(true);
  };
  return { place, pausedAt, active, setActive, goTo, goToStart };
}
