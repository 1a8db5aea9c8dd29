import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Document } from 'yaml';
import { PtahError } from '../errors/index.ts';

/** kind's own default: what `kind create cluster` makes without a configuration. */
export const DEFAULT_KIND_CONFIG = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n';

/** Reads the project's Kind configuration; null gives kind's default. */
export async function readKindConfig(file: string | null): Promise<string> {
  if (file === null) return DEFAULT_KIND_CONFIG;
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new PtahError(
      'kind-config-invalid',
      missing
        ? `The Kind configuration ${file} is not there.`
        : `The Kind configuration ${file} cannot be read.`,
      {
        hint: 'Mend kind.config in ptah.yml.',
        details: { file },
        cause: error,
      },
    );
  }
}

/**
 * The configuration as kind gets it: named after the project, and with host paths that mean the project's folder (kind
 * itself would take them relative to wherever the program was started).
 */
export function adaptKindConfig(
  text: string,
  options: { readonly name: string; readonly projectRoot: string },
): string {
  const document = clusterDocument(text);
  document.set('name', options.name);
  for (const path of hostPaths(document)) {
    if (typeof path.value === 'string' && !isAbsolute(path.value))
      path.value = resolve(options.projectRoot, path.value);
  }
  return document.toString();
}

/** Images that the configuration names for its nodes, in order, each once. */
export function nodeImagesOf(text: string): string[] {
  const images = nodesOf(clusterDocument(text)).map(node => node.get('image'));
  return [...new Set(images.filter(image => typeof image === 'string'))];
}

/** How many nodes of which role the configuration asks for; names are kind's own scheme. */
export function nodeNamesOf(text: string, clusterName: string): string[] {
  const roles = nodesOf(clusterDocument(text)).map(node =>
    node.get('role') === 'worker' ? 'worker' : 'control-plane',
  );
  if (roles.length === 0) roles.push('control-plane');
  const count = new Map<string, number>();
  return roles.map(role => {
    const number = (count.get(role) ?? 0) + 1;
    count.set(role, number);
    return `${clusterName}-${role}${number === 1 ? '' : number}`;
  });
}

/** Identifies what a configuration means: comments, key order, the cluster's name and this machine's paths take no part. */
export function kindConfigDigest(text: string): string {
  const content = clusterDocument(text).toJS() as Record<string, unknown>;
  const { name: _, ...rest } = content;
  return createHash('sha256').update(canonical(rest)).digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const record = value as Record<string, unknown>;
  return `{${Object.keys(record)
    .sort()
    .map(key => `${JSON.stringify(key)}:${canonical(record[key])}`)
    .join(',')}}`;
}

function clusterDocument(text: string): Document {
  const documents = parseAllDocuments(text.replace(/^\uFEFF/, ''));
  const found =
    (Array.isArray(documents) ? documents : []).find(document => document.get('kind') === 'Cluster') ??
    (Array.isArray(documents) ? documents[0] : undefined);
  const error = found?.errors[0];
  if (found === undefined || error !== undefined || !isMap(found.contents)) {
    const [position] = error?.linePos ?? [];
    throw new PtahError(
      'kind-config-invalid',
      `The Kind configuration is not valid: ${error?.message.split('\n')[0] ?? 'it holds no mapping'}`,
      {
        hint: 'It begins with `kind: Cluster` and `apiVersion: kind.x-k8s.io/v1alpha4`.',
        ...(position && { details: { line: position.line, column: position.col } }),
      },
    );
  }
  return found;
}

function nodesOf(document: Document) {
  const nodes = document.get('nodes');
  return isSeq(nodes) ? nodes.items.filter(node => isMap(node)) : [];
}

function hostPaths(document: Document) {
  return nodesOf(document).flatMap(node => {
    const mounts = node.get('extraMounts');
    if (!isSeq(mounts)) return [];
    return mounts.items
      .filter(mount => isMap(mount))
      .map(mount => mount.get('hostPath', true))
      .filter(path => isScalar(path));
  });
}
