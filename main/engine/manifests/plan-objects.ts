import pLimit from 'p-limit';
import type { Cluster } from '../cluster/index.ts';
import type { PlannedObject, PlannedPrune } from '../deploy/index.ts';
import { PtahError } from '../errors/index.ts';
import type { Problem } from '../errors/index.ts';
import { homeNamespace, prepareAll } from './candidates.ts';
import type { Candidate } from './candidates.ts';
import { blocked, decideByOwner, decideByServer, toCreate } from './decide-action.ts';
import type { Decision } from './decide-action.ts';
import { isKeptUnlessAsked, PART_OF_LABEL, projectLabel, refKey, refText } from './identity.ts';
import { findLostMembers, inventoryId, readInventory } from './inventory.ts';
import { lineOfField } from './field-line.ts';
import { getLive, listLabelled, namespaceStates } from './live-objects.ts';
import { originOf } from './origin.ts';
import type { Inventory, ObjectsPlan, PlanObjectsRequest, PreparedObject } from './plan-types.ts';
import type { KubernetesObject, ManifestObject } from './types.ts';
import { waveOf } from './wave.ts';

/** Requests at a time: more only queue up in the API server of a single small node. */
const PARALLEL = 10;

/**
 * What applying the objects would do to the cluster as it is now. Reads only: lists, gets and dry runs. Objects that
 * the cluster already holds as the manifest says cost nothing but their part of a list.
 */
export async function planObjects(request: PlanObjectsRequest, signal?: AbortSignal): Promise<ObjectsPlan> {
  const { cluster, projectName } = request;
  const namespace = request.namespace ?? 'default';
  const project = { projectName, namespace };
  const origin = request.folder === undefined ? null : originOf(request.folder);
  const candidates = await prepareAll(request, namespace);
  if (cluster === null) {
    const decision = toCreate('the cluster is still to be made');
    const objects = [...homeNamespace(request, candidates, null), ...candidates].map(candidate =>
      toPrepared(candidate, null, decision),
    );
    const inventory = { parents: [], members: [] };
    return { projectName, namespace, origin, objects, prune: [], inventory, inventoryLost: false };
  }

  const [listed, namespaces, labelled] = await Promise.all([
    request.inventory ?? readInventory(cluster, project, signal),
    namespaceStates(cluster, signal),
    listLabelled(cluster, candidates, namespace, projectLabel(projectName), signal),
  ]);
  const id = inventoryId(project);
  const inventoryLost =
    listed.parents.length === 0 &&
    [...labelled.values()].some(({ metadata }) => metadata.labels?.[PART_OF_LABEL] === id);
  const inventory = inventoryLost
    ? { parents: [], members: await findLostMembers(cluster, project, signal) }
    : listed;
  const all = [...homeNamespace(request, candidates, namespaces), ...candidates];
  const made = new Set(all.filter(({ object }) => object.kind === 'Namespace').map(({ ref }) => ref.name));
  const first = new Map<string, ManifestObject>();
  const limit = pLimit(PARALLEL);
  const objects = await Promise.all(
    all.map(candidate => {
      const key = refKey(candidate.ref);
      const earlier = first.get(key);
      if (earlier === undefined) first.set(key, candidate.document);
      return limit(async () => {
        signal?.throwIfAborted();
        if (earlier !== undefined) {
          const message = `${refText(candidate.ref)} is already defined in ${earlier.file}, line ${earlier.line}.`;
          return toPrepared(candidate, null, blocked('duplicate-object', message, 'Keep one of the two.'));
        }
        return planOne(cluster, candidate, { request, labelled, namespaces, made }, signal);
      });
    }),
  );
  const prune = pruneOf(inventory, first);
  return { projectName, namespace, origin, objects, prune, inventory, inventoryLost };
}

interface Surroundings {
  readonly request: PlanObjectsRequest;
  readonly labelled: ReadonlyMap<string, KubernetesObject>;
  readonly namespaces: ReadonlyMap<string, boolean> | null;
  /** Namespaces that the plan itself makes. */
  readonly made: ReadonlySet<string>;
}

async function planOne(
  cluster: Cluster,
  candidate: Candidate,
  around: Surroundings,
  signal?: AbortSignal,
): Promise<PreparedObject> {
  const { object, ref, resource, namespaced } = candidate;
  if (resource === null) {
    if (namespaced !== null)
      return toPrepared(
        candidate,
        null,
        toCreate('its kind comes with a CustomResourceDefinition of the project'),
      );
    if (around.request.helmfileFirst)
      return toPrepared(
        candidate,
        null,
        toCreate('the cluster does not know its kind yet; the Helmfile may bring it'),
      );
    const message = `The cluster does not know ${object.kind} in ${object.apiVersion}.`;
    return toPrepared(
      candidate,
      null,
      blocked(
        'unknown-kind',
        message,
        'Check apiVersion and kind, or add the CustomResourceDefinition that brings it.',
      ),
    );
  }
  if (ref.namespace !== null && around.namespaces !== null) {
    const active = around.namespaces.get(ref.namespace);
    if (active === undefined) {
      if (around.made.has(ref.namespace))
        return toPrepared(
          candidate,
          null,
          toCreate(`not in the cluster yet; the namespace ${ref.namespace} is made first`),
        );
      if (around.request.helmfileFirst)
        return toPrepared(
          candidate,
          null,
          toCreate(`the namespace ${ref.namespace} is not there yet; the Helmfile may bring it`),
        );
      return toPrepared(
        candidate,
        null,
        blocked(
          'namespace-missing',
          `The namespace ${ref.namespace} does not exist.`,
          'Add a Namespace to the manifests, or correct the name.',
        ),
      );
    }
    if (!active)
      return toPrepared(
        candidate,
        null,
        blocked(
          'namespace-terminating',
          `The namespace ${ref.namespace} is being deleted.`,
          'Wait until it is gone, then plan again.',
        ),
      );
  }
  const live = around.labelled.get(refKey(ref)) ?? (await getLive(cluster, ref, signal));
  if (live instanceof PtahError)
    return toPrepared(
      candidate,
      null,
      blocked(live.code, live.message, live.hint ?? 'Ask for the permission to read it.'),
    );
  const decision =
    (live === null ? null : decideByOwner(object, live, ref, projectLabel(around.request.projectName))) ??
    (await decideByServer(cluster, object, live, ref, signal));
  return toPrepared(candidate, live, decision);
}

function pruneOf(inventory: Inventory, wanted: ReadonlyMap<string, unknown>): PlannedPrune[] {
  return inventory.members
    .filter(({ ref }) => !wanted.has(refKey(ref)))
    .map(({ ref }) => ({
      ref,
      reason: 'deployed by this project before and no longer in its manifests',
      keptUnlessAsked: isKeptUnlessAsked(ref),
    }));
}

function toPrepared(candidate: Candidate, live: KubernetesObject | null, decision: Decision): PreparedObject {
  const { document, object, ref } = candidate;
  const problem: Problem | null = decision.problem === null ? null : placed(decision.problem, document);
  const planned: PlannedObject = {
    ref,
    file: document.file,
    line: document.line,
    wave: waveOf(document.object),
    action: decision.action,
    reason: decision.reason,
    problem,
  };
  return {
    planned,
    object,
    document,
    live,
    applied: decision.applied,
    conflicts: decision.conflicts,
    consentMeans: decision.consentMeans,
  };
}

function placed({ field, ...problem }: NonNullable<Decision['problem']>, document: ManifestObject): Problem {
  const line = field === undefined ? document.line : lineOfField(document, field);
  return { ...problem, file: document.file, line };
}
