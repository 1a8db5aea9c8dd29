import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../errors/index.ts';
import type { Project } from '../project/index.ts';
import { documentProblems } from './document-problems.ts';
import { imageFieldProblems } from './image-fields.ts';
import { manifestObjects } from './manifest-objects.ts';
import { readDocuments } from './read-documents.ts';
import { rewritten } from './rewrite.ts';
import { scanReferences } from './scan-references.ts';
import type { FoundReference, NamedImage } from './scan-references.ts';
import { textPlaces } from './text-places.ts';
import type { Manifest, ManifestObject, ManifestSet } from './types.ts';

/** Reads, rewrites and parses every manifest of the project. What is wrong becomes a problem with its place; nothing is thrown for bad input. */
export async function readManifests(
  project: Pick<Project, 'root' | 'manifests'> & { readonly config: Pick<Project['config'], 'namespace'> },
  images: readonly NamedImage[],
  options: { readonly signal?: AbortSignal } = {},
): Promise<ManifestSet> {
  const set = {
    manifests: [] as Manifest[],
    objects: [] as ManifestObject[],
    skipped: [] as ManifestSet['skipped'][number][],
    problems: [] as Problem[],
  };
  for (const path of project.manifests) {
    options.signal?.throwIfAborted();
    const read = await readText(join(project.root, path));
    if (typeof read !== 'string') {
      set.problems.push({ ...read, file: path });
      continue;
    }
    const file = await readManifest(read, images, options.signal);
    set.manifests.push({ path, ...file.manifest });
    set.objects.push(...file.objects.map(object => ({ ...object, file: path })));
    set.skipped.push(...file.skipped.map(skipped => ({ ...skipped, file: path })));
    set.problems.push(...file.problems.map(problem => ({ ...problem, file: path })));
  }
  set.problems.push(...repeatedObjects(set.objects, project.config.namespace ?? 'default'));
  return set;
}

/** Whether a text says `apiVersion` and `kind` somewhere, however broken the rest is. */
function claimsObject(text: string): boolean {
  return (
    /(?:^|[\n\r{,\uFEFF])[ \t]*["']?apiVersion["']?[ \t]*:/.test(text) &&
    /(?:^|[\n\r{,\uFEFF])[ \t]*["']?kind["']?[ \t]*:/.test(text)
  );
}

/** What YAML forbids of Unicode's control characters: all but tab, line ends and U+0085. */
const CONTROL = /(?![\t\n\r\x85])\p{Cc}/u;

interface ManifestFile {
  readonly manifest: Omit<Manifest, 'path'>;
  readonly objects: readonly Omit<ManifestObject, 'file'>[];
  readonly skipped: readonly { readonly line: number; readonly reason: string }[];
  readonly problems: readonly Problem[];
}

async function readManifest(
  source: string,
  images: readonly NamedImage[],
  signal?: AbortSignal,
): Promise<ManifestFile> {
  const found = scanReferences(source, images);
  const { text, references } = rewritten(source, found);
  const places = textPlaces(source, found);
  const problems: Problem[] = referenceProblems(found, images);
  const objects: ManifestFile['objects'][number][] = [];
  const skipped: ManifestFile['skipped'][number][] = [];
  const file = { manifest: { source, rewritten: text, references }, objects, skipped, problems };

  // What is wrong with a file that holds no object of Kubernetes (values of a chart, say) need not stop anyone.
  const severity: Problem['severity'] = claimsObject(source) ? 'error' : 'warning';
  const control = CONTROL.exec(text);
  if (control !== null) {
    problems.push({
      code: 'control-character',
      severity,
      message: `A control character (U+${(control[0].codePointAt(0) ?? 0).toString(16).padStart(4, '0').toUpperCase()}) stands in the file.`,
      hint: 'YAML allows none but tab and line ends: is the file what it should be?',
      ...places.placeOf(control.index),
    });
    if (severity === 'warning') skipped.push({ line: 1, reason: 'no YAML' });
    return file;
  }
  for await (const document of readDocuments(text, signal)) {
    const wrong = documentProblems(document, places);
    problems.push(...wrong.map(problem => ({ ...problem, severity })));
    if (wrong.length > 0) {
      if (severity === 'warning') {
        skipped.push({ line: places.placeOf(document.start).line, reason: 'no valid YAML' });
      }
      continue;
    }
    const read = manifestObjects(document, places, source, text);
    objects.push(...read.objects);
    skipped.push(...read.skipped);
    problems.push(...read.problems, ...imageFieldProblems(document, places));
  }
  return file;
}

function referenceProblems(found: readonly FoundReference[], images: readonly NamedImage[]): Problem[] {
  const names = images.map(({ name }) => name);
  return found
    .filter(({ known }) => !known)
    .map(({ line, column, name, inComment }) => ({
      code: 'unknown-image',
      severity: inComment ? ('warning' as const) : ('error' as const),
      message: name === '' ? 'A name has to follow ptah://.' : `No image of the project is called "${name}".`,
      hint:
        names.length === 0
          ? 'The project has no images: no Dockerfile was found.'
          : `Its images: ${names.slice(0, 20).join(', ')}.`,
      line,
      column,
    }));
}

async function readText(path: string): Promise<string | Problem> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return {
      code: 'unreadable',
      severity: 'error',
      message: `The file can't be read (${reason}).`,
      hint: reason === 'ENOENT' ? 'It was there a moment ago: look again.' : 'Check its permissions.',
    };
  }
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let line = 1;
  let from = 0;
  for (
    let at = bytes.indexOf(0x0a);
    at !== -1 && isUtf8(bytes.subarray(from, at));
    at = bytes.indexOf(0x0a, from)
  ) {
    from = at + 1;
    line++;
  }
  return {
    code: 'invalid-encoding',
    severity: 'error',
    message: 'The file is not UTF-8.',
    hint: 'Save it as UTF-8.',
    line,
    column: 1,
  };
}

/** One object in two documents: whichever is applied last would win, and each deploy would change it twice. */
function repeatedObjects(objects: readonly ManifestObject[], namespace: string): readonly Problem[] {
  const seen = new Map<string, ManifestObject>();
  const problems: Problem[] = [];
  for (const each of objects) {
    const { apiVersion, kind, metadata } = each.object;
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    const key = JSON.stringify([group, kind, metadata.namespace ?? namespace, metadata.name]);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, each);
      continue;
    }
    problems.push({
      code: 'duplicate-object',
      severity: 'error',
      message: `${kind} "${metadata.name}" is here and in ${first.file}, line ${first.line}.`,
      hint: 'Keep one of the two, or put them into different namespaces.',
      file: each.file,
      line: each.line,
      column: 1,
    });
  }
  return problems;
}
