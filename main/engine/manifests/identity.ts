import { createHash } from 'node:crypto';
import type { KubernetesObject, ObjectRef } from './types.ts';

/** On every object of a project (design §9). */
export const PROJECT_LABEL = 'ptah-desktop/project';
/** Of the ApplySet specification (KEP-3659), so that kubectl understands the inventory. */
export const PART_OF_LABEL = 'applyset.kubernetes.io/part-of';

/** A project's name as the value of a label; a name that does not fit gets a digest, so that two never meet. */
export function projectLabel(projectName: string): string {
  if (projectName.length <= 63 && /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(projectName))
    return projectName;
  return `${slug(projectName, 50, /[^A-Za-z0-9._-]+/g)}-${digest(projectName)}`;
}

/** Name of the project's inventory object. */
export function inventoryName(projectName: string): string {
  const plain = projectName.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(projectName);
  return `ptah-desktop-${plain ? projectName : `${slug(projectName.toLowerCase(), 50, /[^a-z0-9-]+/g)}-${digest(projectName)}`}`;
}

/** `applyset-<base64url(sha256(name.namespace.kind.group))>-v1` for a ConfigMap. */
export function applySetId(name: string, namespace: string): string {
  return `applyset-${createHash('sha256').update(`${name}.${namespace}.ConfigMap.`).digest('base64url')}-v1`;
}

/** Identity of an object whatever version it is read in: `apps/Deployment/shop/api`. */
export function refKey(ref: ObjectRef): string {
  const slash = ref.apiVersion.indexOf('/');
  const group = slash === -1 ? '' : ref.apiVersion.slice(0, slash);
  return `${group}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}

/** `Deployment shop/api`, for sentences. */
export function refText(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace === null ? '' : `${ref.namespace}/`}${ref.name}`;
}

/** Namespaces, volumes, claims and CRDs hold what cannot be made again: they are never pruned unasked. */
export function isKeptUnlessAsked(ref: ObjectRef): boolean {
  return ['Namespace', 'PersistentVolume', 'PersistentVolumeClaim', 'CustomResourceDefinition'].includes(
    ref.kind,
  );
}

export function withLabels(
  object: KubernetesObject,
  labels: Readonly<Record<string, string>>,
): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } } };
}

function slug(text: string, length: number, invalid: RegExp): string {
  const cut = text.replace(invalid, '-').slice(0, length);
  return cut.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '') || 'project';
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 7);
}

/** `namespace/name` of the Helm release that an object belongs to, as Helm notes it on each; null for everything else. */
export function releaseOf({ metadata }: KubernetesObject): string | null {
  const name = metadata.annotations?.['meta.helm.sh/release-name'];
  return name === undefined ? null : `${metadata.annotations?.['meta.helm.sh/release-namespace']}/${name}`;
}
