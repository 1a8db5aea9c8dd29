import type { Engine } from '../engine-types.ts';
import { emptyLogs, type ProjectLogs } from '../logs/index.ts';
import type { Project } from '../project/index.ts';
import type { Parts } from './parts.ts';

/** The logs of each project, for as long as somebody looks, and a while longer. */
export function createLiveLogs(
  _parts: Parts,
  _read: (projectId: string) => Promise<Project>,
): Engine['logs'] & { readonly close: () => Promise<void> } {
  const projects = new Map<string, ProjectLogs>();
  const of = (projectId: string): ProjectLogs => {
    const known = projects.get(projectId) ?? emptyLogs();
    projects.set(projectId, known);
    return known;
  };
  return {
    watch: ({ projectId, view }, signal) => of(projectId).watch(view, signal),
    lines: ({ projectId, ...query }, signal) => of(projectId).lines(query, signal),
    line: async ({ projectId, ...query }) => of(projectId).line(query),
    search: ({ projectId, ...query }, signal) => of(projectId).search(query, signal),
    async clear({ projectId, scope }) {
      of(projectId).clear(scope);
      return { ok: true };
    },
    options: async ({ projectId }) => of(projectId).options(),
    setOptions: async ({ projectId, options }) => of(projectId).setOptions(options),
    export: ({ projectId, ...query }, signal) => of(projectId).export(query, signal),
    async close() {
      await Promise.all([...projects.values()].map(logs => logs.close()));
      projects.clear();
    },
  };
}
