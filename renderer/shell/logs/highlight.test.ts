import { describe, expect, it } from 'vitest';
import { firstLook } from '../../stores/logs.ts';
import { logSources } from '../../testing/logs.ts';
import { nearest, segmentsOf } from '../../components/ansi-segments.ts';
import { proposedPath } from './export-dialog.tsx';
import { finder, readPattern } from './highlight.ts';
import { jsonLines } from './json-lines.ts';
import { chipsOf, toggled, viewOf } from './scopes.ts';
import { shownTime } from './times.ts';

const typed = (text: string, change = {}) => ({ text, regex: false, matchCase: false, ...change });

describe('what is typed', () => {
  it('is a text, an exclusion or a pattern', () => {
    expect(readPattern(typed(''))).toBeNull();
    expect(readPattern(typed('!'))).toMatchObject({ text: '!', invert: false });
    expect(readPattern(typed('!healthz'))).toMatchObject({ text: 'healthz', invert: true, regex: false });
    expect(readPattern(typed('!/a|b/'))).toMatchObject({ text: 'a|b', invert: true, regex: true });
    expect(readPattern(typed('!x'), false)).toMatchObject({ text: '!x', invert: false });
    expect(readPattern(typed('//'))).toMatchObject({ text: '//', regex: false });
  });

  it('marks its places, and none for what is no pattern', () => {
    const find = (text: string, change = {}) => finder({ ...typed(text), ...change });
    expect(find('CART')?.('cart Cart')).toEqual([
      { from: 0, to: 4 },
      { from: 5, to: 9 },
    ]);
    expect(find('CART', { matchCase: true })?.('cart Cart')).toEqual([]);
    expect(find('c.', { regex: true })?.('cart')).toEqual([{ from: 0, to: 2 }]);
    expect(find('(', { regex: true })).toBeNull();
    expect(find('x*', { regex: true })?.('axxa')).toEqual([{ from: 1, to: 3 }]);
    expect(find('i')?.('İi')).toEqual([]);
  });

  it('becomes a view of the engine; marking alone hides nothing', () => {
    const filter = { ...firstLook.filter, ...typed('!healthz'), context: 2 as const };
    expect(viewOf({ ...firstLook, filter }).filter).toEqual({
      text: 'healthz',
      regex: false,
      matchCase: false,
      invert: true,
      context: 2,
    });
    expect(viewOf({ ...firstLook, filter: { ...filter, onlyMark: true } }).filter).toBeNull();
    expect(viewOf({ ...firstLook, quiet: ['debug'] }).levels).toEqual(['error', 'warn', 'info', 'none']);
  });
});

describe('a line', () => {
  it('has the theme’s colours, whatever the program chose', () => {
    expect(segmentsOf('plain')).toEqual([{ text: 'plain', style: null }]);
    expect(segmentsOf('\u001b[31mred\u001b[0m on')).toEqual([
      { text: 'red', style: { color: 'var(--ansi-1)' } },
      { text: ' on', style: null },
    ]);
    expect(segmentsOf('\u001b[38;5;208mo\u001b[0m')[0]?.style?.color).toBe('var(--ansi-11)');
    expect(segmentsOf('\u001b[38;2;10;10;120mo\u001b[0m')[0]?.style?.color).toBe('var(--ansi-4)');
    const badge = (background: string) => ({ background, color: 'var(--surface-sunken)' });
    expect(segmentsOf('\u001b[30;42m PASS \u001b[0m')[0]?.style).toEqual(badge('var(--ansi-2)'));
    expect(segmentsOf('\u001b[31;7mx\u001b[0m')[0]?.style).toEqual(badge('var(--ansi-1)'));
    expect(segmentsOf('\u001b[7mx\u001b[0m')[0]?.style).toEqual(badge('var(--ansi-7)'));
    expect(segmentsOf('\u001b[2K\u001b]0;title\u0007text')).toEqual([{ text: 'text', style: null }]);
    expect([nearest(255, 255, 255), nearest(128, 128, 128), nearest(0, 0, 0)]).toEqual([15, 7, 8]);
  });

  it('of JSON opens as its members', () => {
    const lines = jsonLines('{"a":1,"b":{"c":"x","d":[true,null]},"e":{}}');
    expect(lines?.map(line => `${' '.repeat(line.depth)}${line.name}: ${line.text}`)).toEqual([
      'a: 1',
      'b: ',
      ' c: x',
      ' d: ',
      '  0: true',
      '  1: null',
      'e: {}',
    ]);
    expect(jsonLines('{"a":')).toBeNull();
    expect(jsonLines('17')).toBeNull();
    expect(jsonLines(JSON.stringify(Array.from({ length: 9_000 }, (_, at) => at)))).toHaveLength(501);
  });

  it('has its time as it was written, or of this machine', () => {
    expect(shownTime('2026-01-02T03:04:05.123456789Z', 'utc')).toBe('03:04:05.123Z');
    expect(shownTime('2026-01-02T03:04:05.123456789Z', 'local')).toMatch(/^\d\d:\d\d:05\.123$/);
    expect(shownTime('nonsense', 'local')).toBe('');
  });
});

describe('chips', () => {
  it('stand for workloads and images, or for containers where there is one workload', () => {
    const chips = chipsOf(logSources);
    expect(chips.map(chip => chip.label)).toEqual(['api', 'mariadb', 'web', 'worker', 'build api']);
    expect(chips[0]?.note).toBe('2 pods');
    const pods = chipsOf(logSources.slice(0, 2));
    expect(pods.map(chip => [chip.label, chip.colour])).toEqual([
      ['api 2xk4q', 1],
      ['api m8vtz', 2],
    ]);
  });

  it('switch a workload, and one container of it', () => {
    const chips = chipsOf(logSources);
    const [first, second] = logSources;
    if (first === undefined || second === undefined) throw new Error('No sources');
    const off = toggled([], first.group, chips);
    expect(off).toEqual([first.group]);
    expect(toggled(off, first.group, chips)).toEqual([]);
    expect(toggled(off, first.key, chips)).toEqual([second.key]);
    expect(toggled([second.key], first.key, chips)).toEqual([second.key, first.key]);
    expect(toggled([second.key, first.key], first.group, chips)).toEqual([]);
  });
});

it('an export is proposed under a name that a file can have', () => {
  expect(proposedPath('api in api-1/x', new Date(2026, 0, 2, 3, 4, 5))).toBe(
    '~/api-in-api-1-x-20260102-030405.log',
  );
});
