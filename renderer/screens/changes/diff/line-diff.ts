/** One line of the comparison: kept, only before, or only after. Indexes count from 0. */
export type LineOp =
  | { readonly op: 'same'; readonly before: number; readonly after: number }
  | { readonly op: 'del'; readonly before: number }
  | { readonly op: 'add'; readonly after: number };

/** Beyond this many edits the middle is shown as replaced: nobody reads it line by line, and the search is quadratic. */
export const mostEdits = 1000;

/** Myers' shortest edit script over lines, after cutting what is equal at both ends. */
export function diffLines(before: readonly string[], after: readonly string[]): readonly LineOp[] {
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
  const ops: LineOp[] = [];
  for (let index = 0; index < start; index += 1) ops.push({ op: 'same', before: index, after: index });
  const a = before.slice(start, before.length - end);
  const b = after.slice(start, after.length - end);
  for (const op of shortest(a, b)) ops.push(shifted(op, start));
  for (let index = end; index > 0; index -= 1) {
    ops.push({ op: 'same', before: before.length - index, after: after.length - index });
  }
  return ops;
}

function shifted(op: LineOp, by: number): LineOp {
  if (op.op === 'same') return { op: 'same', before: op.before + by, after: op.after + by };
  return op.op === 'del' ? { op: 'del', before: op.before + by } : { op: 'add', after: op.after + by };
}

function replaced(a: readonly string[], b: readonly string[]): LineOp[] {
  return [
    ...a.map((_, index): LineOp => ({ op: 'del', before: index })),
    ...b.map((_, index): LineOp => ({ op: 'add', after: index })),
  ];
}

function shortest(a: readonly string[], b: readonly string[]): readonly LineOp[] {
  if (a.length === 0 || b.length === 0) return replaced(a, b);
  const most = Math.min(a.length + b.length, mostEdits);
  const reach = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  for (let edits = 0; edits <= most; edits += 1) {
    trace.push(new Map(reach));
    for (let k = -edits; k <= edits; k += 2) {
      let x = goesDown(reach, k, edits) ? at(reach, k + 1) : at(reach, k - 1) + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x += 1;
        y += 1;
      }
      reach.set(k, x);
      if (x >= a.length && y >= b.length) return walkBack(trace, a.length, b.length);
    }
  }
  return replaced(a, b);
}

const at = (reach: ReadonlyMap<number, number>, k: number): number => reach.get(k) ?? -1;

/** Whether diagonal `k` is best reached by taking a line of `after`. */
const goesDown = (reach: ReadonlyMap<number, number>, k: number, edits: number): boolean =>
  k === -edits || (k !== edits && at(reach, k - 1) < at(reach, k + 1));

function walkBack(
  trace: readonly ReadonlyMap<number, number>[],
  endX: number,
  endY: number,
): readonly LineOp[] {
  const ops: LineOp[] = [];
  let x = endX;
  let y = endY;
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const reach = trace[edits] ?? new Map<number, number>();
    const k = x - y;
    const previousK = goesDown(reach, k, edits) ? k + 1 : k - 1;
    const previousX = edits === 0 ? 0 : at(reach, previousK);
    const previousY = edits === 0 ? 0 : previousX - previousK;
    while (x > previousX && y > previousY && x > 0 && y > 0) {
      x -= 1;
      y -= 1;
      ops.push({ op: 'same', before: x, after: y });
    }
    if (edits === 0) break;
    if (x === previousX) {
      y -= 1;
      ops.push({ op: 'add', after: y });
    } else {
      x -= 1;
      ops.push({ op: 'del', before: x });
    }
  }
  return ops.reverse();
}
