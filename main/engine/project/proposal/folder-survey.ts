import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { Node, Scalar, YAMLMap } from 'yaml';
import { PtahError } from '../../errors/index.ts';
import { UNSEARCHED } from '../discovery.ts';

/** What a folder without `ptah.yml` holds that a project is made of. Paths are relative, `/` separators, sorted. */
export interface FolderSurvey {
  readonly rootName: string;
  readonly paths: readonly string[];
  readonly dockerfiles: readonly string[];
  /** Files with at least one Kubernetes object. */
  readonly manifests: readonly SurveyedManifest[];
  readonly kindConfigs: readonly { readonly file: string; readonly name: string | null }[];
  readonly helmfile: boolean;
}

export interface SurveyedManifest {
  readonly file: string;
  readonly text: string;
  readonly images: readonly ImageUse[];
}

/** A place in the text of a manifest. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
}

/** A container's `image`. */
export interface ImageUse {
  readonly image: string;
  readonly span: TextSpan;
  readonly container: string | null;
  readonly pullPolicy: string | null;
  readonly pullPolicySpan: TextSpan | null;
}

const MOST_ENTRIES = 200_000;
const LARGEST_MANIFEST = 2 << 20;

/** Looks through the folder. A folder that is far larger than a project is refused: somebody dropped their home. */
export async function surveyFolder(root: string): Promise<FolderSurvey> {
  const paths = await listFiles(root);
  const manifests: SurveyedManifest[] = [];
  const kindConfigs: { file: string; name: string | null }[] = [];
  for (const file of paths.filter(path => /\.(?:ya?ml|json)$/i.test(path))) {
    const read = readYaml(root, file);
    if (read === null) continue;
    kindConfigs.push(...read.kindConfigs.map(name => ({ file, name })));
    if (read.isManifest) manifests.push({ file, text: read.text, images: read.images });
  }
  return {
    rootName: basename(root),
    paths,
    dockerfiles: paths.filter(path =>
      /(?:^|\/)(?:[^/]+\.)?dockerfile(?:\.(?!dockerignore$|bak$|orig$)[\w-]+)?$/i.test(path),
    ),
    manifests,
    kindConfigs,
    helmfile: paths.includes('helmfile.yaml'),
  };
}

async function listFiles(root: string): Promise<string[]> {
  const found: string[] = [];
  const pending = [''];
  let seen = 0;
  for (let relative = pending.pop(); relative !== undefined; relative = pending.pop()) {
    const entries = await readdir(join(root, relative), { withFileTypes: true }).catch(() => []);
    seen += entries.length;
    if (seen > MOST_ENTRIES) {
      throw new PtahError(
        'folder-too-large',
        `${root} holds more than ${MOST_ENTRIES.toLocaleString('en')} files.`,
        {
          hint: 'Open the folder of the project itself.',
          details: { file: root },
        },
      );
    }
    for (const entry of entries) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!UNSEARCHED.has(entry.name) && path !== '.build') pending.push(path);
      } else if (entry.isFile()) found.push(path);
    }
  }
  return found.sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}

interface ReadYaml {
  readonly text: string;
  readonly isManifest: boolean;
  readonly images: readonly ImageUse[];
  readonly kindConfigs: readonly (string | null)[];
}

/** The objects of a file; null for what is no YAML (a chart's template, say). */
function readYaml(root: string, file: string): ReadYaml | null {
  let text: string;
  try {
    const bytes = readFileSync(join(root, file));
    if (bytes.length > LARGEST_MANIFEST) return null;
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
  // Only what can hold an object is parsed.
  if (!/\bapiVersion\b/.test(text) || !/\bkind\b/.test(text)) return null;
  const lineCounter = new LineCounter();
  const offset = text.startsWith('\uFEFF') ? 1 : 0;
  const documents = parseAllDocuments(text.slice(offset), {
    version: '1.1',
    lineCounter,
    logLevel: 'silent',
    uniqueKeys: false,
  });
  if (!('length' in documents) || documents.some(document => document.errors.length > 0)) return null;
  const collector = new ImageCollector(text, offset, lineCounter);
  let isManifest = false;
  const kindConfigs: (string | null)[] = [];
  for (const document of documents) {
    const { contents } = document;
    if (!isMap(contents)) continue;
    const apiVersion: unknown = contents.get('apiVersion');
    const kind: unknown = contents.get('kind');
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') continue;
    if (apiVersion.startsWith('kind.x-k8s.io/')) {
      const name: unknown = contents.get('name');
      if (kind === 'Cluster') kindConfigs.push(typeof name === 'string' && name !== '' ? name : null);
      continue;
    }
    isManifest = true;
    collector.visit(contents);
  }
  return { text, isManifest, images: collector.images, kindConfigs };
}

const CONTAINER_LISTS: ReadonlySet<unknown> = new Set([
  'containers',
  'initContainers',
  'ephemeralContainers',
]);

class ImageCollector {
  readonly images: ImageUse[] = [];
  readonly #text: string;
  readonly #offset: number;
  readonly #lineCounter: LineCounter;

  constructor(text: string, offset: number, lineCounter: LineCounter) {
    this.#text = text;
    this.#offset = offset;
    this.#lineCounter = lineCounter;
  }

  /** Containers wherever they are: in pods, in templates, in custom resources. */
  visit(node: unknown): void {
    if (isMap(node)) {
      for (const pair of node.items) {
        const isList = isScalar(pair.key) && CONTAINER_LISTS.has(pair.key.value);
        if (isList && isSeq(pair.value))
          for (const item of pair.value.items) if (isMap(item)) this.#container(item);
        this.visit(pair.value);
      }
    } else if (isSeq(node)) for (const item of node.items) this.visit(item);
  }

  #container(map: YAMLMap): void {
    const image: unknown = map.get('image', true);
    if (!isScalar(image) || typeof image.value !== 'string') return;
    const span = this.#span(image);
    if (span === null) return;
    const policy: unknown = map.get('imagePullPolicy', true);
    const name: unknown = map.get('name');
    this.images.push({
      image: image.value,
      span,
      container: typeof name === 'string' ? name : null,
      pullPolicy: isScalar(policy) && typeof policy.value === 'string' ? policy.value : null,
      pullPolicySpan: isScalar(policy) ? this.#span(policy) : null,
    });
  }

  /** Where the value itself stands, within its quotes; null where it is written in some other way (folded, escaped). */
  #span(scalar: Scalar): TextSpan | null {
    const range = (scalar as Node).range;
    if (!range || typeof scalar.value !== 'string') return null;
    const written = this.#text.slice(range[0] + this.#offset, range[1] + this.#offset);
    const inside = written.indexOf(scalar.value);
    const quoted = written === `"${scalar.value}"` || written === `'${scalar.value}'`;
    if (inside === -1 || (written !== scalar.value && !quoted)) return null;
    const start = range[0] + this.#offset + inside;
    const { line } = this.#lineCounter.linePos(range[0]);
    const lineStart = (this.#lineCounter.lineStarts[line - 1] ?? 0) + (line === 1 ? 0 : this.#offset);
    const column = Array.from(this.#text.slice(lineStart, start).replace(/^\uFEFF/, '')).length + 1;
    return { start, end: start + scalar.value.length, line, column };
  }
}
