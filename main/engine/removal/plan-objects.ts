import {
  isKeptUnlessAsked,
  refKey,
  refText,
  type InventoryMember,
  type ObjectRef,
} from '../manifests/index.ts';
import type { Project } from '../project/index.ts';
import { otherOwner } from './other-owner.ts';
import type { PlanPart } from './plan.ts';
import type { RemovalItem, RemovalKeep } from './types.ts';
import type { InsideCluster, RemovalWorld } from './world.ts';

/** Objects by the inventory, claims and volumes, namespaces and definitions. */
export function planObjects(project: Project, { inside, cluster }: RemovalWorld): PlanPart {
  if (!inside) {
    if (cluster.state === 'missing') return { items: {}, unavailable: {}, keeps: [] };
    const reason = `${cluster.message}, so what is in the cluster can’t be listed`;
    return {
      items: {},
      unavailable: { objects: reason, 'node-images': reason, volumes: reason, namespaces: reason },
      keeps: [],
    };
  }
  const keeps: RemovalKeep[] = [];
  const objects: RemovalItem[] = [];
  const volumes: RemovalItem[] = [];
  const namespaces: RemovalItem[] = [];
  for (const member of inside.inventory.members) {
    const foreign = otherOwner(member);
    if (foreign !== null) keeps.push({ title: refText(member.ref), reason: foreign });
    else if (!isKeptUnlessAsked(member.ref))
      objects.push(withFolder(item(member, inside), inside.otherFolder));
    else if (isStorage(member.ref)) volumes.push(item(member, inside));
    else planContainer(member, inside, namespaces, keeps);
  }
  for (const claim of inside.claims) {
    const { note, ...rest } = item(claim, inside);
    volumes.push({ ...rest, note: [claim.why, note].filter(Boolean).join('; ') });
  }
  for (const release of inside.releases)
    keeps.push({
      title: `Helm release ${release}`,
      reason: `Helm owns it: “helmfile destroy” in the folder of ${project.name} removes it`,
    });
  return { items: { objects, volumes, namespaces }, unavailable: {}, keeps };
}

/** A namespace or a definition takes along what is in it, so it goes only where that is the project's alone. */
function planContainer(
  member: InventoryMember,
  inside: InsideCluster,
  into: RemovalItem[],
  keeps: RemovalKeep[],
): void {
  const strangers = inside.contents.get(refKey(member.ref)) ?? [];
  if (strangers.length === 0) into.push(item(member, inside));
  else
    keeps.push({
      title: refText(member.ref),
      reason: `it holds what is not the project’s: ${shortList(strangers)}`,
    });
}

function item({ ref, uid }: InventoryMember, { storage }: InsideCluster): RemovalItem {
  const stored = storage.get(refKey(ref));
  return {
    id: `${refKey(ref)}#${uid}`,
    kind: ref.kind,
    name: ref.name,
    where: ref.namespace,
    bytes: stored?.bytes ?? null,
    note: stored?.note ?? null,
    ref,
  };
}

/** Names are what projects are told apart by: where two share one, it is said at each object whose it may be. */
const withFolder = (one: RemovalItem, folder: string | null): RemovalItem =>
  folder === null ? one : { ...one, note: `a project of this name was last deployed from ${folder}` };

const isStorage = ({ kind }: ObjectRef) => kind.startsWith('PersistentVolume');

export function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
