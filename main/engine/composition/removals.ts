import type { Engine } from '../engine-types.ts';
import { PtahError } from '../errors/index.ts';
import type { Project } from '../project/index.ts';
import {
  gatherRemoval,
  planRemoval,
  removalEffects,
  runRemoval,
  type LiveThings,
  type RemovalDeps,
} from '../removal/index.ts';
import type { createDeployJobs } from './deploy-jobs.ts';
import type { Parts } from './parts.ts';

interface RemovalsOptions {
  readonly jobs: Pick<ReturnType<typeof createDeployJobs>, 'remove'>;
  readonly read: (projectId: string) => Promise<Project>;
  readonly live: (projectId: string) => LiveThings;
  /** All projects on the list but this one. */
  readonly others: (projectId: string) => Promise<readonly { name: string; clusterName: string | null }[]>;
}

/** Removals with this engine's Docker, clusters and jobs. */
export function createRemovals(
  parts: Parts,
  { jobs, read, live, others }: RemovalsOptions,
): Engine['removal'] {
  const depsOf = (projectId: string): RemovalDeps => ({
    ...parts,
    live: live(projectId),
    neighbours: async project =>
      (await others(projectId))
        .filter(({ name, clusterName }) => clusterName === project.clusterName && name !== project.name)
        .map(({ name }) => name),
  });
  return {
    async plan({ projectId }, signal = parts.closing) {
      const project = await read(projectId);
      return planRemoval(project, (await gatherRemoval(project, depsOf(projectId), signal)).world);
    },
    async start({ projectId, fingerprint, groups, clusterName }) {
      const project = await read(projectId);
      if (groups.includes('cluster') && clusterName !== project.clusterName)
        throw new PtahError(
          'name-mismatch',
          `${clusterName ?? 'Nothing'} is not the cluster of ${project.name}.`,
          {
            hint: `Type its name: ${project.clusterName}`,
          },
        );
      return jobs.remove(projectId, project, async context => {
        const effects = removalEffects(project, depsOf(projectId));
        const result = await runRemoval({ project, fingerprint, groups }, effects, context);
        context.report(result.summary, 1);
        if (result.failed.length === 0) return;
        throw new PtahError('removal-incomplete', `${result.summary}.`, {
          hint: 'What could be removed is gone. Remove again when the reasons are.',
          details: { output: result.failed.map(({ title, message }) => `${title}: ${message}`).slice(0, 20) },
        });
      });
    },
  };
}
