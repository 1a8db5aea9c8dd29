import { splitApiVersion } from '../cluster/index.ts';
import type { ApiResource } from '../cluster/index.ts';
import { PART_OF_LABEL, PROJECT_LABEL, withLabels } from './identity.ts';
import type { KubernetesObject, ManifestObject } from './types.ts';

/** What a CustomResourceDefinition of the set will make known. */
export interface ComingKind {
  readonly group: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Kinds that the set's own CRDs bring. */
export function comingKinds(objects: readonly ManifestObject[]): ComingKind[] {
  return objects
    .filter(({ object }) => object.kind === 'CustomResourceDefinition')
    .map(
      ({ object }) =>
        object.spec as
          | { readonly group?: string; readonly scope?: string; readonly names?: { readonly kind?: string } }
          | undefined,
    )
    .map(spec => ({
      group: spec?.group ?? '',
      kind: spec?.names?.kind ?? '',
      namespaced: spec?.scope !== 'Cluster',
    }));
}

/**
 * The object as it will be applied: in its namespace, and with the labels by which it is found again. Kubernetes gives
 * a `Secret`'s `stringData` no owner, so a key that was taken out would stay: it travels as `data` instead.
 */
export function prepareObject(
  object: KubernetesObject,
  options: {
    readonly namespace: string;
    readonly namespaced: boolean;
    readonly projectLabel: string;
    readonly inventoryId: string;
  },
): KubernetesObject {
  const { namespace, creationTimestamp: _, ...metadata } = object.metadata;
  const placed: KubernetesObject = {
    ...withStringData(object),
    metadata: {
      ...metadata,
      ...(options.namespaced && { namespace: namespace || options.namespace }),
    },
  };
  return withLabels(placed, { [PROJECT_LABEL]: options.projectLabel, [PART_OF_LABEL]: options.inventoryId });
}

/** Whether objects of this kind live in namespaces; null when nobody knows the kind. */
export function isNamespaced(
  object: KubernetesObject,
  resource: ApiResource | null,
  coming: readonly ComingKind[],
): boolean | null {
  if (resource !== null) return resource.namespaced;
  const { group } = splitApiVersion(object.apiVersion);
  return coming.find(entry => entry.group === group && entry.kind === object.kind)?.namespaced ?? null;
}

function withStringData(object: KubernetesObject): KubernetesObject {
  if (
    object.kind !== 'Secret' ||
    object.apiVersion !== 'v1' ||
    typeof object.stringData !== 'object' ||
    object.stringData === null
  )
    return object;
  const { stringData, ...rest } = object;
  const entries = Object.entries(stringData as Record<string, unknown>);
  // Something that is no text is left for the server to refuse in its own words.
  if (!entries.every(([, value]) => typeof value === 'string')) return object;
  const encoded = entries.map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]);
  return {
    ...rest,
    data: { ...(rest.data as Record<string, unknown> | undefined), ...Object.fromEntries(encoded) },
  };
}
