import { expect, it } from 'vitest';
import { LogStore } from './log-store.ts';
import { ALL_LEVELS, scan, type ScanQuery } from './scan.ts';
import { newLine } from './testing.ts';

/** Numbers of the lines that a query finds in a table of its own. */
function found(lines: readonly string[], patterns: ScanQuery['patterns']): readonly number[] {
  const store = new LogStore();
  store.addSource();
  for (const line of lines) store.append(0, newLine(line));
  const [table] = store.tables;
  if (table === undefined) throw new Error('No line was kept');
  const query = { sources: null, levels: ALL_LEVELS, patterns };
  return Array.from(scan({ table: table.data, from: 0, to: table.count, query }));
}
const text = (wanted: string, invert = false) => ({ text: wanted, regex: false, matchCase: false, invert });

it('finds nothing of a text that no line has, and every line without it', () => {
  const lines = ['GET /cart 200', 'GET /order 500', 'ready'];
  expect(found(lines, [text('418')])).toEqual([]);
  expect(found(lines, [text('418', true)])).toEqual([0, 1, 2]);
  expect(found(lines, [text('418', true), text('get')])).toEqual([0, 1]);
  expect(found(lines, [text('get'), text('418')])).toEqual([]);
  expect(found(lines, [text('500')])).toEqual([1]);
  expect(found(lines, [text('500', true)])).toEqual([0, 2]);
});

it('finds a text that is only there as it is seen, between colours', () => {
  const lines = ['took \u001b[31m4\u001b[0m18 ms', 'ready'];
  expect(found(lines, [text('418')])).toEqual([0]);
  expect(found(lines, [text('418', true)])).toEqual([1]);
});
