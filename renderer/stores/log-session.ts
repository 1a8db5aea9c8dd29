import type { PtahClient } from '../../preload/contract/client.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import type { MethodOutput } from '../../preload/contract/index.ts';
import type { LogRow, LogStatus, LogView } from '../../preload/contract/logs.ts';
import { toFailure } from './failure.ts';

/** One view of a log while it is looked at: how it stands, and the rows around what is looked at. */
export interface LogSession {
  readonly view: LogView;
  /** Since when it is read. */
  readonly since: number;
  status(): LogStatus | null;
  error(): WireError | null;
  /** The row; null when its line is gone; undefined while it is not read yet. */
  row(row: number): LogRow | null | undefined;
  /** Rows that are looked at now; what is missing is read. */
  want(from: number, to: number): void;
  /** The row to begin at: that of the line asked for, when one was. */
  readonly anchor: () => number | null;
  /** It has something to show: rows, the news that there are none, or an error. */
  presentable(): boolean;
  retry(): void;
  close(): void;
}

/** The rows of a view as far as they were found when an answer left. */
type Reached = Pick<MethodOutput<'logs.lines'>, 'generation' | 'first' | 'end'>;

const delays = [500, 1000, 2000, 4000, 8000];
const atOnce = 400;
/** Rows beyond what is looked at, either side, so that scrolling does not wait. */
const ahead = 150;
const most = 4_000;
/** Rows above those that are seen, of an end that is followed: the first turn of a wheel does not wait either. */
const aboveEnd = 20;
/** What may be seen next is read when the end stands still so long: before that it has gone by. */
const restMs = 300;
/** A view that has not asked for the end since so many statuses stands still: it was paused there. */
const mostUnseen = 5;
/** A status is not held back longer than this for the rows that belong to it. */
const heldMs = 500;

