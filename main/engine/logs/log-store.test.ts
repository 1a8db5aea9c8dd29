import { describe, expect, it } from 'vitest';
import { JSON_LINE } from './line-table.ts';
import { LogStore } from './log-store.ts';
import { linePiece, renderRow } from './render-row.ts';
import { newLine, seeded, textsOf } from './testing.ts';

describe('the store', () => {
  it('keeps every line in order, empty ones and one of a megabyte', () => {
    const store = new LogStore();
    const source = store.addSource();
    const random = seeded(1);
    const lines = Array.from({ length: 30_000 }, (_, index) =>
      index === 7_000 ? 'x'.repeat(1024 * 1024) : `${index} ${'é'.repeat(Math.floor(random() * 60))}`,
    );
    lines.push('', '', 'end');
    for (const line of lines) store.append(source, newLine(line));
    expect(textsOf(store)).toEqual(lines);
    const long = store.find(7_000);
    expect(long && long.table.end(long.index) - long.table.start(long.index)).toBe(1024 * 1024);
    expect(store.find(lines.length)).toBeNull();
  });

  it('takes \\r off a line end, knows JSON, and cuts what is shown between characters', () => {
    const store = new LogStore();
    const source = store.addSource();
    store.append(source, newLine('{"level":"warn","a":1}\r'));
    store.append(source, newLine('€'.repeat(10_000), 1_767_323_045, 120));
    const first = store.find(0);
    const second = store.find(1);
    if (!first || !second) throw new Error('lost');
    expect((first.table.flags[0] ?? 0) & JSON_LINE).toBe(JSON_LINE);
    const row = renderRow(second.table, second.index, { row: 3, source: 's', match: true });
    expect(row).toMatchObject({ seq: 1, cut: true, length: 30_000, at: '2026-01-02T03:04:05.000000120Z' });
    expect(row.text).toMatch(/^€+$/);
    let text = '';
    for (let next: number | null = 0; next !== null;) {
      const piece = linePiece(second.table, second.index, next);
      text += piece.text;
      ({ next } = piece);
    }
    expect(text).toBe('€'.repeat(10_000));
    expect(renderRow(first.table, 0, { row: 0, source: 's', match: true })).toMatchObject({
      json: true,
      level: 'warn',
      text: '{"level":"warn","a":1}',
    });
  });

  it('cuts the heaviest source first and counts what was cut', () => {
    const cut: string[] = [];
    const store = new LogStore({
      budgetBytes: 4 * 1024 * 1024,
      onCut: table => {
        for (let index = 0; index < table.count; index++)
          cut.push(table.text.toString('utf8', table.start(index), table.end(index)));
      },
    });
    const loud = store.addSource();
    const quiet = store.addSource();
    for (let index = 0; index < 100_000; index++) {
      store.append(loud, newLine(`loud ${index} ${'.'.repeat(100)}`));
      if (index % 500 === 0) store.append(quiet, newLine(`quiet ${index}`));
    }
    expect(store.bytes).toBeLessThanOrEqual(4 * 1024 * 1024);
    const kept = textsOf(store);
    expect(kept.filter(text => text.startsWith('quiet'))).toHaveLength(200);
    expect(store.counts(quiet)).toMatchObject({ lines: 200, dropped: 0 });
    const { lines, dropped } = store.counts(loud);
    expect(lines + dropped).toBe(100_000);
    expect(cut).toHaveLength(dropped);
    // nothing is in both and nothing in neither
    expect([...cut, ...kept.filter(text => text.startsWith('loud'))]).toEqual(
      Array.from({ length: 100_000 }, (_, index) => `loud ${index} ${'.'.repeat(100)}`),
    );
    expect(store.tables.length).toBeLessThan(20);
  });

  it('clears the lines of a source and leaves the others', () => {
    const store = new LogStore();
    const [a, b] = [store.addSource(), store.addSource()];
    for (let index = 0; index < 1_000; index++) store.append(index % 2 ? a : b, newLine(`line ${index}`));
    store.clear(Uint8Array.from([1, 0]));
    expect(textsOf(store)).toEqual(Array.from({ length: 500 }, (_, index) => `line ${index * 2}`));
    expect(store.counts(a)).toMatchObject({ lines: 0, bytes: 0, dropped: 0 });
    expect(store.bytes).toBe(store.counts(b).bytes);
  });
});
