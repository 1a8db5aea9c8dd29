import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject, ObjectRef } from '../manifests/index.ts';

export interface FakeResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
}

const core = (kind: string, resource: string, namespaced = true): FakeResource => ({
  group: '',
  version: 'v1',
  kind,
  resource,
  namespaced,
});
const of = (group: string, kind: string, resource: string, namespaced = true): FakeResource => ({
  group,
  version: 'v1',
  kind,
  resource,
  namespaced,
});

export const fakeResources: readonly FakeResource[] = [
  core('Namespace', 'namespaces', false),
  core('ConfigMap', 'configmaps'),
  core('Secret', 'secrets'),
  core('Service', 'services'),
  core('ServiceAccount', 'serviceaccounts'),
  core('Pod', 'pods'),
  core('Event', 'events'),
  core('Node', 'nodes', false),
  of('apps', 'Deployment', 'deployments'),
  of('apps', 'ReplicaSet', 'replicasets'),
  of('apps', 'StatefulSet', 'statefulsets'),
  of('apps', 'DaemonSet', 'daemonsets'),
  of('batch', 'Job', 'jobs'),
  of('batch', 'CronJob', 'cronjobs'),
  of('rbac.authorization.k8s.io', 'ClusterRole', 'clusterroles', false),
];

type Outcome =
  { readonly object: KubernetesObject } | { readonly status: number; readonly body: Record<string, unknown> };
type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Objects in memory with resource versions, and server-side apply for whole top-level fields. */
export class FakeStore {
  onEvent: (type: EventType, object: KubernetesObject) => void = () => {};
  readonly #objects = new Map<string, KubernetesObject>();
  /** Top-level fields by manager, for conflicts. */
  readonly #owners = new Map<string, Map<string, string>>();
  readonly #history: { type: EventType; object: KubernetesObject }[] = [];
  #version = 100;

  list(resource: FakeResource, namespace: string | null, labelSelector: string | null): unknown {
    const items = [...this.#objects.values()].filter(object =>
      this.matches(object, resource, namespace, labelSelector),
    );
    // Like the real server: items of a list come without their kind.
    return {
      kind: `${resource.kind}List`,
      metadata: { resourceVersion: String(this.#version) },
      items: items.map(object => ({ ...object, apiVersion: undefined, kind: undefined })),
    };
  }

  get(resource: FakeResource, namespace: string | null, name: string): Outcome {
    const object = this.#objects.get(keyOf(resource.kind, namespace, name));
    return object === undefined ? notFound(resource, name) : { object };
  }

  apply(
    resource: FakeResource,
    namespace: string | null,
    name: string,
    wanted: KubernetesObject,
    options: { readonly dryRun: boolean; readonly force: boolean; readonly manager: string },
  ): Outcome {
    if (namespace !== null && !this.#objects.has(keyOf('Namespace', null, namespace)))
      return notFound({ ...resource, resource: 'namespaces' }, namespace);
    const key = keyOf(resource.kind, namespace, name);
    const live = this.#objects.get(key);
    const owners = new Map(this.#owners.get(key));
    const fields = Object.keys(wanted).filter(field => !['apiVersion', 'kind', 'metadata'].includes(field));
    const taken = fields.filter(
      field =>
        live !== undefined &&
        (owners.get(field) ?? options.manager) !== options.manager &&
        !isDeepStrictEqual(live[field], wanted[field]),
    );
    if (taken.length > 0 && !options.force) {
      const causes = taken.map(field => ({
        reason: 'FieldManagerConflict',
        message: `conflict with "${owners.get(field)}" using v1`,
        field: `.${field}`,
      }));
      return {
        status: 409,
        body: {
          reason: 'Conflict',
          message: `Apply failed with ${taken.length} conflict`,
          details: { causes },
        },
      };
    }
    const kept = Object.fromEntries(
      Object.entries(live ?? {}).filter(
        ([field]) => owners.get(field) !== options.manager || fields.includes(field),
      ),
    );
    const merged: KubernetesObject = {
      ...kept,
      ...wanted,
      metadata: { ...live?.metadata, ...wanted.metadata },
    };
    if (options.dryRun) return { object: merged };
    for (const field of fields) owners.set(field, options.manager);
    this.#owners.set(key, owners);
    return { object: live !== undefined && isDeepStrictEqual(live, merged) ? live : this.put(merged) };
  }

  create(resource: FakeResource, object: KubernetesObject): Outcome {
    const key = keyOf(resource.kind, object.metadata.namespace ?? null, object.metadata.name);
    if (this.#objects.has(key))
      return { status: 409, body: { reason: 'AlreadyExists', message: 'already exists' } };
    return { object: this.put(object) };
  }

  delete(resource: FakeResource, namespace: string | null, name: string): Outcome {
    const found = this.get(resource, namespace, name);
    if ('object' in found)
      this.removeRef({ apiVersion: found.object.apiVersion, kind: resource.kind, namespace, name });
    return found;
  }

  /** Stores an object as some controller would, and tells the watches. */
  put(object: KubernetesObject): KubernetesObject {
    const key = keyOf(object.kind, object.metadata.namespace ?? null, object.metadata.name);
    const type = this.#objects.has(key) ? 'MODIFIED' : 'ADDED';
    const version = String(++this.#version);
    const stored = {
      ...object,
      metadata: { uid: `uid-${version}`, ...object.metadata, resourceVersion: version },
    };
    this.#objects.set(key, stored);
    this.#tell(type, stored);
    return stored;
  }

  removeRef({ kind, namespace, name }: ObjectRef): void {
    const key = keyOf(kind, namespace, name);
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    this.#tell('DELETED', {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(++this.#version) },
    });
  }

  since(version: number): readonly { readonly type: EventType; readonly object: KubernetesObject }[] {
    return this.#history.filter(({ object }) => Number(object.metadata.resourceVersion) > version);
  }

  matches(
    object: KubernetesObject,
    resource: FakeResource,
    namespace: string | null,
    labelSelector: string | null,
  ): boolean {
    if (object.kind !== resource.kind || (namespace !== null && object.metadata.namespace !== namespace))
      return false;
    return (labelSelector ?? '').split(',').every(term => {
      const [name = '', value] = term.split('=');
      return name === '' || object.metadata.labels?.[name] === value;
    });
  }

  #tell(type: EventType, object: KubernetesObject): void {
    this.#history.push({ type, object });
    this.onEvent(type, object);
  }
}

function keyOf(kind: string, namespace: string | null, name: string): string {
  return `${kind}/${namespace ?? ''}/${name}`;
}

function notFound(resource: FakeResource, name: string): Outcome {
  return { status: 404, body: { reason: 'NotFound', message: `${resource.resource} "${name}" not found` } };
}