export function createLogSession(
  client: PtahClient,
  projectId: string,
  view: LogView,
  { seq, onChange }: { readonly seq: number | null; readonly onChange: () => void },
): LogSession {
  const rows = new Map<number, LogRow | null>();
  const closing = new AbortController();
  const { signal } = closing;
  let status: LogStatus | null = null;
  let error: WireError | null = null;
  let generation: number | null = null;
  let wanted: { readonly from: number; readonly to: number } | null = null;
  let anchor: number | null = null;
  let begun = false;
  let busy = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading: AbortController | null = null;
  let reached: Reached | null = null;
  /** A status that is shown with its newest rows. */
  let held: LogStatus | null = null;
  let heldAt = 0;
  let movedAt = Number.NEGATIVE_INFINITY;
  /** What was asked for reached to the end; so many statuses were shown since. */
  let atEnd = false;
  let unseen = 0;
  let resting: ReturnType<typeof setTimeout> | undefined;

  function of(next: number): void {
    if (generation === next) return;
    if (generation !== null) rows.clear();
    generation = next;
  }

  function take(item: LogStatus): void {
    of(item.generation);
    status = reached === null ? item : extended(item, reached);
    if (item.first > 0) for (const row of rows.keys()) if (row < item.first) rows.delete(row);
  }

  /** The end is looked at, and it moves on: told at once it would stand there as rows without text. */
  function follows(item: LogStatus): boolean {
    if (status === null || !atEnd || unseen >= mostUnseen || status.end === status.first) return false;
    return begun && item.generation === status.generation && item.end > status.end;
  }

  async function read(given: AbortSignal): Promise<void> {
    try {
      for await (const item of client.stream('logs.watch', { projectId, view }, { signal: given })) {
        error = null;
        failures = 0;
        if (follows(item) && (held === null || performance.now() - heldAt < heldMs)) {
          if (held === null) heldAt = performance.now();
          held = item;
        } else {
          held = null;
          take(item);
          onChange();
        }
        void pump();
      }
    } catch (thrown) {
      if (!given.aborted) error = toFailure(thrown);
    }
    if (given.aborted) return;
    onChange();
    timer = setTimeout(start, delays[Math.min(failures, delays.length - 1)]);
    failures += 1;
  }

  function start(): void {
    clearTimeout(timer);
    reading?.abort();
    reading = new AbortController();
    void read(AbortSignal.any([reading.signal, signal]));
  }

  /** The stretch of wanted rows that is not read yet. */
  function missing(): { readonly from: number; readonly count: number } | null {
    if (status === null || wanted === null) return null;
    const inside = (from: number, to: number) => {
      let low = Math.max(from, status?.first ?? 0);
      let high = Math.min(to, status?.end ?? 0);
      while (low < high && rows.has(low)) low += 1;
      while (high > low && rows.has(high - 1)) high -= 1;
      return low < high ? { from: low, count: Math.min(high - low, atOnce) } : null;
    };
    // what is seen before what may be seen next
    const seen = inside(wanted.from, wanted.to);
    const next = seen ?? inside(wanted.from - ahead, wanted.to + ahead);
    if (seen !== null || next === null || performance.now() - movedAt >= restMs) return next;
    resting ??= setTimeout(() => {
      resting = undefined;
      void pump();
    }, restMs);
    return null;
  }

  function newest({ first, end }: LogStatus): { readonly from: number; readonly count: number } {
    const seen = wanted === null ? 0 : wanted.to - wanted.from;
    const count = Math.min(atOnce, seen + aboveEnd, end - first);
    return { from: end - count, count };
  }

  async function pump(): Promise<void> {
    if (busy || signal.aborted || status === null) return;
    const first = !begun;
    const followed = first ? null : held;
    const asked = first
      ? seq === null
        ? { from: status.end - ahead, count: ahead }
        : { from: { seq }, count: 2 * ahead }
      : followed === null
        ? missing()
        : newest(followed);
    if (asked === null) return;
    busy = true;
    try {
      const answer = await client.request('logs.lines', { projectId, view, ...asked }, { signal });
      begun = true;
      of(answer.generation);
      reached = answer;
      status = extended(status, answer);
      for (const row of answer.rows) rows.set(row.row, row);
      if (first && seq !== null)
        anchor = (answer.rows.find(row => row.seq >= seq) ?? answer.rows.at(-1))?.row ?? null;
      if (typeof asked.from === 'number') {
        const from = Math.max(asked.from, answer.first);
        const to = Math.min(asked.from + asked.count, answer.end);
        for (let row = from; row < to; row += 1) if (!rows.has(row)) rows.set(row, null);
      }
      if (followed !== null) show(followed, answer.generation);
      forget();
    } catch (thrown) {
      if (signal.aborted) return;
      if (followed !== null) show(followed, followed.generation);
      error ??= toFailure(thrown);
      await new Promise(resolve => setTimeout(resolve, 500));
    } finally {
      busy = false;
    }
    onChange();
    void pump();
  }

  /** What was held back; nothing of it where its rows are numbered anew, or where a later one was taken. */
  function show(item: LogStatus, now: number): void {
    if (held === null) return;
    if (held === item) held = null;
    heldAt = movedAt = performance.now();
    unseen += 1;
    if (item.generation === now) take(item);
  }

  function forget(): void {
    if (rows.size <= most || wanted === null) return;
    const { from, to } = wanted;
    for (const row of rows.keys()) if (row < from - most / 4 || row > to + most / 4) rows.delete(row);
  }

  start();
  return {
    view,
    since: Date.now(),
    status: () => status,
    error: () => error,
    row: row => rows.get(row),
    want(from, to) {
      wanted = { from, to };
      atEnd = status !== null && to >= status.end;
      unseen = 0;
      void pump();
    },
    anchor: () => anchor,
    presentable: () => error !== null || (status !== null && (begun || isEmpty(status))),
    retry: start,
    close() {
      clearTimeout(timer);
      clearTimeout(resting);
      closing.abort();
    },
  };
}

/** Nothing is there, and that is known: everything was looked at. */
const isEmpty = ({ first, end, complete, problem }: LogStatus): boolean =>
  end === first && (complete || problem !== null);

/**
 * A filter’s first rows are in the answer that brings them; the status says so with its next turn, a tenth of a second later. Until
 * then what was reached stands in for it.
 */
const extended = (status: LogStatus, { generation, first, end }: Reached): LogStatus =>
  status.complete || status.end > status.first || status.generation !== generation
    ? status
    : { ...status, first, end };
