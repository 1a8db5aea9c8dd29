/** Lines of output. They grow in place; a view that shows them is told by the object that holds them. */
export interface Line {
  readonly at: number;
  readonly source: string;
  text: string;
  readonly tone: 'plain' | 'event' | 'warn' | 'error';
}
export interface Lines {
  readonly items: Line[];
  /** How many were dropped at the start to bound the memory. */
  dropped: number;
  /** The line of each stream that has no end yet. */
  readonly open: Map<string, Line>;
}

export interface LineOrigin {
  readonly at: number;
  readonly source: string;
  readonly tone: Line['tone'];
  /** Whose unfinished line is continued. */
  readonly stream: string;
}

const most = 200_000;
const dropAtOnce = 20_000;
// Control sequences other than colours move a cursor that a list of lines does not have.
const cursorSequences =
  // oxlint-disable-next-line no-control-regex
  /\u001b\[[0-9;?]*[A-HJKSTfhlnsu]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[()][A-Z0-9]/g;

export const createLines = (): Lines => ({ items: [], dropped: 0, open: new Map() });

/** A progress bar redraws its line by `\r`: what stands after the last one is what a terminal would show. */
function redraw(text: string): string {
  const cut = text.replace(/\r+$/, '');
  return cut.slice(cut.lastIndexOf('\r') + 1);
}

/** Appends a piece of output, which may begin and end in the middle of a line. Gives the lines that were touched. */
export function appendText(lines: Lines, origin: LineOrigin, chunk: string, also?: Lines): void {
  const pieces = chunk.replace(cursorSequences, '').split('\n');
  pieces.forEach((piece, index) => {
    const isLast = index === pieces.length - 1;
    const open = lines.open.get(origin.stream);
    if (open !== undefined) {
      open.text = redraw(open.text + piece);
      if (!isLast) lines.open.delete(origin.stream);
      return;
    }
    if (isLast && piece === '') return;
    const line: Line = { at: origin.at, source: origin.source, tone: origin.tone, text: redraw(piece) };
    push(lines, line);
    if (also !== undefined) push(also, line);
    if (isLast) lines.open.set(origin.stream, line);
  });
}

export function push(lines: Lines, line: Line): void {
  lines.items.push(line);
  if (lines.items.length <= most) return;
  lines.items.splice(0, dropAtOnce);
  lines.dropped += dropAtOnce;
}
