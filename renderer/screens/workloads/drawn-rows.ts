import { useVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useState, type RefObject } from 'react';

const rowHeight = 30;
/** Fewer are simply drawn. */
const mostDrawn = 100;

interface Drawn {
  readonly from: number;
  readonly to: number;
  /** Height of what is not drawn. */
  readonly before: number;
  readonly after: number;
  reveal(index: number): void;
}

/** Which rows of a long table are drawn: those in sight of what scrolls it, and some around. */
export function useDrawn(table: RefObject<HTMLTableElement | null>, count: number): Drawn {
  const [margin, setMargin] = useState(0);
  const scroller = () => table.current?.closest<HTMLElement>('.body') ?? null;
  // Nothing of it is passed on; it is read in this render only.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count,
    enabled: count > mostDrawn,
    getScrollElement: scroller,
    estimateSize: () => rowHeight,
    overscan: 10,
    scrollMargin: margin,
    initialRect: { width: 900, height: 700 },
  });
  // What stands above the table comes and goes without a word: it is measured after every drawing, and told only when it moved.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  useLayoutEffect(() => {
    const body = table.current?.tBodies[0];
    const box = scroller();
    if (body === undefined || box === null) return;
    const top = body.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
    if (Math.abs(top - margin) > 1) setMargin(top);
  });
  if (count <= mostDrawn) return { from: 0, to: count, before: 0, after: 0, reveal: () => undefined };
  const items = virtual.getVirtualItems();
  const from = items[0]?.index ?? 0;
  const to = (items.at(-1)?.index ?? -1) + 1;
  return {
    from,
    to,
    before: from * rowHeight,
    after: (count - to) * rowHeight,
    reveal: index => index >= 0 && virtual.scrollToIndex(index),
  };
}
