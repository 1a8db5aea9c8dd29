import { createHash } from 'node:crypto';
import type { Project } from '../project/index.ts';
import { planCluster } from './plan-cluster.ts';
import { planImages } from './plan-images.ts';
import { planObjects } from './plan-objects.ts';
import type { RemovalGroup, RemovalGroupId, RemovalItem, RemovalKeep, RemovalPlan } from './types.ts';
import type { RemovalWorld } from './world.ts';

/** What a part of the plan gives: items by group, why a group can't be had, and what stays. */
export interface PlanPart {
  readonly items: Partial<Record<RemovalGroupId, readonly RemovalItem[]>>;
  readonly unavailable: Partial<Record<RemovalGroupId, string>>;
  readonly keeps: readonly RemovalKeep[];
}

const groups: readonly (readonly [RemovalGroupId, title: string, askedApart: boolean])[] = [
  ['live', 'What runs by our doing', false],
  ['objects', 'Objects in the cluster', false],
  ['node-images', 'Images on the nodes', false],
  ['images', 'Images in Docker', false],
  ['output', 'Written manifests', false],
  ['volumes', 'Volumes and claims', true],
  ['namespaces', 'Namespaces and definitions', true],
  ['cluster', 'Kind cluster', true],
];

/** Pure: names everything that is the project's, and nothing else. */
export function planRemoval(project: Project, world: RemovalWorld): RemovalPlan {
  const parts = [
    planLive(world),
    planObjects(project, world),
    planImages(project, world),
    planOutput(project, world),
    planCluster(project, world),
  ];
  const listed = groups.map(([id, title, askedApart]): RemovalGroup => ({
    id,
    title,
    askedApart,
    items: parts.flatMap(({ items }) => items[id] ?? []),
    unavailable: parts.map(({ unavailable }) => unavailable[id]).find(Boolean) ?? null,
  }));
  const ids = listed.map(({ id, items }) => [id, items.map(item => item.id).toSorted()]);
  return {
    project: { name: project.name, root: project.root },
    cluster: { name: world.cluster.name, context: `kind-${world.cluster.name}` },
    createdAt: world.readAt,
    fingerprint: createHash('sha256').update(JSON.stringify(ids)).digest('hex').slice(0, 16),
    groups: listed,
    keeps: [
      ...parts.flatMap(({ keeps }) => keeps),
      { title: project.root, reason: 'your files stay as they are, and the project stays in the list' },
    ],
    nothingToRemove: listed.every(({ items }) => items.length === 0),
  };
}

function planLive({ live }: RemovalWorld): PlanPart {
  const items = live.map(({ id, kind, name, where }) => ({
    id: `live:${id}`,
    kind,
    name,
    where,
    bytes: null,
    note: null,
    ref: null,
  }));
  return { items: { live: items }, unavailable: {}, keeps: [] };
}

function planOutput({ config }: Project, { output }: RemovalWorld): PlanPart {
  if (output === null) return { items: {}, unavailable: {}, keeps: [] };
  if ('refused' in output)
    return { items: {}, unavailable: {}, keeps: [{ title: config.buildOutput, reason: output.refused }] };
  const { directory, files, bytes } = output;
  const item: RemovalItem = {
    id: `output:${directory}`,
    kind: 'Folder',
    name: config.buildOutput,
    where: 'the project',
    bytes,
    note: `${files} ${files === 1 ? 'file' : 'files'} that Deploy wrote, and writes again`,
    ref: null,
  };
  return { items: { output: [item] }, unavailable: {}, keeps: [] };
}
