import { isMap, isScalar, isSeq } from 'yaml';
import type { Node, YAMLMap } from 'yaml';
import type { Problem } from '../errors/index.ts';
import type { YamlDocument } from './read-documents.ts';
import type { TextPlaces } from './text-places.ts';
import type { KubernetesObject, ManifestObject } from './types.ts';

export interface DocumentObjects {
  readonly objects: readonly Omit<ManifestObject, 'file'>[];
  readonly skipped: readonly { readonly line: number; readonly reason: string }[];
  readonly problems: readonly Problem[];
}

interface Context {
  readonly document: YamlDocument;
  readonly places: TextPlaces;
  readonly source: string;
  readonly rewritten: string;
  readonly objects: Omit<ManifestObject, 'file'>[];
  readonly skipped: { readonly line: number; readonly reason: string }[];
  readonly problems: Problem[];
}

/** The objects of one document: one, none, or the items of a `List`. */
export function manifestObjects(
  document: YamlDocument,
  places: TextPlaces,
  source: string,
  rewritten: string,
): DocumentObjects {
  const context: Context = { document, places, source, rewritten, objects: [], skipped: [], problems: [] };
  const { contents } = document;
  const line = places.placeOf(contents?.range?.[0] ?? document.start).line;
  let value: unknown;
  try {
    value = document.document.toJS({ maxAliasCount: 10_000 });
  } catch (error) {
    context.problems.push({
      code: 'too-many-aliases',
      severity: 'error',
      message: 'The anchors of this document unfold to something enormous.',
      hint: 'Write the repeated part out, or split the document.',
      line,
      column: 1,
    });
    if (!(error instanceof ReferenceError)) throw error;
    return context;
  }
  if (value === null || value === undefined) context.skipped.push({ line, reason: 'empty' });
  else if (!isMap(contents) || !isRecord(value))
    context.skipped.push({ line, reason: 'no Kubernetes object: not a mapping' });
  else collect(context, value, contents, { start: document.start, end: document.end, line, indent: 0 }, {});
  return context;
}

interface Extent {
  /** Offsets in the rewritten text. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** How far the following lines are indented more than a document of its own would be. */
  readonly indent: number;
}

/** `from`: what the items of a typed list (`ConfigMapList`) leave out. */
function collect(
  context: Context,
  value: Readonly<Record<string, unknown>>,
  node: YAMLMap,
  extent: Extent,
  from: { readonly apiVersion?: string; readonly kind?: string },
): void {
  const { places, problems, skipped } = context;
  const { line } = extent;
  const object = { ...from, ...value };
  const { apiVersion, kind } = object as { apiVersion?: unknown; kind?: unknown };
  if (apiVersion === undefined || kind === undefined || apiVersion === null || kind === null) {
    const missing = [apiVersion ?? 'apiVersion', kind ?? 'kind'].filter(
      each => each === 'apiVersion' || each === 'kind',
    );
    skipped.push({ line, reason: `no Kubernetes object: no ${missing.join(' and no ')}` });
    return;
  }
  const report = (at: Node | undefined, code: string, message: string, hint: string): void => {
    problems.push({
      code,
      severity: 'error',
      message,
      hint,
      ...places.placeOf(at?.range?.[0] ?? node.range?.[0] ?? extent.start),
    });
  };
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || apiVersion === '' || kind === '') {
    report(
      child(node, typeof apiVersion === 'string' && apiVersion !== '' ? 'kind' : 'apiVersion'),
      'not-text',
      'apiVersion and kind have to be text.',
      'Put the value in quotes.',
    );
    return;
  }
  if (/(?:^|\.)kind\.x-k8s\.io\//.test(apiVersion)) {
    skipped.push({ line, reason: 'a configuration of Kind, not an object of the cluster' });
    return;
  }
  if (kind.endsWith('List') && Array.isArray(value['items'])) {
    collectItems(
      context,
      value['items'],
      node,
      extent,
      kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -4) },
    );
    return;
  }
  const metadata = object['metadata' as keyof typeof object] as unknown;
  const metadataNode = child(node, 'metadata');
  const name = isRecord(metadata) ? metadata['name'] : undefined;
  if (name === undefined || name === null || name === '') {
    if (isRecord(metadata) && typeof metadata['generateName'] === 'string') {
      report(
        isMap(metadataNode) ? child(metadataNode, 'generateName') : metadataNode,
        'generate-name',
        `${kind} has generateName: each deploy would make another one.`,
        'Give it a name in metadata.name.',
      );
    } else report(metadataNode, 'name-missing', `${kind} has no metadata.name.`, 'Give it a name.');
    return;
  }
  const before = problems.length;
  checkMetadata(metadata as Readonly<Record<string, unknown>>, metadataNode, report);
  if (problems.length > before) return;
  context.objects.push({
    object: object as unknown as KubernetesObject,
    line,
    source: text(
      context.source,
      places.sourceOffset(extent.start),
      places.sourceOffset(extent.end),
      extent.indent,
    ),
    rewritten: text(context.rewritten, extent.start, extent.end, extent.indent),
  });
}

