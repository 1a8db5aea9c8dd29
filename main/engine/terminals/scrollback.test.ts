import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createScrollback } from './scrollback.ts';

const sizes = fc.array(fc.integer({ min: 1, max: 40_000 }), { maxLength: 40 });

test('what is within the limit comes back byte for byte, in whatever pieces it came and is read', () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 5, max: 50_000 }), (written, most) => {
      const bytes = Buffer.alloc(
        written.reduce((sum, size) => sum + size, 0),
        'größe 日本 🚀 \u001b[31mred\u001b[0m\r\n',
      );
      const scrollback = createScrollback(10_000_000);
      let at = 0;
      for (const size of written) scrollback.append(bytes.subarray(at, (at += size)));
      expect(scrollback.end).toBe(bytes.length);
      const parts: Buffer[] = [];
      for (let from = 0; from < scrollback.end;) {
        const part = scrollback.read(from, most);
        expect(part.length).toBeGreaterThan(0);
        parts.push(part);
        from += part.length;
      }
      expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    }),
    { seed: 5, numRuns: 100 },
  );
});

test('pieces end between characters: each is text of its own', () => {
  const text = 'a日本🚀é'.repeat(5_000);
  const scrollback = createScrollback(10_000_000);
  scrollback.append(Buffer.from(text));
  const strict = new TextDecoder('utf-8', { fatal: true });
  let read = '';
  for (let from = 0; from < scrollback.end;) {
    const part = scrollback.read(from, 1_001);
    read += strict.decode(part);
    from += part.length;
  }
  expect(read).toBe(text);
});

test('bytes that are no text pass, too', () => {
  const scrollback = createScrollback(1_000_000);
  scrollback.append(Buffer.alloc(100, 0xff));
  scrollback.append(Buffer.alloc(100, 0x80));
  let from = 0;
  while (from < 200) from += scrollback.read(from, 3).length;
  expect(from).toBe(200);
});

test('beyond the limit the oldest goes, and what is left begins with a line', () => {
  const scrollback = createScrollback(64 * 1024);
  for (let line = 0; line < 20_000; line += 1) scrollback.append(Buffer.from(`line ${line} 日本\r\n`));
  const { start, end } = scrollback;
  expect(end - start).toBeLessThanOrEqual(64 * 1024);
  expect(end - start).toBeGreaterThan(40 * 1024);
  expect(scrollback.read(start, 100).toString('utf8')).toMatch(/^line \d+ 日本\r\n/);
  expect(scrollback.read(0, 100)).toEqual(scrollback.read(start, 100));
  expect(scrollback.read(end, 100)).toHaveLength(0);
});

test('one endless line is cut between characters', () => {
  const scrollback = createScrollback(64 * 1024);
  for (let part = 0; part < 3_000; part += 1) scrollback.append(Buffer.from('日本🚀é日本🚀é日'));
  const strict = new TextDecoder('utf-8', { fatal: true });
  let from = scrollback.start;
  while (from < scrollback.end) {
    const part = scrollback.read(from, 32 * 1024);
    strict.decode(part);
    from += part.length;
  }
  expect(scrollback.end - scrollback.start).toBeGreaterThan(40 * 1024);
});
