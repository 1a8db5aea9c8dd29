import { plan, type World } from '../deploy/index.ts';
import type { ImageState } from '../engine-types.ts';
import type { Project } from '../project/index.ts';
import type { BuildNote } from './deploy-jobs.ts';

/** The rows of the Images screen: what the folder says, what Docker and the nodes hold, and how the last build went. */
export function imageStates(
  project: Project,
  world: World,
  lastBuilds: ReadonlyMap<string, BuildNote & { readonly jobId: string }>,
): readonly ImageState[] {
  const planned = plan(project, world);
  return world.images.map(image => {
    const decision = planned.images.find(({ name }) => name === image.name);
    const lastBuild = lastBuilds.get(image.name) ?? null;
    const mine = world.built.filter(({ reference }) => reference.startsWith(`${image.name}:`));
    const built = mine.find(
      ({ reference, digest }) => reference === image.reference && digest === image.digest,
    );
    const [previous] = mine
      .filter(({ reference }) => reference !== image.reference)
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    return {
      ...image,
      state: stateOf(world, decision?.action === 'build', lastBuild),
      reason: decision?.reason ?? null,
      built: built ? { id: built.id, size: built.size, createdAt: built.createdAt } : null,
      previousReference: previous?.reference ?? null,
      nodes: planned.loads
        .filter(load => load.image === image.name && planned.cluster.exists)
        .map(({ node, action }) => ({ node, loaded: action === 'none' })),
      lastBuild: lastBuild && {
        jobId: lastBuild.jobId,
        durationMs: lastBuild.durationMs,
        at: lastBuild.at,
        state: lastBuild.state,
      },
    };
  });
}

function stateOf(world: World, stale: boolean, lastBuild: BuildNote | null): ImageState['state'] {
  if (lastBuild?.state === 'running') return 'building';
  if (world.docker.state === 'unreachable') return 'unknown';
  if (!stale) return 'current';
  return lastBuild?.state === 'failed' ? 'failed' : 'stale';
}
