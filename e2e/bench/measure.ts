/** One way to do the same thing: ours, or what a user would run otherwise. */
export interface Side {
  readonly name: string;
  /** Puts the world back, untimed. */
  readonly prepare?: () => Promise<unknown>;
  /**
   * Resolves to milliseconds where the side measures itself, `Infinity` where it gave up waiting; else the time until it resolves
   * counts.
   */
  readonly run: () => Promise<number | undefined | void>;
}

/** Milliseconds of one side. */
export interface Timing {
  readonly name: string;
  readonly runs: number;
  readonly median: number;
  readonly p95: number;
  readonly min: number;
  readonly max: number;
  readonly samples: readonly number[];
  /** How long was waited for what never came, which is a sample of `Infinity`. */
  readonly waited?: number;
}

export interface Bounds {
  /** Milliseconds of a side; one that has used them up is not asked further, and has fewer runs. */
  readonly budget?: number;
  /** How often a side may give up before it is not asked further. */
  readonly mostGivenUp?: number;
  /** What a run that gives up has waited. */
  readonly waited?: number;
}

/**
 * Runs the sides in turn, round after round, so that whatever else the machine does meets all of them alike. The first round only
 * warms up (page cache, compile caches) and does not count, except of a side whose budget ended with it.
 */
export async function interleave(
  sides: readonly Side[],
  rounds: number,
  say: (text: string) => void,
  { budget = Infinity, mostGivenUp = 2, waited }: Bounds = {},
): Promise<Timing[]> {
  const all = sides.map(side => ({ side, spent: 0, warm: [] as number[], samples: [] as number[] }));
  for (let round = 0; round <= rounds; round++) {
    for (const own of all) {
      const givenUp = [...own.warm, ...own.samples].filter(sample => sample === Infinity).length;
      if (own.spent > budget || givenUp >= mostGivenUp) continue;
      const started = performance.now();
      await own.side.prepare?.();
      const began = performance.now();
      const said = await own.side.run();
      const ended = performance.now();
      own.spent += ended - started;
      (round === 0 ? own.warm : own.samples).push(typeof said === 'number' ? said : ended - began);
    }
    say(round === 0 ? 'warmed up' : `round ${round} of ${rounds}`);
  }
  return all.map(({ side, warm, samples }) =>
    timingOf(side.name, samples.length > 0 ? samples : warm, waited),
  );
}

/** What the samples of one side come to. The 95th percentile is the nearest rank: of few runs it is the slowest. */
export function timingOf(name: string, samples: readonly number[], waited?: number): Timing {
  // `Infinity - Infinity` is no order
  const sorted = samples.toSorted((a, b) => (a === b ? 0 : a - b));
  const at = (rank: number): number => sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)] ?? Number.NaN;
  const middle = sorted.length / 2;
  const lower = sorted[middle - 1] ?? Number.NaN;
  const median = sorted.length % 2 === 0 ? (lower + (sorted[middle] ?? 0)) / 2 : at(0.5);
  return {
    name,
    runs: sorted.length,
    median,
    p95: at(0.95),
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    samples,
    ...(waited !== undefined && samples.includes(Infinity) ? { waited } : {}),
  };
}
