import { expect, it } from 'vitest';
import { approximateSize } from './approximate-size.ts';

it('is near what JSON takes', () => {
  const value = { name: 'api-5d9c-x7k2p', ready: true, restarts: [0, 1, 2], node: null };
  const size = JSON.stringify(value).length;
  expect(approximateSize(value)).toBeGreaterThan(size * 0.6);
  expect(approximateSize(value)).toBeLessThan(size * 1.8);
});

it('looks no further than it was asked to', () => {
  let looked = 0;
  const pods = Array.from({ length: 1_000 }, () => ({
    get name() {
      looked += 1;
      return 'x'.repeat(100);
    },
  }));
  expect(approximateSize({ pods }, 1_000)).toBeGreaterThanOrEqual(1_000);
  expect(looked).toBeLessThan(12);
  expect(approximateSize({ pods })).toBeGreaterThan(100_000);
});

it('is without end for a circle', () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(approximateSize(circle)).toBe(Infinity);
});
