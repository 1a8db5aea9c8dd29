import { digest } from './digest.ts';
import { launch } from './launch.ts';
import { load } from './load.ts';
import { logs } from './logs/index.ts';
import { noop } from './noop.ts';
import type { Benchmark } from './report.ts';
import { sync } from './sync/index.ts';
import { workloads } from './workloads.ts';

/** All benchmarks, by the names that `npm run bench` takes. */
export const benchmarks: readonly Benchmark[] = [digest, noop, load, launch, logs, sync, workloads];
