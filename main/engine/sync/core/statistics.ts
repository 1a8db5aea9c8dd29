/** How many batches the figures are of. */
const kept = 50;

/** Latencies of the last batches. */
export interface Latencies {
  add(milliseconds: number): void;
  /** The least value that `share` of them do not exceed; null where there are none. */
  percentile(share: number): number | null;
}

export function createLatencies(): Latencies {
  const last: number[] = [];
  return {
    add(milliseconds) {
      last.push(milliseconds);
      if (last.length > kept) last.shift();
    },
    percentile(share) {
      const sorted = last.toSorted((a, b) => a - b);
      return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
    },
  };
}
