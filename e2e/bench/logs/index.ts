import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, Measured } from '../report.ts';
import { emptyPage } from './empty-page.ts';
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
    'The engine’s own log room in this process. The flood is a real pod that writes numbered lines of 100 bytes, 20,000 a second (PTAH_BENCH_SECONDS long, default 60), followed through the API server; from the moment the container runtime stamped a line until it is kept and a view has its row, both clocks being the kernel’s. Every number is then looked for in the view, and in what `kubectl logs -f` of the same pod has written meanwhile. The filter runs over 1,000,000 lines of some 100 bytes that were given at the API’s border; first results are the first rows that a window could ask for. The event loop’s delay is sampled every millisecond. The window is the built program behind its loopback host in a headless Chromium without a GPU: every frame is noted by requestAnimationFrame and every task over 50 ms by a PerformanceObserver. PTAH_BENCH_CASES takes a choice of filter, flood, rows (the window by itself, before a stand-in engine), window, and empty (a page that shows nothing beside the same pod: what the machine leaves to any window).',
  async measure(rounds, say, tell) {
    const folder = mkdtempSync(join(tmpdir(), 'ptah-bench-logs-'));
    const only = process.env.PTAH_BENCH_CASES?.split(',');
    const cases: Readonly<Record<string, () => Promise<readonly Measured[]>>> = {
      filter: () => filterOf(folder, rounds, say),
      flood: () => flood(folder, say),
      rows: () => rowsAlone(folder, say),
      window: () => floodedWindow(folder, rounds, say),
      empty: () => emptyPage(say),
    };
    const unknown = only?.find(name => !(name in cases));
    if (unknown !== undefined)
      throw new Error(`There is no case ${unknown}. Cases: ${Object.keys(cases).join(', ')}`);
    try {
      for (const [name, measure] of Object.entries(cases)) {
        if (only !== undefined && !only.includes(name)) continue;
        say(name);
        try {
          for (const measured of await measure()) tell(measured);
        } catch (error) {
          // another case has nothing to do with it
          const why = error instanceof Error ? error.message : String(error);
          tell({ what: name, timings: [], notes: [`Cut off: ${why}`], failed: true });
        }
      }
      return [];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
