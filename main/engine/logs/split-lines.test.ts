import { expect, it } from 'vitest';
import { LineSplitter } from './split-lines.ts';
import { seeded } from './testing.ts';
import { lastState, visibleText } from './visible-text.ts';

it('gives the same lines wherever the pieces are cut, characters of four bytes too', () => {
  const random = seeded(7);
  const alphabet = ['a', 'ä', '€', '😀', '\n', '\r\n', '\u001b[31m', ' ', '\r'];
  const text = Array.from({ length: 5_000 }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
  const whole = Buffer.from(text);
  const expected = text.split('\n');
  for (let round = 0; round < 50; round++) {
    const splitter = new LineSplitter();
    const lines: string[] = [];
    for (let at = 0; at < whole.length;) {
      const length = 1 + Math.floor(random() * (round < 25 ? 3 : 300));
      splitter.push(whole.subarray(at, at + length), (bytes, start, end) =>
        lines.push(bytes.toString('utf8', start, end)),
      );
      at += length;
    }
    lines.push(splitter.rest()?.toString('utf8') ?? '');
    expect(lines).toEqual(expected);
  }
});

it('shows the last state of a progress line, and no codes', () => {
  expect(lastState('10 %\r20 %\r100 %')).toBe('100 %');
  expect(lastState('done\r')).toBe('done');
  expect(visibleText('\u001b[1;31mer\u001b[0mror \u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\')).toBe(
    'error link',
  );
});
