import { createHash } from 'node:crypto';
import type { Problem } from '../errors/index.ts';
import type { Project } from '../project/index.ts';
import { planImages } from './plan-images.ts';
import { planLoads } from './plan-loads.ts';
import { collectProblems, planCluster, planHelmfile } from './plan-problems.ts';
import { summarise } from './plan-summary.ts';
import type { Plan } from './types.ts';
import type { World } from './world.ts';

/** What Deploy will do and why. Pure: the same project and world give the same plan, to the letter. */
export function plan(project: Project, world: World): Plan {
  const helmfile = planHelmfile(world);
  const found = collectProblems(project, world, helmfile);
  const changed = configChanged(world);
  const images = planImages(world);
  const parts = {
    project: {
      name: project.name,
      root: project.root,
      namespace: project.config.namespace ?? 'default',
    },
    cluster: planCluster(world),
    helmfile,
    images,
    loads: planLoads(world, images),
    objects: (world.objects?.objects ?? []).map(({ planned }) => planned),
    prune: prunable(project, world),
    inventoryLost: world.objects?.inventoryLost ?? false,
    skipped: world.manifests.skipped,
    problems: found.filter(({ severity }) => severity === 'error'),
    warnings: [...found.filter(({ severity }) => severity === 'warning'), ...changed],
  };
  const nothingToDo =
    parts.cluster.action === 'none' &&
    helmfile?.action !== 'sync' &&
    !parts.inventoryLost &&
    images.every(({ action }) => action === 'none') &&
    parts.loads.every(({ action }) => action === 'none') &&
    parts.objects.every(({ action }) => action === 'none' || action === 'ask' || action === 'blocked');
  return {
    ...parts,
    createdAt: world.readAt,
    fingerprint: fingerprintOf(world, parts),
    summary: summarise({ ...parts, unsettled: world.unsettled.length }),
    nothingToDo,
    runnable: parts.problems.length === 0,
  };
}

/** The project's own namespace is none of its manifests, and still not left over. */
function prunable({ config }: Project, { objects }: World): Plan['prune'] {
  return (objects?.prune ?? []).filter(
    ({ ref }) => ref.kind !== 'Namespace' || ref.name !== (config.namespace ?? 'default'),
  );
}

function configChanged({ cluster }: World): readonly Problem[] {
  if (!cluster.configChanged) return [];
  return [
    {
      code: 'kind-config-changed',
      severity: 'warning',
      message: `The Kind configuration changed after the cluster \`${cluster.name}\` was made.`,
      hint: 'It takes effect only in a cluster made anew; Deploy can do that, and everything in the old one is lost.',
    },
  ];
}

/**
 * Over what will be so afterwards, what is overwritten or removed for it, and what it is done with. Times, sizes and live
 * status stay out, so that a pod that starts does not make the plan on the screen an old one. So do the ways that lead to the
 * same end: whether Docker or a node happens to hold an image of that digest, and whether an object is there already just as
 * the folder says. Images and objects that a run just cut off is still removing change that from one second to the next.
 */
function fingerprintOf(
  world: World,
  parts: Pick<Plan, 'project' | 'cluster' | 'helmfile' | 'images' | 'objects' | 'prune' | 'problems'>,
): string {
  const facts = [
    parts.project,
    [parts.cluster.name, parts.cluster.action, parts.cluster.nodeImage, parts.cluster.configChanged],
    [parts.helmfile?.action, world.helmfile?.digest],
    parts.images.map(({ name, reference, digest }) => [name, reference, digest]),
    parts.objects.map(({ ref, action }) => [ref, action === 'create' ? 'none' : action]),
    (world.objects?.objects ?? []).map(({ object }) => object),
    world.manifests.manifests.map(({ path, rewritten }) => [path, rewritten]),
    parts.prune.map(({ ref }) => ref),
    parts.problems.map(({ code, message }) => [code, message]),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
}
