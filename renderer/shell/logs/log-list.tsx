import {
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
} from 'react';
import {
  barOf,
  drawn,
  kept,
  pinOfEnd,
  placeOfBar,
  rowHeight,
  spaceOf,
  type Pin,
  type Place,
} from './scroll.ts';

export interface ListHandle {
  toEnd(): void;
  show(row: number): void;
  /** By pixels. */
  move(pixels: number): void;
  /** Stops following where it stands. */
  pause(): void;
  /** The first and last row that can be seen. */
  seen(): { readonly from: number; readonly to: number };
}

/**
 * A window over rows that are drawn as text nodes, never more than fit. Rows have one height (`measured` false: arithmetic alone), or
 * any above it; then what is on the page tells.
 */
export function LogList({
  first,
  end,
  measured,
  place,
  onPlace,
  onSeen,
  handle,
  label,
  active,
  onKeyDown,
  children,
}: {
  first: number;
  end: number;
  measured: boolean;
  place: Place;
  onPlace: (place: Place) => void;
  onSeen: (from: number, to: number) => void;
  handle: Ref<ListHandle>;
  label: string;
  /** The row that keys act on. */
  active: number | null;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  children: (row: number) => ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  const block = useRef<HTMLDivElement>(null);
  const mirrored = useRef(0);
  const [height, setHeight] = useState(400);
  const extent = { first, end, height };
  const shown = kept(place, extent, measured);
  const { from, to } = drawn(shown, extent);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const measure = () => setHeight(element.clientHeight > 0 ? element.clientHeight : 400);
    measure();
    if (typeof ResizeObserver === 'undefined') return undefined;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // rows of unknown height: their pin is put where it belongs before anything is painted
  useLayoutEffect(() => {
    const element = box.current;
    const rows = block.current;
    if (element === null || rows === null) return;
    let bar = barOf(shown, extent);
    if (shown === 'end') rows.style.transform = '';
    else {
      let top = shown.y - (shown.row - from) * rowHeight;
      if (measured) {
        const pinned = rows.children[shown.row - from];
        top = shown.y - (pinned instanceof HTMLElement ? pinned.offsetTop : 0);
        if (from === first && top > 0) {
          top = 0;
          onPlace({ row: first, y: 0 });
        } else if (to === end && top + rows.offsetHeight < height && first < from) {
          onPlace('end');
          bar = barOf('end', extent);
        }
      }
      rows.style.transform = `translateY(${top}px)`;
    }
    if (Math.abs(element.scrollTop - bar) >= 1) element.scrollTop = bar;
    mirrored.current = element.scrollTop;
  });

  useEffect(() => onSeen(from, to), [from, to, onSeen]);

  /** The pin of the first row in the window, from what stands on the page. */
  const current = useCallback((): Pin => {
    const rows = block.current;
    const element = box.current;
    if (!measured) return shown === 'end' ? pinOfEnd({ first, end, height }) : shown;
    if (rows === null || element === null) return { row: from, y: 0 };
    const top = element.getBoundingClientRect().top;
    for (const [at, child] of [...rows.children].entries()) {
      const place = child.getBoundingClientRect();
      if (place.bottom > top) return { row: from + at, y: place.top - top };
    }
    return { row: from, y: 0 };
  }, [measured, shown, from, first, end, height]);

  const move = (pixels: number) => {
    if (shown === 'end' && pixels > 0) return;
    const pin = current();
    const next = kept({ row: pin.row, y: pin.y - pixels }, { first, end, height }, measured);
    if (next === 'end' || measured) return onPlace(next);
    // the pin stays near the window
    const rows = Math.floor(-next.y / rowHeight);
    return onPlace({ row: next.row + rows, y: next.y + rows * rowHeight });
  };

  useImperativeHandle(handle, () => ({
    toEnd: () => onPlace('end'),
    show: row => onPlace({ row, y: Math.max(0, Math.floor(height / 2) - rowHeight) }),
    move,
    pause: () => shown === 'end' && onPlace(current()),
    seen: () => {
      const pin = current();
      return {
        from: pin.row,
        to: Math.min(end - 1, pin.row + Math.floor((height - pin.y) / rowHeight) - 1),
      };
    },
  }));

  // not React's own: it listens passively, and rows of unknown height are moved by us
  const latest = useRef({ move, measured, current, shown, onPlace });
  useEffect(() => {
    latest.current = { move, measured, current, shown, onPlace };
  });
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const onWheel = (event: WheelEvent) => {
      const now = latest.current;
      if (event.ctrlKey || event.deltaY === 0) return;
      if (now.measured) {
        event.preventDefault();
        now.move(event.deltaMode === 1 ? event.deltaY * rowHeight : event.deltaY);
      } else if (event.deltaY < 0 && now.shown === 'end') {
        // before the next line comes: it would take the window back
        now.onPlace(now.current());
      }
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);

  // what is being selected must not be scrolled away by the next line
  useEffect(() => {
    const onSelection = () => {
      const selection = document.getSelection();
      const now = latest.current;
      if (now.shown !== 'end' || selection === null || selection.isCollapsed) return;
      if (box.current?.contains(selection.anchorNode) === true) now.onPlace(now.current());
    };
    document.addEventListener('selectionchange', onSelection);
    return () => document.removeEventListener('selectionchange', onSelection);
  }, []);

  const onScroll = () => {
    const element = box.current;
    if (element === null || Math.abs(element.scrollTop - mirrored.current) < 1) return;
    const down = element.scrollTop > mirrored.current;
    mirrored.current = element.scrollTop;
    const next = placeOfBar(element.scrollTop, extent);
    // the first step up must not be taken for the end, however small it is
    if (next === 'end' && !down && shown !== 'end') return;
    onPlace(next);
  };

  const rows: ReactNode[] = [];
  for (let row = from; row < to; row += 1) rows.push(children(row));
  return (
    <div
      ref={box}
      className="log logs-list"
      role="treegrid"
      aria-label={label}
      aria-readonly="true"
      aria-rowcount={end - first}
      aria-activedescendant={
        active === null || active < from || active >= to ? undefined : `log-row-${active}`
      }
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
    >
      <div className="logs-space" style={{ height: Math.max(spaceOf(extent), height) }} role="presentation">
        <div className="logs-window" style={{ height }} role="presentation">
          <div ref={block} className={shown === 'end' ? 'logs-block at-end' : 'logs-block'} role="rowgroup">
            {rows}
          </div>
        </div>
      </div>
    </div>
  );
}
