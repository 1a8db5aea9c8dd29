import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines } from './line-diff.ts';

const before = (a: readonly string[], ops: ReturnType<typeof diffLines>) =>
  ops.flatMap(op => (op.op === 'add' ? [] : [a[op.before]]));
const after = (a: readonly string[], b: readonly string[], ops: ReturnType<typeof diffLines>) =>
  ops.flatMap(op => (op.op === 'del' ? [] : [op.op === 'same' ? a[op.before] : b[op.after]]));

/** Length of the longest common subsequence, the slow and plain way. */
function common(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () =>
    Array.from<number>({ length: b.length + 1 }).fill(0),
  );
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const row = table[i] ?? [];
      row[j] =
        a[i - 1] === b[j - 1]
          ? (table[i - 1]?.[j - 1] ?? 0) + 1
          : Math.max(table[i - 1]?.[j] ?? 0, row[j - 1] ?? 0);
    }
  }
  return table[a.length]?.[b.length] ?? 0;
}

const lines = array(constantFrom('a', 'b', 'c', 'd'), { maxLength: 24 });

describe('the line diff', () => {
  it('tells both texts whole and in order', () => {
    assert(
      property(lines, lines, (a, b) => {
        const ops = diffLines(a, b);
        expect(before(a, ops)).toEqual(a);
        expect(after(a, b, ops)).toEqual(b);
      }),
    );
  });

  it('is the shortest there is', () => {
    assert(
      property(lines, lines, (a, b) => {
        expect(diffLines(a, b).filter(op => op.op === 'same')).toHaveLength(common(a, b));
      }),
    );
  });

  it('shows texts that have nothing in common as replaced, in bounded time', () => {
    const a = Array.from({ length: 20_000 }, (_, index) => `a${index}`);
    const b = Array.from({ length: 20_000 }, (_, index) => `b${index}`);
    const started = performance.now();
    expect(diffLines(a, b)).toHaveLength(40_000);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
