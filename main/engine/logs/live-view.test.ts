import { afterAll, describe, expect, it } from 'vitest';
import { LiveView, type LiveViewOptions } from './live-view.ts';
import { LogStore } from './log-store.ts';
import { ALL_LEVELS, compile } from './scan.ts';
import { createScanner } from './scanner.ts';
import { newLine, seeded } from './testing.ts';
import { visibleText } from './visible-text.ts';

const scanner = createScanner();
afterAll(() => scanner.close());

interface Known {
  readonly seq: number;
  readonly source: number;
  readonly text: string;
  readonly level: number;
}

const words = [
  'cart',
  'CART',
  'order',
  'ERROR',
  'info',
  'straße',
  'Ünder',
  '\u001b[31mca\u001b[0mrt',
  '{"level":"warn"}',
  '10 %\rcart',
  'a.b',
  '(x)',
  '😀',
];

function fill(store: LogStore, count: number, random: () => number, known: Known[]): void {
  for (let index = 0; index < count; index++) {
    const source = Math.floor(random() * 3);
    const text = Array.from(
      { length: Math.floor(random() * 6) },
      () => words[Math.floor(random() * words.length)],
    ).join(' ');
    const seq = store.append(source, newLine(text));
    const found = store.find(seq);
    known.push({ seq, source, text, level: found?.table.levels[found.index] ?? 0 });
  }
}

function naive(
  known: readonly Known[],
  options: Pick<LiveViewOptions, 'levels' | 'patterns' | 'context' | 'sources'>,
) {
  const mask = options.sources();
  const scope = known.filter(({ source }) => mask[source] === 1);
  const matches = scope.map(
    ({ text, level }) =>
      ((options.levels >>> level) & 1) === 1 &&
      options.patterns.every(pattern => compile(pattern).test(visibleText(text)) !== pattern.invert),
  );
  return scope.flatMap(({ seq }, index) => {
    const near = matches
      .slice(Math.max(0, index - options.context), index + options.context + 1)
      .some(Boolean);
    return near ? [[seq, !matches[index]] as const] : [];
  });
}

const rowsOf = (view: LiveView) =>
  Array.from({ length: view.rows.length }, (_, index) => {
    const row = view.rows.first + index;
    return [view.rows.seq(row), view.rows.isContext(row)] as const;
  });

describe('a view', () => {
  it('has exactly the rows that a plain loop finds, with lines coming meanwhile', async () => {
    const random = seeded(42);
    const patterns = [
      'cart',
      'CART',
      'straße',
      'ünder',
      'a.b',
      '(x)',
      '',
      '^cart',
      'order$',
      'c.rt\\b',
      '^$',
      '😀',
      'er+or|info',
      '"}',
      ':',
    ];
    for (let round = 0; round < 60; round++) {
      const store = new LogStore();
      for (let source = 0; source < 3; source++) store.addSource();
      const known: Known[] = [];
      fill(store, Math.floor(random() * 9_000), random, known);
      const text = patterns[Math.floor(random() * patterns.length)] ?? '';
      const options = {
        sources: () => Uint8Array.from([1, round % 3 ? 1 : 0, 1]),
        levels: round % 4 === 0 ? 1 << (1 + Math.floor(random() * 3)) : ALL_LEVELS,
        patterns: [
          { text, regex: round % 2 === 0 || text === '', matchCase: random() < 0.5, invert: random() < 0.2 },
        ],
        context: round % 5 === 0 ? 0 : Math.floor(random() * 5),
      };
      const view = new LiveView({ ...options, store, scanner, onChange: () => {} });
      for (let more = 0; more < 4; more++) {
        fill(store, Math.floor(random() * 300), random, known);
        view.touch();
        await new Promise(resolve => setTimeout(resolve, Math.floor(random() * 4)));
      }
      view.touch();
      await view.settled(20_000);
      const expected = naive(known, options);
      expect(rowsOf(view), `round ${round}: ${JSON.stringify(options.patterns)} ±${options.context}`).toEqual(
        expected,
      );
      expect(view.matches).toBe(expected.filter(([, context]) => !context).length);
      view.close();
    }
  });

  it('keeps the numbers of rows while it looks back and while more come', async () => {
    const store = new LogStore();
    store.addSource();
    for (let index = 0; index < 50_000; index++) store.append(0, newLine(`line ${index}`));
    const view = new LiveView({
      store,
      scanner,
      sources: () => Uint8Array.of(1),
      levels: ALL_LEVELS,
      patterns: [],
      context: 0,
      onChange: () => {},
    });
    await view.settled(20_000);
    expect(view.rows.length).toBe(50_000);
    const { end } = view.rows;
    const newest = view.rows.seq(end - 1);
    store.append(0, newLine('more'));
    view.touch();
    await view.settled(20_000);
    expect([view.rows.end, view.rows.seq(end - 1), view.generation]).toEqual([end + 1, newest, 1]);
  });

  it('forgets rows whose lines were cut, and numbers anew only where a gap came between', async () => {
    const store = new LogStore({ budgetBytes: 1024 * 1024 });
    store.addSource();
    store.addSource();
    const options = { store, scanner, levels: ALL_LEVELS, patterns: [], context: 0, onChange: () => {} };
    const all = new LiveView({ ...options, sources: () => Uint8Array.of(1, 1) });
    const loud = new LiveView({ ...options, sources: () => Uint8Array.of(1, 0) });
    for (let index = 0; index < 30_000; index++) {
      store.append(index % 100 === 0 ? 1 : 0, newLine(`line ${index} ${'-'.repeat(50)}`));
      if (index % 5_000 === 0)
        await Promise.all([all, loud].map(view => (view.touch(), view.settled(20_000))));
    }
    for (const view of [all, loud]) {
      view.touch();
      await view.settled(20_000);
      view.trim();
      const seqs = rowsOf(view).map(([seq]) => seq);
      const kept = store.tables.flatMap(table =>
        Array.from(
          { length: table.count },
          (_, index) => [table.seqs[index] ?? 0, table.sources[index] ?? 0] as const,
        ),
      );
      expect(seqs).toEqual(kept.filter(([, source]) => view === all || source === 0).map(([seq]) => seq));
    }
    expect(loud.generation).toBe(1);
    expect(all.generation).toBeGreaterThan(1);
  });

  it('gives a pattern that takes for ever up, and the next one works', async () => {
    const quick = createScanner(300);
    const store = new LogStore();
    store.addSource();
    store.append(0, newLine(`${'a'.repeat(40)}!`));
    const options = {
      store,
      scanner: quick,
      sources: () => Uint8Array.of(1),
      levels: ALL_LEVELS,
      context: 0,
      onChange: () => {},
    };
    const pattern = (text: string) => [{ text, regex: true, matchCase: true, invert: false }];
    const slow = new LiveView({ ...options, patterns: pattern('^(a+)+$') });
    await slow.settled(20_000);
    expect(slow.problem?.code).toBe('pattern-too-slow');
    const wrong = new LiveView({ ...options, patterns: pattern('(') });
    expect(wrong.problem?.code).toBe('pattern-invalid');
    const good = new LiveView({ ...options, scanner, patterns: pattern('^a+!$') });
    await good.settled(20_000);
    expect(good.rows.length).toBe(1);
    quick.close();
  });
});
