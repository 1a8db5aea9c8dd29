import { describe, expect, it } from 'vitest';
import { interleave, timingOf } from './measure.ts';

describe('timings', () => {
  it('takes the middle of an even number of samples', () => {
    expect(timingOf('a', [4, 1, 3, 2])).toMatchObject({ runs: 4, median: 2.5, p95: 4, min: 1, max: 4 });
  });

  it('takes the nearest rank', () => {
    const samples = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(timingOf('a', samples)).toMatchObject({ p95: 95, max: 100 });
    expect(timingOf('b', [7, 9, 8]).median).toBe(8);
  });

  it('runs the sides in turn, drops the first round, and prepares untimed', async () => {
    const order: string[] = [];
    const side = (name: string) => ({
      name,
      prepare: async () => order.push(`prepare ${name}`),
      run: async () => {
        order.push(name);
        return name === 'a' ? 5 : 7;
      },
    });
    const timings = await interleave([side('a'), side('b')], 2, () => {});
    expect(order.filter(entry => !entry.startsWith('prepare'))).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
    expect(timings.map(({ samples }) => samples)).toEqual([
      [5, 5],
      [7, 7],
    ]);
  });

  it('asks no further a side that has given up twice, and one whose budget is used up', async () => {
    let asked = 0;
    let slow = 0;
    const timings = await interleave(
      [
        { name: 'never', run: async () => (asked++, Infinity) },
        {
          name: 'slow',
          prepare: () => new Promise(resolve => setTimeout(resolve, 20)),
          run: async () => ++slow,
        },
        { name: 'quick', run: async () => 3 },
      ],
      4,
      () => {},
      { budget: 10, waited: 10_000 },
    );
    expect(asked).toBe(2);
    expect(timings.map(({ samples }) => samples)).toEqual([[Infinity], [1], [3, 3, 3, 3]]);
    expect(timings[0]).toMatchObject({ median: Infinity, waited: 10_000 });
    expect(timings[2]?.waited).toBeUndefined();
  });
});
