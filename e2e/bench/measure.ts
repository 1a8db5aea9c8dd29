/** One way to do the same thing: ours, or what a user would run otherwise. */
export interface Side {
  readonly name: string;
  /** Puts the world back, untimed. */
  readonly prepare?: () => Promise<unknown>;
  /** Resolves to milliseconds where the side measures itself; else the time until it resolves counts. */
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
}

/**
 * Runs the sides in turn, round after round, so that whatever else the machine does meets all of them alike. The first round only
 * warms up (page cache, compile caches) and does not count.
 */
export async function interleave(
  sides: readonly Side[],
  rounds: number,
  say: (text: string) => void,
): Promise<Timing[]> {
  const samples = sides.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, side] of sides.entries()) {
      await side.prepare?.();
      const began = performance.now();
      const own = await side.run();
      const took = typeof own === 'number' ? own : performance.now() - began;
      if (round > 0) samples[index]?.push(took);
    }
    say(round === 0 ? 'warmed up' : `round ${round} of ${rounds}`);
  }
  return sides.map(({ name }, index) => timingOf(name, samples[index] ?? []));
}

/** What the samples of one side come to. The 95th percentile is the nearest rank: of few runs it is the slowest. */
export function timingOf(name: string, samples: readonly number[]): Timing {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (rank: number): number => sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)] ?? Number.NaN;
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 0 ? ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2 : at(0.5);
  return {
    name,
    runs: sorted.length,
    median,
    p95: at(0.95),
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    samples,
  };
}
