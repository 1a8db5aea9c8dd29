import type { Cluster } from '../cluster/index.ts';
import type { ObjectResult } from '../deploy/index.ts';
import { PtahError, isAbort } from '../errors/index.ts';
import { isKeptUnlessAsked, refKey, refText } from './identity.ts';
import { readInventory, writeInventory } from './inventory.ts';
import type { InventoryMember, PruneRequest } from './plan-types.ts';
import type { ObjectRef } from './types.ts';

/**
 * Deletes exactly the objects that the user was shown and agreed to, and only those of the project's inventory. What
 * holds data goes only when ticked by name (cli-utils#274: a namespace that dropped out of the set took all with it).
 */
export async function prune(
  cluster: Cluster,
  request: PruneRequest,
  signal?: AbortSignal,
): Promise<readonly ObjectResult[]> {
  const members = new Map(request.inventory.members.map(member => [refKey(member.ref), member]));
  const ticked = new Set((request.ticked ?? []).map(refKey));
  const results: ObjectResult[] = [];
  for (const ref of inOrder(request.refs)) {
    const outcome = await pruneOne(cluster, ref, members.get(refKey(ref)), ticked.has(refKey(ref)), signal);
    results.push(outcome);
    request.onResult?.(outcome);
  }
  await narrowInventory(cluster, request, signal);
  return results;
}

async function pruneOne(
  cluster: Cluster,
  ref: ObjectRef,
  member: InventoryMember | undefined,
  ticked: boolean,
  signal?: AbortSignal,
): Promise<ObjectResult> {
  const outcome = (result: ObjectResult['result'], message: string): ObjectResult => ({
    ref,
    result,
    message,
    conflicts: [],
  });
  if (member === undefined)
    return outcome('failed', `${refText(ref)} is not in the inventory of this project: it is left alone.`);
  if (isKeptUnlessAsked(ref) && !ticked)
    return outcome('skipped', 'kept: it holds what cannot be made again, and was not ticked');
  try {
    signal?.throwIfAborted();
    // The precondition keeps an object alive that somebody made anew under the same name meanwhile.
    await cluster.remove(member.ref, {
      propagation: 'Background',
      uid: member.uid,
      ...(signal && { signal }),
    });
    return outcome('pruned', 'deleted');
  } catch (error) {
    if (signal?.aborted || isAbort(error)) throw error;
    if (error instanceof PtahError && error.code === 'not-found')
      return outcome('pruned', 'was gone already');
    return outcome('failed', error instanceof Error ? error.message : String(error));
  }
}

// Whoever uses something goes before what it uses; namespaces and CRDs, which take their content along, go last.
function inOrder(refs: readonly ObjectRef[]): ObjectRef[] {
  const rank = ({ kind }: ObjectRef): number =>
    kind === 'CustomResourceDefinition' ? 3 : kind === 'Namespace' ? 2 : isWorkload(kind) ? 0 : 1;
  return [...refs].sort((a, b) => rank(a) - rank(b));
}

function isWorkload(kind: string): boolean {
  return ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod', 'ReplicaSet'].includes(kind);
}

async function narrowInventory(cluster: Cluster, request: PruneRequest, signal?: AbortSignal): Promise<void> {
  const left = await readInventory(cluster, request, signal);
  if (left.members.length === 0) {
    for (const parent of left.parents)
      await cluster.remove(parent, signal && { signal }).catch(ignoreMissing);
    return;
  }
  // The parent of a former namespace stays as long as it may have members; one at home lists what is left.
  if (left.parents.some(({ namespace }) => namespace === request.namespace)) {
    await writeInventory(
      cluster,
      request,
      { refs: left.members.map(({ ref }) => ref), origin: left.origin ?? null },
      signal,
    ).catch(ignoreMissing);
  }
}

function ignoreMissing(error: unknown): void {
  // The inventory's own namespace was among what was pruned.
  if (error instanceof PtahError && (error.code === 'not-found' || error.code === 'forbidden')) return;
  throw error;
}
