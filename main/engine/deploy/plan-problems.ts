import type { Problem } from '../errors/index.ts';
import type { Project } from '../project/index.ts';
import type { PlannedCluster, PlannedHelmfile } from './types.ts';
import type { World } from './world.ts';

/** Everything wrong with the folder and the world, each once, in the order in which a deploy would run into it. */
export function collectProblems(
  project: Project,
  world: World,
  helmfile: PlannedHelmfile | null,
): readonly Problem[] {
  const all = [
    ...project.problems,
    ...world.images.flatMap(image => image.problems),
    ...world.manifests.problems,
    ...world.problems,
    ...clusterProblems(world),
    ...(helmfile?.problem ? [helmfile.problem] : []),
    ...(world.objects?.objects ?? []).flatMap(({ planned }) => (planned.problem ? [planned.problem] : [])),
  ];
  const seen = new Set<string>();
  return all.filter(problem => {
    const key = JSON.stringify([problem.code, problem.message, problem.file, problem.line, problem.column]);
    return !seen.has(key) && seen.add(key);
  });
}

function clusterProblems({ cluster }: World): readonly Problem[] {
  if (cluster.state === 'missing' && !cluster.kindFound)
    return [
      {
        code: 'kind-missing',
        severity: 'error',
        message: `The cluster \`${cluster.name}\` is not there, and kind, which makes it, was not found.`,
        hint: 'Install kind: Setup does it, or `ptah setup --fix`.',
      },
    ];
  if (cluster.state === 'stopped')
    return [
      {
        code: 'cluster-stopped',
        severity: 'error',
        message: `The cluster \`${cluster.name}\` is stopped: ${cluster.message}`,
        hint: `Start its containers: docker start ${cluster.nodes.map(({ name }) => name).join(' ')}`,
      },
    ];
  if (cluster.state === 'not-answering')
    return [
      {
        code: 'cluster-not-answering',
        severity: 'error',
        message: `The cluster \`${cluster.name}\` does not answer: ${cluster.message}`,
        hint: 'A cluster that was just started needs up to a minute: plan again. Else delete it and deploy.',
      },
    ];
  return [];
}

/** Null where the project has no Helmfile. */
export function planHelmfile({ helmfile }: World): PlannedHelmfile | null {
  if (!helmfile) return null;
  const isSynced = helmfile.planned.action === 'sync' && helmfile.syncedDigest === helmfile.digest;
  return isSynced ? { ...helmfile.planned, action: 'none' } : helmfile.planned;
}

export function planCluster({ cluster }: World): PlannedCluster {
  const create = cluster.state === 'missing';
  return {
    name: cluster.name,
    context: cluster.context,
    exists: cluster.state !== 'missing' && cluster.state !== 'unknown',
    action: create ? 'create' : 'none',
    nodes: cluster.nodes.map(({ name }) => name),
    nodeImage:
      create && cluster.nodeImage
        ? { reference: cluster.nodeImage.reference, from: cluster.nodeImage.from }
        : null,
    configChanged: cluster.configChanged,
    reason:
      create && cluster.nodeImage
        ? `${cluster.message}; node image: ${cluster.nodeImage.reason}`
        : cluster.message,
  };
}
