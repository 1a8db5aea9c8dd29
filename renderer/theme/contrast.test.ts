import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

// Every pair of tokens that meets on screen: text 4.5 : 1, edges of controls and the focus ring 3 : 1 (WCAG 2.2, 1.4.3 and 1.4.11).
const css = readFileSync(`${import.meta.dirname}/tokens.css`, 'utf8');

function themes(): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const [, selector = '', body = ''] of css.matchAll(
    /([^{}]*\[data-theme='(?:\w+)'\][^{}]*)\{([^}]*)\}/g,
  )) {
    const name = /data-theme='(\w+)'/.exec(selector)?.[1] ?? '';
    found.set(
      name,
      new Map(
        [...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(match => [match[1] ?? '', match[2] ?? '']),
      ),
    );
  }
  return found;
}

function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const surfaces = [
  'frame',
  'surface',
  'surface-sunken',
  'surface-raised',
  'surface-hover',
  'surface-selected',
];
const states = ['ok', 'warn', 'bad', 'working', 'stopped', 'rewrite'];
const texts = ['text', 'text-2', 'text-3', 'link', ...states].flatMap(text =>
  surfaces.map(surface => [text, surface]),
);
const soft = states.flatMap(state =>
  [state, 'text', 'text-2', 'text-3'].map(text => [text, `${state}-soft`]),
);
const diff = ['diff-add', 'diff-del', 'rewrite'].flatMap(kind => [
  [kind, `${kind}-soft`],
  [kind, `${kind}-word`],
  ['text', `${kind}-soft`],
  ['text-3', `${kind}-soft`],
  ...['key', 'str', 'num', 'com', 'kw'].map(syntax => [`syn-${syntax}`, `${kind}-soft`]),
  ...['str', 'num'].map(syntax => [`syn-${syntax}`, `${kind}-word`]),
]);
const ansi = Array.from({ length: 16 }, (_, index) => [`ansi-${index}`, 'surface-sunken']);
const other = [
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['on-guard', 'guard'],
  ['text', 'mark'],
];
const edges = ['surface', 'surface-sunken', 'frame', 'surface-raised'].flatMap(surface => [
  ['border-control', surface],
  ['focus', surface],
]);

describe.each(['light', 'dark', 'contrast'])('theme %s', name => {
  const tokens = themes().get(name) ?? new Map<string, string>();
  const low = (pairs: readonly string[][], least: number) =>
    pairs
      .filter(([a = '', b = '']) => contrast(tokens.get(a) ?? '#000000', tokens.get(b) ?? '#000000') < least)
      .map(pair => pair.join(' on '));

  it('has text that can be read on every surface that it meets', () => {
    expect(low([...texts, ...soft, ...diff, ...ansi, ...other], 4.5)).toEqual([]);
  });
  it('has edges and focus rings that can be seen', () => {
    expect(low(edges, 3)).toEqual([]);
  });
});
