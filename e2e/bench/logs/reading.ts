import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Cluster } from '../../../main/engine/cluster/index.ts';
import {
  createProjectLogs,
  createScanner,
  type LogStatus,
  type LogView,
} from '../../../main/engine/logs/index.ts';
import { noJobs, noRuns } from '../../../main/engine/logs/testing.ts';
import type { WorkloadsSnapshot } from '../../../main/engine/workloads/index.ts';

export const everything: LogView = { scope: { kind: 'project' }, hidden: [], levels: null, filter: null };

/** The logs of a project as a window has them open. */
export function openReading(
  folder: string,
  workloads: (
    signal: AbortSignal,
  ) => AsyncIterable<{ readonly cluster: Cluster | null; readonly snapshot: WorkloadsSnapshot }>,
) {
  const scanner = createScanner();
  const logs = createProjectLogs({
    projectId: 'bench',
    scanner,
    activity: noJobs,
    runs: noRuns,
    spillFolder: folder,
    workloads,
    options: { tail: null, sinceSeconds: null, muted: [] },
  });
  const controller = new AbortController();
  let status: LogStatus | null = null;
  const watched = (async () => {
    for await (const item of logs.watch(everything, controller.signal)) status = item;
  })();
  return {
    logs,
    status: (): LogStatus | null => status,
    async close() {
      controller.abort();
      await watched;
      await logs.close();
      scanner.close();
    },
  };
}

/** How long the event loop was held up while `work` ran, in milliseconds. */
export async function whileWatchingTheLoop<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly worst: number; readonly p99: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const result = await work();
  delay.disable();
  // the timer's own millisecond is no delay
  return { result, worst: delay.max / 1e6 - 1, p99: delay.percentile(99) / 1e6 - 1 };
}
