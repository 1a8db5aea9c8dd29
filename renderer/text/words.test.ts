import { describe, expect, it } from 'vitest';
import { count, cutMiddle, grouped, joined, shortPath, size } from './words.ts';

describe('words', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [42_000, '42 kB'],
    [999_600, '1.0 MB'],
    [1_040_000, '1.0 MB'],
    [212_000_000, '212 MB'],
    [4_100_000_000, '4.1 GB'],
  ])('%d bytes', (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });

  it('counts and joins', () => {
    expect([count(1, 'image'), count(0, 'image'), count(12_345, 'line')]).toEqual([
      '1 image',
      '0 images',
      '12,345 lines',
    ]);
    expect(grouped(1_000_000)).toBe('1,000,000');
    expect([joined([]), joined(['a']), joined(['a', 'b', 'c']), joined(['a', 'b', 'c', 'd'])]).toEqual([
      '',
      'a',
      'a, b and c',
      'a, b and 2 more',
    ]);
  });

  it('cuts a path in the middle and keeps its end', () => {
    expect(cutMiddle('/home/me/code/shop/api/Dockerfile', 20)).toHaveLength(20);
    expect(cutMiddle('/home/me/code/shop/api/Dockerfile', 20)).toMatch(/….*Dockerfile$/);
    expect(cutMiddle('short', 20)).toBe('short');
  });

  it('shortens the home folder only where it is known', () => {
    expect(shortPath('/home/me/code/shop', '/home/me')).toBe('~/code/shop');
    expect(shortPath('/home/you/shop', '/home/me')).toBe('/home/you/shop');
    expect(shortPath('/home/me/code/shop', '')).toBe('/home/me/code/shop');
    expect(shortPath('/home/me/code/shop', null)).toBe('/home/me/code/shop');
  });
});
