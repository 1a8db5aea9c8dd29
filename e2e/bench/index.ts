import { digest } from './digest.ts';
import type { Benchmark } from './report.ts';

/** All benchmarks, by the names that `npm run bench` takes. */
export const benchmarks: readonly Benchmark[] = [digest];