function collectItems(
  context: Context,
  items: readonly unknown[],
  node: YAMLMap,
  extent: Extent,
  from: { readonly apiVersion?: string; readonly kind?: string },
): void {
  const sequence = child(node, 'items');
  for (const [index, item] of items.entries()) {
    const itemNode: unknown = isSeq(sequence) ? sequence.items[index] : undefined;
    // An item that is an alias has its text elsewhere: it gets that of the whole list.
    const range = isMap(itemNode) ? itemNode.range : null;
    const [start, , end] = range ?? [extent.start, extent.end, extent.end];
    const { line, column } = context.places.placeOf(start);
    if (!isRecord(item)) {
      context.skipped.push({ line, reason: 'no Kubernetes object: not a mapping' });
      continue;
    }
    const own = range === null || range === undefined ? extent : { start, end, line, indent: column - 1 };
    collect(context, item, isMap(itemNode) ? itemNode : node, own, from);
  }
}

type Report = (at: Node | undefined, code: string, message: string, hint: string) => void;

/** Names, labels and annotations are text; `version: 1.0` is a number to YAML and refused by the server without a line. */
function checkMetadata(
  metadata: Readonly<Record<string, unknown>>,
  node: Node | undefined,
  report: Report,
): void {
  const at = (name: string): Node | undefined => (isMap(node) ? child(node, name) : node);
  for (const name of ['name', 'namespace']) {
    const value = metadata[name];
    if (value === undefined || value === null || typeof value === 'string') continue;
    report(
      at(name),
      'not-text',
      `metadata.${name} is ${JSON.stringify(value)}, which is no text to YAML.`,
      'Put the value in quotes.',
    );
  }
  for (const map of ['labels', 'annotations']) {
    const entries = metadata[map];
    if (!isRecord(entries)) continue;
    const mapNode = at(map);
    for (const [key, value] of Object.entries(entries)) {
      if (typeof value === 'string' || value === null) continue;
      report(
        isMap(mapNode) ? child(mapNode, key) : mapNode,
        'not-text',
        `metadata.${map} has ${JSON.stringify(value)} for "${key}", which is no text to YAML.`,
        'Put the value in quotes.',
      );
    }
  }
}

function child(map: YAMLMap, name: string): Node | undefined {
  const pair = map.items.find(({ key }) => isScalar(key) && String(key.value) === name);
  const value: unknown = pair?.value;
  return typeof value === 'object' && value !== null && 'range' in value ? (value as Node) : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(whole: string, start: number, end: number, indent: number): string {
  const slice = whole.slice(start, end);
  if (indent === 0) return slice;
  return slice.replace(new RegExp(`(\\n|\\r)[ \\t]{1,${indent}}`, 'g'), '$1').trimEnd() + '\n';
}
