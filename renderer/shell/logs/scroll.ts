/**
 * The arithmetic of a list that may hold millions of rows. What is true is a pin: a row, and where its top stands in the window;
 * or the end, which the list then follows. The scroll bar only mirrors it, so that a browser's limit on heights, rows of unknown
 * height and rows that are cut at the beginning need no correction of what a person looks at.
 */
export const rowHeight = 20;
/** Browsers draw no element that is much higher. */
const highest = 8_000_000;

export interface Pin {
  readonly row: number;
  /** Of the row's top, in pixels below the top of the window; negative when it is partly scrolled out. */
  readonly y: number;
}
export type Place = Pin | 'end';
export interface Extent {
  readonly first: number;
  readonly end: number;
  /** Of the window, in pixels. */
  readonly height: number;
}

const heightOf = ({ first, end }: Extent): number => (end - first) * rowHeight;

/** Of the element that makes the scroll bar. */
export const spaceOf = (extent: Extent): number => Math.min(heightOf(extent), highest);

/** How many pixels of rows one pixel of the scroll bar stands for. */
export function scaleOf(extent: Extent): number {
  const bar = spaceOf(extent) - extent.height;
  return bar <= 0 ? 1 : (heightOf(extent) - extent.height) / bar;
}

/** Where the scroll bar has to stand. */
export function barOf(place: Place, extent: Extent): number {
  const most = Math.max(0, spaceOf(extent) - extent.height);
  if (place === 'end') return most;
  const top = (place.row - extent.first) * rowHeight - place.y;
  return Math.min(most, Math.max(0, top / scaleOf(extent)));
}

/** What a person who moved the scroll bar wants to see. */
export function placeOfBar(bar: number, extent: Extent): Place {
  const most = Math.max(0, spaceOf(extent) - extent.height);
  if (bar >= most - 1) return 'end';
  const top = bar * scaleOf(extent);
  const row = Math.floor(top / rowHeight);
  return { row: extent.first + row, y: row * rowHeight - top };
}

/** The rows to draw: those that can be in the window when no row is lower than `rowHeight`. */
export function drawn(
  place: Place,
  { first, end, height }: Extent,
): { readonly from: number; readonly to: number } {
  const fits = Math.ceil(height / rowHeight) + 1;
  if (place === 'end') return { from: Math.max(first, end - fits), to: end };
  const from = Math.max(first, place.row - Math.ceil(Math.max(0, place.y) / rowHeight) - 1);
  return { from, to: Math.min(end, place.row + Math.ceil((height - place.y) / rowHeight) + 1) };
}

/** A place whose rows are still there and, as far as rows of one height tell (`measured` false), fill the window. */
export function kept(place: Place, extent: Extent, measured: boolean): Place {
  const { first, end, height } = extent;
  if (place === 'end' || place.row >= end) return 'end';
  if (place.row < first) return { row: first, y: 0 };
  if (measured) return place;
  if (heightOf(extent) <= height) return 'end';
  if (place.y > (place.row - first) * rowHeight) return { row: first, y: 0 };
  return (end - place.row) * rowHeight + place.y < height ? 'end' : place;
}

/** The pin of what the end shows now: scrolling up begins from it. */
export function pinOfEnd({ first, end, height }: Extent): Pin {
  const top = Math.max(0, (end - first) * rowHeight - height);
  const row = Math.floor(top / rowHeight);
  return { row: first + row, y: row * rowHeight - top };
}
