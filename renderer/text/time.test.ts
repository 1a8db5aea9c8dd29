import { describe, expect, it } from 'vitest';
import { age, duration, when } from './time.ts';

describe('time', () => {
  it.each([
    [100, '0.1 s'],
    [17_900, '17.9 s'],
    [99_949, '99.9 s'],
    [99_960, '1 min 40 s'],
    [128_000, '2 min 08 s'],
    [3_840_000, '1 h 04 min'],
    [-5, '0.0 s'],
  ])('%d ms', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('says how old something is in one unit', () => {
    expect([48, 900, 10_800, 172_800].map(seconds => age(seconds * 1000))).toEqual([
      '48 s',
      '15 m',
      '3 h',
      '2 d',
    ]);
  });

  it('says when, as a person would', () => {
    const now = new Date(2026, 10, 21, 14, 2).getTime();
    expect(when(new Date(2026, 10, 21, 9, 5).getTime(), now)).toBe('09:05');
    expect(when(new Date(2026, 10, 20, 18, 9).getTime(), now)).toBe('Yesterday 18:09');
    expect(when(new Date(2026, 10, 17, 8, 0).getTime(), now)).toBe('Tue 17 Nov');
    expect(when(new Date(2025, 10, 17, 8, 0).getTime(), now)).toBe('17 Nov 2025');
  });
});
