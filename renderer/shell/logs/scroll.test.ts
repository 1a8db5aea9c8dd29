import { describe, expect, it } from 'vitest';
import { barOf, drawn, kept, pinOfEnd, placeOfBar, scaleOf, spaceOf, type Extent } from './scroll.ts';

const small: Extent = { first: 0, end: 1_000, height: 300 };
const huge: Extent = { first: -2_000_000, end: 3_000_000, height: 300 };

describe('the place in a list', () => {
  it('is the scroll bar’s, pixel by pixel, while a browser can draw that high', () => {
    expect(scaleOf(small)).toBe(1);
    expect(placeOfBar(0, small)).toEqual({ row: 0, y: 0 });
    expect(placeOfBar(130, small)).toEqual({ row: 6, y: -10 });
    expect(placeOfBar(19_700, small)).toBe('end');
    for (const bar of [0, 7, 130, 9_999, 19_000]) expect(barOf(placeOfBar(bar, small), small)).toBe(bar);
  });

  it('reaches every row of millions, also below zero', () => {
    expect(spaceOf(huge)).toBeLessThan(16_000_000);
    expect(placeOfBar(0, huge)).toEqual({ row: -2_000_000, y: 0 });
    expect(placeOfBar(spaceOf(huge) - 300, huge)).toBe('end');
    const middle = placeOfBar((spaceOf(huge) - 300) / 2, huge);
    expect(middle).toMatchObject({ row: 499_992 });
    expect(barOf(middle, huge)).toBeCloseTo((spaceOf(huge) - 300) / 2, 3);
  });

  it('draws what fits, and no more', () => {
    for (const extent of [small, huge]) {
      for (const place of ['end', { row: 400, y: -7 }, { row: 400, y: 150 }] as const) {
        const { from, to } = drawn(place, extent);
        expect(to - from).toBeLessThanOrEqual(19);
        expect((to - from) * 20).toBeGreaterThanOrEqual(300);
      }
    }
    expect(drawn('end', { first: 0, end: 3, height: 300 })).toEqual({ from: 0, to: 3 });
  });

  it('stays at its row while rows come and go around it', () => {
    const pin = { row: 400, y: -7 };
    expect(kept(pin, { ...small, end: 90_000 }, false)).toEqual(pin);
    expect(kept(pin, { ...small, first: -500 }, false)).toEqual(pin);
    expect(kept(pin, { ...small, first: 600 }, false)).toEqual({ row: 600, y: 0 });
    expect(kept(pin, { ...small, end: 300 }, false)).toBe('end');
    expect(kept({ row: 2, y: 100 }, small, false)).toEqual({ row: 0, y: 0 });
    expect(kept({ row: 999, y: 0 }, small, false)).toBe('end');
    expect(kept({ row: 999, y: 0 }, small, true)).toEqual({ row: 999, y: 0 });
  });

  it('leaves the end without a jump', () => {
    expect(pinOfEnd(small)).toEqual({ row: 985, y: 0 });
    expect(kept(pinOfEnd(small), small, false)).toEqual({ row: 985, y: 0 });
    expect(pinOfEnd({ ...small, height: 310 })).toEqual({ row: 984, y: -10 });
  });
});
