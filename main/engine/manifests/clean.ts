import { stringify } from 'yaml';
import type { KubernetesObject } from './types.ts';

const SERVER_METADATA = [
  'managedFields',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'generation',
  'selfLink',
];
// Written by controllers and by kubectl itself; nobody put them into a manifest.
export const SERVER_ANNOTATIONS = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
  'deprecated.daemonset.template.generation',
];

/** The object without what only the server writes, so that two of them differ by what people meant. */
export function cleanObject(object: KubernetesObject): KubernetesObject {
  const { status: _, ...rest } = object;
  const metadata: Record<string, unknown> = { ...object.metadata };
  for (const key of SERVER_METADATA) delete metadata[key];
  const annotations = { ...object.metadata.annotations };
  for (const key of SERVER_ANNOTATIONS) delete annotations[key];
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations;
  else delete metadata.annotations;
  return { ...rest, metadata: metadata as KubernetesObject['metadata'] };
}

/** Stable YAML of an object: what it is first, then its name, then the rest in the server's own order. */
export function objectText(object: KubernetesObject): string {
  const { apiVersion, kind, metadata, ...rest } = object;
  const { name, namespace, labels, annotations, ...others } = metadata;
  const ordered = {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...others,
    },
    ...rest,
  };
  return stringify(ordered, { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** Deep equality of JSON values; the order of keys plays no part. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => sameJson(item, b[index]))
    );
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every(key => key in right && sameJson(left[key], right[key]))
  );
}
