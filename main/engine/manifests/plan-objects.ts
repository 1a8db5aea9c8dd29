import pLimit from 'p-limit';
import { joinApiVersion, refOf } from '../cluster/index.ts';
import type { ApiResource, Cluster } from '../cluster/index.ts';
import type { PlannedObject, PlannedPrune } from '../deploy/index.ts';
import { PtahError } from '../errors/index.ts';
import type { Problem } from '../errors/index.ts';
import { objectText } from './clean.ts';
import { blocked, decideByOwner, decideByServer, toCreate } from './decide-action.ts';
import type { Decision } from './decide-action.ts';
import { PROJECT_LABEL, isKeptUnlessAsked, projectLabel, refKey, refText } from './identity.ts';
import { inventoryId, listEverywhere, readInventory } from './inventory.ts';
import type { Inventory, ObjectsPlan, PlanObjectsRequest, PreparedObject } from './plan-types.ts';
import { comingKinds, isNamespaced, prepareObject } from './prepare-object.ts';
import type { KubernetesObject, ManifestObject, ObjectRef } from './types.ts';
import { waveOf } from './wave.ts';

/** Requests at a time: more only queue up in the API server of a single small node. */
const PARALLEL = 10;

interface Candidate {
  readonly document: ManifestObject;
  readonly object: KubernetesObject;
  readonly ref: ObjectRef;
  readonly resource: ApiResource | null;
  /** Null when nobody knows the kind. */
  readonly namespaced: boolean | null;
}

/**
 * What applying the objects would do to the cluster as it is now. Reads only: lists, gets and dry runs. Objects that
 * the cluster already holds as the manifest says cost nothing but their part of a list.
 */
