import { diffLines, type LineOp } from './line-diff.ts';
import { isRewrite, rewriteIn, type Rewrite } from './rewrites.ts';

export interface Span {
  readonly start: number;
  readonly end: number;
}
export interface Side {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** The part that differs from the other side. */
  readonly changed: Span | null;
}
export type DiffRow =
  | { readonly kind: 'same'; readonly before: Side; readonly after: Side }
  | {
      readonly kind: 'change';
      readonly before: Side | null;
      readonly after: Side | null;
      readonly rewrite: Rewrite | null;
    }
  | { readonly kind: 'note'; readonly rewrite: Rewrite }
  | {
      readonly kind: 'fold';
      readonly id: number;
      readonly rows: readonly DiffRow[];
      readonly keys: readonly string[];
    };

const context = 3;
const worthFolding = 3;

const lines = (text: string | null): readonly string[] =>
  text === null || text === '' ? [] : text.replace(/\n$/, '').split('\n');

export function diffRows(
  before: string | null,
  after: string | null,
  rewrites: readonly Rewrite[],
): readonly DiffRow[] {
  const a = lines(before);
  const b = lines(after);
  const rows: DiffRow[] = [];
  let hunk: LineOp[] = [];
  const flush = () => {
    rows.push(...hunkRows(hunk, a, b, rewrites));
    hunk = [];
  };
  for (const op of diffLines(a, b)) {
    if (op.op !== 'same') {
      hunk.push(op);
      continue;
    }
    flush();
    const text = a[op.before] ?? '';
    rows.push({
      kind: 'same',
      before: { number: op.before + 1, text, changed: null },
      after: { number: op.after + 1, text, changed: null },
    });
  }
  flush();
  return rows;
}

/** Lines of one hunk stand beside each other when they set the same key; the rest stands alone. */
function hunkRows(
  hunk: readonly LineOp[],
  a: readonly string[],
  b: readonly string[],
  rewrites: readonly Rewrite[],
): DiffRow[] {
  const deleted = hunk.flatMap(op => (op.op === 'del' ? [op.before] : []));
  const added = hunk.flatMap(op => (op.op === 'add' ? [op.after] : []));
  const rows: DiffRow[] = [];
  let next = 0;
  const alone = (index: number) => {
    const text = b[index] ?? '';
    const rewrite = isRewrite(null, text, rewrites) ? rewriteIn(text, rewrites) : null;
    rows.push({ kind: 'change', before: null, after: { number: index + 1, text, changed: null }, rewrite });
    if (rewrite !== null) rows.push({ kind: 'note', rewrite });
  };
  for (const index of deleted) {
    const text = a[index] ?? '';
    const partner = added.findIndex(
      (other, position) => position >= next && keyOf(b[other] ?? '') === keyOf(text),
    );
    const partnerLine = partner < 0 ? undefined : added[partner];
    if (partnerLine === undefined) {
      rows.push({
        kind: 'change',
        before: { number: index + 1, text, changed: null },
        after: null,
        rewrite: null,
      });
      continue;
    }
    while (next < partner) alone(added[next++] ?? 0);
    next = partner + 1;
    const other = b[partnerLine] ?? '';
    const [left, right] = changedSpans(text, other);
    const rewrite = isRewrite(text, other, rewrites) ? rewriteIn(other, rewrites) : null;
    rows.push({
      kind: 'change',
      before: { number: index + 1, text, changed: left },
      after: { number: partnerLine + 1, text: other, changed: right },
      rewrite,
    });
    if (rewrite !== null) rows.push({ kind: 'note', rewrite });
  }
  while (next < added.length) alone(added[next++] ?? 0);
  return rows;
}

/** Indentation and key of a line of YAML, else the whole line: `  image:` of `  image: api:1`. */
function keyOf(line: string): string {
  return /^\s*(?:- )*["']?[\w./-]+["']?:(?=\s|$)/.exec(line)?.[0] ?? line;
}

/** What differs, widened to whole words. */
export function changedSpans(before: string, after: string): readonly [Span, Span] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  while (start > 0 && !/\s/.test(before[start - 1] ?? ' ')) start -= 1;
  const widen = (text: string): Span => {
    let stop = text.length - end;
    while (stop < text.length && !/\s/.test(text[stop] ?? ' ')) stop += 1;
    return { start, end: stop };
  };
  return [widen(before), widen(after)];
}

/** Long stretches without a change are folded to one row that names the keys in it. */
export function folded(rows: readonly DiffRow[], open: ReadonlySet<number>): readonly DiffRow[] {
  const out: DiffRow[] = [];
  let run: DiffRow[] = [];
  let id = 0;
  const flush = (isLast: boolean) => {
    const isFirst = out.length === 0;
    const head = isFirst ? 0 : context;
    const tail = isLast ? 0 : context;
    const middle = run.slice(head, run.length - tail);
    if (middle.length < worthFolding || (isFirst && isLast)) out.push(...run);
    else {
      id += 1;
      out.push(...run.slice(0, head));
      if (open.has(id)) out.push(...middle);
      else out.push({ kind: 'fold', id, rows: middle, keys: keysIn(middle) });
      out.push(...run.slice(run.length - tail));
    }
    run = [];
  };
  for (const row of rows) {
    if (row.kind === 'same') {
      run.push(row);
      continue;
    }
    flush(false);
    out.push(row);
  }
  flush(true);
  return out;
}

function keysIn(rows: readonly DiffRow[]): readonly string[] {
  const found = rows.flatMap(row => {
    const match = row.kind === 'same' ? /^(\s*)(?:- )?([\w./-]+):/.exec(row.after.text) : null;
    return match === null ? [] : [{ indent: (match[1] ?? '').length, key: match[2] ?? '' }];
  });
  const least = Math.min(...found.map(one => one.indent));
  return [...new Set(found.filter(one => one.indent === least).map(one => one.key))].slice(0, 3);
}

/** How many lines Ptah rewrote, and how many differ otherwise. */
export function countChanges(rows: readonly DiffRow[]): {
  readonly rewrites: number;
  readonly edits: number;
} {
  const changes = rows.filter(row => row.kind === 'change');
  const rewrites = changes.filter(row => row.rewrite !== null).length;
  return { rewrites, edits: changes.length - rewrites };
}
