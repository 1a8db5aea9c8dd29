import type { LogOptions, LogStatus, ProjectLogs } from './types.ts';

/** Logs of a project that has none. */
export function emptyLogs(): ProjectLogs {
  let options: LogOptions = { tail: 2_000, sinceSeconds: null, muted: [] };
  return {
    async *watch(_view, signal) {
      yield emptyStatus();
      await new Promise<void>(resolve => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    },
    lines: async () => ({ generation: 1, first: 0, end: 0, rows: [] }),
    line: () => ({ text: '', length: 0, next: null }),
    search: async () => ({ hit: null, total: 0, generation: 1, problem: null }),
    clear: () => {},
    options: () => options,
    setOptions: changed => (options = changed),
    async *export() {},
    close: async () => {},
  };
}

const emptyStatus = (): LogStatus => ({
  at: new Date().toISOString(),
  generation: 1,
  first: 0,
  end: 0,
  complete: true,
  progress: 1,
  problem: null,
  matches: 0,
  lines: 0,
  bytes: 0,
  dropped: 0,
  oldest: null,
  levels: { error: 0, warn: 0, info: 0, debug: 0, none: 0 },
  sources: [],
  disconnected: null,
});
