import { refOf } from '../cluster/index.ts';
import type { ApiResource, Cluster } from '../cluster/index.ts';
import { objectText } from './clean.ts';
import { projectLabel } from './identity.ts';
import { inventoryId } from './inventory.ts';
import type { PlanObjectsRequest } from './plan-types.ts';
import { comingKinds, isNamespaced, prepareObject } from './prepare-object.ts';
import type { KubernetesObject, ManifestObject, ObjectRef } from './types.ts';

/** An object on its way into the plan. */
export interface Candidate {
  readonly document: ManifestObject;
  readonly object: KubernetesObject;
  readonly ref: ObjectRef;
  readonly resource: ApiResource | null;
  /** Null when nobody knows the kind. */
  readonly namespaced: boolean | null;
}

/** Settles namespace, labels and kind of every object. */
export async function prepareAll(request: PlanObjectsRequest, namespace: string): Promise<Candidate[]> {
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
export function homeNamespace(
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
