import type { Project } from '../project/index.ts';
import type { PlanPart } from './plan.ts';
import { shortList } from './plan-objects.ts';
import type { RemovalWorld } from './world.ts';

/** The Kind cluster, where it was made for the project and nobody else has anything in it. */
export function planCluster(project: Project, world: RemovalWorld): PlanPart {
  const { name, state } = world.cluster;
  if (state === 'missing') return { items: {}, unavailable: {}, keeps: [] };
  const reason = whyItStays(project, world);
  if (reason !== null)
    return {
      items: {},
      unavailable: { cluster: reason },
      keeps: [{ title: `Kind cluster ${name}`, reason }],
    };
  const item = {
    id: `cluster:${name}`,
    kind: 'Kind cluster',
    name,
    where: 'Docker',
    bytes: null,
    note: 'with everything in it, claims and volumes too',
    ref: null,
  };
  return { items: { cluster: [item] }, unavailable: {}, keeps: [] };
}

function whyItStays(project: Project, { cluster, inside, neighbours }: RemovalWorld): string | null {
  const byHand = `“kind delete cluster --name ${cluster.name}” removes it, whatever is in it`;
  if (cluster.state === 'unknown') return cluster.message;
  if (!inside) return `${cluster.message}, so nobody can tell who else uses it; ${byHand}`;
  const { record, otherProjects, strangers } = inside;
  if (record === null) return `it was not made by Ptah Desktop; ${byHand}`;
  if (record.project !== null && record.project !== project.name)
    return `it was made for the project ${record.project}`;
  const others = [...new Set([...otherProjects, ...neighbours])];
  if (others.length > 0) return `${shortList(others)} ${others.length === 1 ? 'uses' : 'use'} it, too`;
  if (strangers.length > 0) return `it holds what is not the project’s: ${shortList(strangers)}; ${byHand}`;
  return null;
}
