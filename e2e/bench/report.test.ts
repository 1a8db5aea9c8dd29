import { describe, expect, it } from 'vitest';
import { timingOf } from './measure.ts';
import { tableOf, verdictOf } from './report.ts';

describe('tables', () => {
  it('say of what never came how long was waited for it', () => {
    const measured = {
      what: 'an edit',
      timings: [
        timingOf('ours', [5]),
        timingOf('one', [Infinity, 20, 30], 10_000),
        timingOf('none', [Infinity, Infinity], 10_000),
        timingOf('not asked', []),
      ],
      reach: { ours: 'ours', milliseconds: 10 },
    };
    expect(tableOf(measured).split('\n').slice(2)).toEqual([
      '| ours      | 5.0 ms    | 5.0 ms    | 5.0 ms – 5.0 ms   | 1    | 1          |',
      '| one       | 30 ms     | > 10.00 s | 20 ms – > 10.00 s | 3    | 6.00       |',
      '| none      | > 10.00 s | > 10.00 s | –                 | 2    | –          |',
      '| not asked | –         | –         | –                 | 0    | –          |',
    ]);
    expect(verdictOf(measured)?.reached).toBe(true);
  });
});
