import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, Measured } from '../report.ts';
import { filterOf } from './filter.ts';
import { flood } from './flood.ts';
import { rowsAlone } from './rows.ts';
import { floodedWindow } from './window.ts';

/** The logs: the engine’s part by itself, and the whole way into a browser window. */
export const logs: Benchmark = {
  id: 'logs',
  title: 'Logs',
  window: true,
  about:
    'The engine’s own log room in this process. The flood is a real pod that writes numbered lines of 100 bytes, 20,000 a second (PTAH_BENCH_SECONDS long, default 60), followed through the API server; from the moment the container runtime stamped a line until it is kept and a view has its row, both clocks being the kernel’s. Every number is then looked for in the view. The filter runs over 1,000,000 lines of some 100 bytes that were given at the API’s border; first results are the first rows that a window could ask for. The event loop’s delay is sampled every millisecond. The window is the built program behind its loopback host in a headless Chromium without a GPU: every frame is noted by requestAnimationFrame and every task over 50 ms by a PerformanceObserver. PTAH_BENCH_CASES takes a choice of filter, flood, rows (the window by itself, before a stand-in engine) and window.',
  async measure(rounds, say) {
    const folder = mkdtempSync(join(tmpdir(), 'ptah-bench-logs-'));
    const only = process.env.PTAH_BENCH_CASES?.split(',');
    const wants = (name: string): boolean => only === undefined || only.includes(name);
    const measured: Measured[] = [];
    try {
      if (wants('filter')) measured.push(...(await filterOf(folder, rounds, say)));
      if (wants('flood')) measured.push(...(await flood(folder, say)));
      if (wants('rows')) measured.push(...(await rowsAlone(folder, say)));
      if (wants('window')) measured.push(...(await floodedWindow(folder, rounds, say)));
      return measured;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
