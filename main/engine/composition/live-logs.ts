import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pinKindContext, type Cluster } from '../cluster/index.ts';
import type { Engine } from '../engine-types.ts';
import { PtahError, toPtahError } from '../errors/index.ts';
import { createProjectLogs, createScanner, saveLog, type RunFeed } from '../logs/index.ts';
import type { Project } from '../project/index.ts';
import { watchWorkloads, type WorkloadsSnapshot } from '../workloads/index.ts';
import type { Parts } from './parts.ts';

/** How often a cluster that is not there is looked for again. */
const retryMs = 2_000;
/** Logs that nobody looked at for so long are given up, with their memory. */
const idleMs = 10 * 60_000;

/** The logs of each project, for as long as somebody looks, and a while longer. */
export function createLiveLogs(
  parts: Parts,
  read: (projectId: string) => Promise<Project>,
  runs: (projectId: string) => RunFeed,
): Engine['logs'] & { readonly close: () => Promise<void> } {
  const scanner = createScanner();
  const projects = new Map<string, ReturnType<typeof createProjectLogs>>();
  const timer = setInterval(() => {
    for (const [projectId, logs] of projects) {
      if (Date.now() - logs.lastUsed() < idleMs) continue;
      projects.delete(projectId);
      parts.leave(logs.close());
    }
  }, 60_000).unref();

  const of = (projectId: string): ReturnType<typeof createProjectLogs> => {
    if (parts.closing.aborted) throw new PtahError('cancelled', 'The engine is closing.');
    const known = projects.get(projectId);
    if (known) return known;
    const logs = createProjectLogs({
      projectId,
      activity: parts.activity,
      runs: runs(projectId),
      scanner,
      spillFolder: join(parts.home.cache, 'logs'),
      workloads: signal => workloadsOf(() => read(projectId), parts, signal),
    });
    projects.set(projectId, logs);
    return logs;
  };
  return {
    watch: ({ projectId, view }, signal) => of(projectId).watch(view, signal),
    lines: async ({ projectId, ...query }, signal) => of(projectId).lines(query, signal),
    line: async ({ projectId, ...query }) => of(projectId).line(query),
    search: async ({ projectId, ...query }, signal) => of(projectId).search(query, signal),
    async clear({ projectId, scope }) {
      of(projectId).clear(scope);
      return { ok: true };
    },
    options: async ({ projectId }) => of(projectId).options(),
    setOptions: async ({ projectId, options }) => of(projectId).setOptions(options),
    export: ({ projectId, ...query }, signal) => of(projectId).export(query, signal),
    save: ({ projectId, path, overwrite, ...query }, signal) =>
      saveLog(of(projectId).export(query, signal), { path, overwrite }, signal),
    async close() {
      clearInterval(timer);
      await Promise.all([...projects.values()].map(logs => logs.close()));
      projects.clear();
      scanner.close();
    },
  };
}

/** What runs of the project; a cluster that is not there is looked for again until the signal ends. */
async function* workloadsOf(
  read: () => Promise<Project>,
  parts: Parts,
  given: AbortSignal,
): AsyncGenerator<{ readonly cluster: Cluster | null; readonly snapshot: WorkloadsSnapshot }> {
  const signal = AbortSignal.any([given, parts.closing]);
  let told = '';
  while (!signal.aborted) {
    try {
      const project = await read();
      const { env, tools } = parts;
      const pinned = await pinKindContext(project.clusterName, {
        env,
        docker: parts.docker(),
        tools,
        signal,
      });
      const cluster = parts.connect(pinned);
      const query = { projectName: project.name, namespaces: null, images: () => new Map<string, string>() };
      for await (const snapshot of watchWorkloads(cluster, query, signal)) yield { cluster, snapshot };
      return;
    } catch (error) {
      if (signal.aborted) return;
      const reason = toPtahError(error).message;
      if (reason !== told) yield { cluster: null, snapshot: disconnected(reason) };
      told = reason;
    }
    await sleep(retryMs, undefined, { signal }).catch(() => {});
  }
}

const disconnected = (reason: string): WorkloadsSnapshot => ({
  at: new Date().toISOString(),
  connected: false,
  disconnectedReason: reason,
  workloads: [],
  services: [],
});