export async function planObjects(request: PlanObjectsRequest, signal?: AbortSignal): Promise<ObjectsPlan> {
  const { cluster, projectName } = request;
  const namespace = request.namespace ?? 'default';
  const project = { projectName, namespace };
  const candidates = await prepareAll(request, namespace);
  if (cluster === null) {
    const decision = toCreate('the cluster is still to be made');
    const objects = [...homeNamespace(request, candidates, null), ...candidates].map(candidate =>
      toPrepared(candidate, null, decision),
    );
    return { projectName, namespace, objects, prune: [], inventory: { parents: [], members: [] } };
  }

  const [inventory, namespaces, labelled] = await Promise.all([
    request.inventory ?? readInventory(cluster, project, signal),
    namespaceStates(cluster, signal),
    listLabelled(cluster, candidates, namespace, projectLabel(projectName), signal),
  ]);
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
  return { projectName, namespace, objects, prune: pruneOf(inventory, first), inventory };
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

async function getLive(
  cluster: Cluster,
  ref: ObjectRef,
  signal?: AbortSignal,
): Promise<KubernetesObject | null | PtahError> {
  try {
    return await cluster.get(ref, signal);
  } catch (error) {
    if (error instanceof PtahError && error.code === 'forbidden') return error;
    throw error;
  }
}

async function prepareAll(request: PlanObjectsRequest, namespace: string): Promise<Candidate[]> {
  const { cluster, objects } = request;
  const coming = comingKinds(objects);
  const options = {
    namespace,
    projectLabel: projectLabel(request.projectName),
    inventoryId: inventoryId({ projectName: request.projectName, namespace }),
  };
  const resources = new Map<string, ApiResource | null>();
  if (cluster !== null) {
    const kinds = new Set(objects.map(({ object }) => `${object.apiVersion} ${object.kind}`));
    let lost = await lookUp(cluster, kinds, resources);
    if (lost) {
      // A CRD may have been installed since discovery was read.
      cluster.refreshResources();
      lost = await lookUp(cluster, kinds, resources);
    }
  }
  return objects.map(document => {
    const { object } = document;
    const resource = resources.get(`${object.apiVersion} ${object.kind}`) ?? null;
    const namespaced = isNamespaced(object, resource, coming);
    const prepared = prepareObject(object, {
      ...options,
      namespaced: namespaced ?? !CLUSTER_SCOPED.has(object.kind),
    });
    return { document, object: prepared, ref: refOf(prepared), resource, namespaced };
  });
}

// Only while there is no cluster to ask.
const CLUSTER_SCOPED = new Set([
  'Namespace',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
  'PersistentVolume',
  'StorageClass',
  'PriorityClass',
  'IngressClass',
  'RuntimeClass',
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
]);

async function lookUp(
  cluster: Cluster,
  kinds: ReadonlySet<string>,
  into: Map<string, ApiResource | null>,
): Promise<boolean> {
  for (const key of kinds) {
    const space = key.indexOf(' ');
    into.set(key, await cluster.resource(key.slice(0, space), key.slice(space + 1)));
  }
  return [...into.values()].includes(null);
}

/** The namespace that `ptah.yml` names is made when it is needed and nobody makes it: shown in the plan like any other object. */
function homeNamespace(
  request: PlanObjectsRequest,
  candidates: readonly Candidate[],
  existing: ReadonlyMap<string, boolean> | null,
): Candidate[] {
  const name = request.namespace;
  if (
    name === null ||
    name === 'default' ||
    existing?.has(name) ||
    (request.cluster !== null && existing === null)
  )
    return [];
  if (
    candidates.length === 0 ||
    candidates.some(({ object }) => object.kind === 'Namespace' && object.metadata.name === name)
  )
    return [];
  const object: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  const labelled = prepareObject(object, {
    namespace: name,
    namespaced: false,
    projectLabel: projectLabel(request.projectName),
    inventoryId: inventoryId({ projectName: request.projectName, namespace: name }),
  });
  const text = objectText(object);
  const resource: ApiResource = {
    group: '',
    version: 'v1',
    kind: 'Namespace',
    resource: 'namespaces',
    namespaced: false,
    verbs: [],
  };
  return [
    {
      document: { object, file: 'ptah.yml', line: 1, source: text, rewritten: text },
      object: labelled,
      ref: refOf(labelled),
      resource,
      namespaced: false,
    },
  ];
}

/** Name → whether it is active. Null where listing namespaces is not allowed. */
async function namespaceStates(
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, boolean> | null> {
  try {
    const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Namespace' }, signal);
    return new Map(items.map(({ metadata }) => [metadata.name, metadata.deletionTimestamp === undefined]));
  } catch (error) {
    if (error instanceof PtahError && error.code === 'forbidden') return null;
    throw error;
  }
}

/** All live objects of the project, one list per kind instead of one request per object. */
async function listLabelled(
  cluster: Cluster,
  candidates: readonly Candidate[],
  home: string,
  label: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, KubernetesObject>> {
  const resources = new Map(
    candidates
      .filter(({ resource }) => resource !== null)
      .map(({ object, resource }) => [`${object.apiVersion} ${object.kind}`, resource as ApiResource]),
  );
  const namespaces = [
    home,
    ...candidates.map(({ ref }) => ref.namespace).filter(namespace => namespace !== null),
  ];
  const lists = await Promise.all(
    [...resources.values()].map(async resource => {
      const query = {
        apiVersion: joinApiVersion(resource),
        kind: resource.kind,
        labelSelector: `${PROJECT_LABEL}=${label}`,
      };
      try {
        return (await listEverywhere(cluster, query, resource.namespaced ? namespaces : [], signal)).items;
      } catch (error) {
        // Not allowed to list: each object is asked for by name, and says so itself if that is forbidden too.
        if (error instanceof PtahError && error.code === 'forbidden') return [];
        throw error;
      }
    }),
  );
  return new Map(lists.flat().map(item => [refKey(refOf(item)), item]));
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
  const problem: Problem | null =
    decision.problem === null ? null : { ...decision.problem, file: document.file, line: document.line };
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
