import { createHash } from 'node:crypto';
import { lstatSync, readlinkSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { PtahError } from '../errors/index.ts';
import { createContentIndex } from './content-index.ts';
import type { ContentIndex, IndexedEntry } from './content-index.ts';
import { defaultDigests, requireDigest } from './digests.ts';
import type { DigestAlgorithm } from './digests.ts';
import { selectAsDocker } from './docker-selection.ts';
import type { DockerSelection } from './docker-selection.ts';
import { createExclusion } from './exclusion.ts';
import type { Exclusion } from './exclusion.ts';
import { compareCodePoints, isEncodable } from './file-name.ts';
import { readIgnoreFile } from './ignore-file.ts';
import { resolveDirectory, unreadable } from './resolve-directory.ts';
import type { WantedFiles } from './look-ahead.ts';
import { runInSlices } from './slices.ts';
import type { Pausable } from './slices.ts';
import type { ContextEntry, ContextListing } from './types.ts';

export interface ListContextOptions {
  /** The directory of the build context. */
  readonly root: string;
  /** Relative to the context, or absolute; default `Dockerfile`. */
  readonly dockerfile?: string;
  /** Absolute paths that go to no build (`build_output`, `.ptah`). */
  readonly exclude?: readonly string[];
  readonly index?: ContentIndex;
  readonly signal?: AbortSignal;
}

/**
 * The build context as Docker selects it: what `COPY` can see. An ignored Dockerfile is not in it, although the builder gets it.
 * `<Dockerfile>.dockerignore` takes the place of `.dockerignore`, as in BuildKit.
 */
export async function listContext(options: ListContextOptions): Promise<ContextListing> {
  const walk = await runInSlices(collect(options), options.signal);
  const look = await walk.index.ahead(byDirectory(walk.files), [walk.sha256], options.signal);
  return runInSlices(list(walk, look), options.signal);
}

/** Everything that is in the context, before any file was read. */
function* collect(options: ListContextOptions): Pausable<Walk> {
  const root = resolveDirectory(options.root);
  const dockerfile = options.dockerfile ?? 'Dockerfile';
  const own = `${isAbsolute(dockerfile) ? dockerfile : join(root, dockerfile)}.dockerignore`;
  const walk: Walk = {
    root,
    selection: selectAsDocker(readIgnoreFile(own) ?? readIgnoreFile(join(root, '.dockerignore'))),
    exclusion: createExclusion(options.exclude),
    index: options.index ?? createContentIndex(),
    sha256: requireDigest('sha256', defaultDigests),
    entries: [],
    files: [],
  };
  yield* visit(walk, root, '');
  return walk;
}

function* list(walk: Walk, look: number): Pausable<ContextListing> {
  for (const file of walk.files) {
    walk.entries.push(yield* fileEntry(walk, file, look));
    yield;
  }
  const entries = walk.entries.sort((left, right) => compareCodePoints(left.path, right.path));
  return { root: walk.root, entries, digest: digestOfEntries(entries) };
}

interface Walk {
  readonly root: string;
  readonly selection: DockerSelection;
  readonly exclusion: Exclusion;
  readonly index: ContentIndex;
  readonly sha256: DigestAlgorithm;
  readonly entries: ContextEntry[];
  readonly files: ContextFile[];
}

function byDirectory(files: readonly ContextFile[]): readonly WantedFiles[] {
  const groups = new Map<string, IndexedEntry[]>();
  for (const { directory, entry } of files) {
    if (entry.name.raw !== null) continue;
    const group = groups.get(directory);
    if (group === undefined) groups.set(directory, [entry]);
    else group.push(entry);
  }
  return [...groups].map(([directory, entries]) => ({ directory, entries }));
}

interface ContextFile {
  readonly entry: IndexedEntry;
  readonly directory: string;
  readonly path: string;
  readonly relative: string;
}

/** Lists what is below `directory`; says whether anything was. */
function* visit(walk: Walk, directory: string, relative: string): Pausable<boolean> {
  let found = false;
  for (const entry of entriesOf(walk, directory, relative)) {
    const name = entry.name.text;
    const below = relative === '' ? name : `${relative}/${name}`;
    const path = join(directory, name);
    if (walk.exclusion.excludes(entry.name, directory)) continue;
    const excluded = walk.selection.excludes(below);
    if (entry.kind === 'directory') {
      if (excluded && walk.selection.excludesAllBelow(below)) continue;
      requireText(below);
      const any = yield* visit(walk, path, below);
      // An excluded directory is in the context only as the way to something that is included again.
      if (excluded && !any) continue;
      walk.entries.push(directoryEntry(path, below));
      found = true;
    } else if (!excluded && entry.kind !== 'other') {
      requireText(below);
      if (entry.kind === 'link') walk.entries.push(linkEntry(path, below));
      else walk.files.push({ entry, directory, path, relative: below });
      found = true;
    }
    yield;
  }
  return found;
}

function entriesOf(walk: Walk, directory: string, relative: string): readonly IndexedEntry[] {
  try {
    return walk.index.list(directory);
  } catch (error) {
    throw unreadable(relative === '' ? '.' : relative, error);
  }
}

function* fileEntry(
  walk: Walk,
  { entry, path, relative }: ContextFile,
  look: number,
): Pausable<ContextEntry> {
  try {
    const content =
      walk.index.seen(entry, walk.sha256, look) ??
      walk.index.readNow(entry, path, walk.sha256, false) ??
      (yield* walk.index.read(entry, path, walk.sha256, false));
    return { path: relative, type: 'file', mode: entry.mode & PERMISSIONS, size: entry.size, content };
  } catch (error) {
    throw unreadable(relative, error);
  }
}

function linkEntry(path: string, relative: string): ContextEntry {
  try {
    // The mode of a link means nothing and differs between systems.
    return { path: relative, type: 'symlink', mode: 0o777, size: 0, content: readlinkSync(path) };
  } catch (error) {
    throw unreadable(relative, error);
  }
}

function directoryEntry(path: string, relative: string): ContextEntry {
  try {
    return {
      path: relative,
      type: 'directory',
      mode: lstatSync(path).mode & PERMISSIONS,
      size: 0,
      content: '',
    };
  } catch (error) {
    throw unreadable(relative, error);
  }
}

const PERMISSIONS = 0o7777;

function requireText(relative: string): void {
  if (isEncodable(relative)) return;
  throw new PtahError('unencodable-name', `The name “${relative.toWellFormed()}” is not UTF-8.`, {
    hint: 'Rename it, or exclude it in .dockerignore.',
    details: { file: relative.toWellFormed() },
  });
}

/** SHA-256 over the sorted entries. Every field ends in NUL, which neither a path nor a link target can hold. */
function digestOfEntries(entries: readonly ContextEntry[]): string {
  const hash = createHash('sha256');
  for (const entry of entries) {
    hash.update(`${entry.path}\0${entry.type}\0${entry.mode.toString(8)}\0${entry.content}\0`);
  }
  return hash.digest('hex');
}
