import { realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { PtahError } from '../errors/index.ts';
import type { ContentIndex, IndexedEntry } from './content-index.ts';
import { requireDigest } from './digests.ts';
import type { DigestAlgorithm, DigestProvider } from './digests.ts';
import { selectAsDocker } from './docker-selection.ts';
import { createExclusion } from './exclusion.ts';
import type { Exclusion } from './exclusion.ts';
import { isEncodable, joinPath, sortByCodePoints } from './file-name.ts';
import type { FilePath } from './file-name.ts';
import { EVERYTHING, readIgnoreFile, selectAsOriginal } from './ignore-file.ts';
import type { FileSelection } from './ignore-file.ts';
import { resolveDirectory, unreadable } from './resolve-directory.ts';
import { warmThreads } from './look-ahead.ts';
import type { WantedFiles } from './look-ahead.ts';
import { createOneLook } from './one-look.ts';
import { runInSlices, runToEnd } from './slices.ts';
import type { Pausable } from './slices.ts';
import type { CompatibleHash } from './types.ts';

export interface CompatibleHashOptions {
  /** As `tag_algorithm` names it. */
  readonly algorithm?: string;
  /** Absolute paths that take no part (`build_output` and `.ptah`, for an image of the project). */
  readonly exclude?: readonly string[];
  readonly index?: ContentIndex;
  /** Algorithms whose digests of the same files the index will be asked for next, so that each file is read once. */
  readonly readFor?: readonly string[];
  readonly digests?: DigestProvider;
  readonly signal?: AbortSignal;
}

/**
 * The hash behind an image's tag, equal to the original's (dirhash over the directory, `.dockerignore` as gitignore patterns).
 * Where the original fails over blank lines, allow-lists, links that are ignored or a context that is a link, this one goes on.
 */
export async function compatibleHash(
  directory: string,
  options: CompatibleHashOptions = {},
): Promise<CompatibleHash> {
  const { signal, readFor = [], digests } = options;
  const tree = await runInSlices(collect(directory, options, true), signal);
  const algorithms = [tree.algorithm, ...readFor.map(name => requireDigest(name, digests))];
  const unique = algorithms.filter(({ name }, at) => algorithms.findIndex(each => each.name === name) === at);
  const look = await tree.index.ahead(tree.ahead, unique, signal);
  return runInSlices(resultOf(tree, look), signal);
}

/** As `compatibleHash`, at once: for a process that has nothing else to answer. */
export function compatibleHashSync(directory: string, options: CompatibleHashOptions = {}): CompatibleHash {
  return runToEnd(resultOf(runToEnd(collect(directory, options, false)), 0));
}

/** Everything that takes part, before any of it was read. */
interface Collected {
  readonly root: DirectoryNode;
  readonly algorithm: DigestAlgorithm;
  readonly index: ContentIndex;
  /** The files that can be read in any order. */
  readonly ahead: readonly WantedFiles[];
}

function* collect(directory: string, options: CompatibleHashOptions, threads: boolean): Pausable<Collected> {
  const root = resolveDirectory(directory);
  const text = readIgnoreFile(joinText(root, '.dockerignore'));
  const asOriginal = selectAsOriginal(text);
  const algorithm = requireDigest(options.algorithm ?? 'md5', options.digests);
  const index = options.index ?? createOneLook();
  const exclusion = createExclusion(options.exclude);
  function* collectBy(selection: FileSelection): Pausable<Collected | null> {
    const walk: Walk = {
      selection,
      algorithm,
      index,
      exclusion,
      threads,
      count: 0,
      ahead: [],
      visiting: new Set(),
    };
    const node = yield* collectDirectory(walk, root, '', root);
    return node && { root: node, algorithm, index, ahead: walk.ahead };
  }
  let tree = yield* collectBy(asOriginal);
  // An allow-list (`*`, then `!src`) leaves nothing under the original's reading; Docker's own rules then say what is in the image.
  if (tree === null && text !== null) {
    const allowed = allowList(text);
    if (allowed !== null) tree = yield* collectBy(allowed);
  }
  if (tree !== null) return tree;
  throw new PtahError('nothing-to-hash', `${directory} holds no file that takes part in its hash.`, {
    hint: text === null ? 'Put at least one file there.' : 'Its .dockerignore excludes every file.',
    details: { file: directory },
  });
}

function* resultOf(tree: Collected, look: number): Pausable<CompatibleHash> {
  const hash = yield* hashDirectory(tree, tree.root, look);
  let files: readonly string[] | null = null;
  return {
    algorithm: tree.algorithm.name,
    hash,
    // Nearly always only the hash is wanted, and sorting all paths takes as long as hashing all directories.
    get files() {
      return (files ??= sortByCodePoints([...filesBelow(tree.root)]));
    },
  };
}

function* filesBelow(node: DirectoryNode): Generator<string> {
  for (const entry of node.files) yield joinRelative(node.relative, entry);
  for (const [, below] of node.directories) yield* filesBelow(below);
}

/** Docker's selection where the file re-includes anything; null where Docker would refuse the file. */
function allowList(text: string): FileSelection | null {
  try {
    const selection = selectAsDocker(text);
    return selection.reincludes ? selection : null;
  } catch {
    return null;
  }
}

interface Walk {
  readonly selection: FileSelection;
  readonly algorithm: DigestAlgorithm;
  readonly index: ContentIndex;
  readonly exclusion: Exclusion;
  /** Whether files may be read on other threads. */
  readonly threads: boolean;
  /** Files so far. */
  count: number;
  readonly ahead: WantedFiles[];
  /** Real paths of the directories on the way from the root to here. */
  readonly visiting: Set<string>;
}

/** A directory with something in it that takes part. There may be a hundred thousand files, so nothing is kept of each but its entry. */
interface DirectoryNode {
  readonly path: FilePath;
  readonly relative: string;
  /** All that the index has for it. */
  readonly listed: readonly IndexedEntry[];
  readonly files: readonly IndexedEntry[];
  readonly directories: readonly (readonly [name: string, node: DirectoryNode])[];
}

const PIECE = 64;

function* collectDirectory(
  walk: Walk,
  directory: FilePath,
  relative: string,
  real: FilePath,
): Pausable<DirectoryNode | null> {
  const key = keyOf(real);
  const first = !walk.visiting.has(key);
  walk.visiting.add(key);
  const { listed, files, below } = childrenOf(walk, directory, relative);
  const directories: [string, DirectoryNode][] = [];
  for (const entry of below) {
    const path = joinPath(directory, entry.name);
    const relativePath = joinRelative(relative, entry);
    const target = entry.kind === 'link' ? realPathOf(path) : joinPath(real, entry.name);
    if (entry.kind === 'link' && walk.visiting.has(keyOf(target))) {
      if (isIgnored(walk, relativePath)) continue;
      throw linkError('cyclic-link', relativePath, 'leads back to a directory that contains it');
    }
    const node = yield* collectDirectory(walk, path, relativePath, target);
    if (node !== null) directories.push([entry.name.text, node]);
  }
  walk.count += files.length;
  if (walk.threads && typeof directory === 'string') wantAhead(walk, directory, files);
  yield;
  if (first) walk.visiting.delete(key);
  return files.length === 0 && directories.length === 0
    ? null
    : { path: directory, relative, listed, files, directories };
}

function wantAhead(walk: Walk, directory: string, files: readonly IndexedEntry[]): void {
  const entries = files.every(isPlainFile) ? files : files.filter(isPlainFile);
  if (entries.length > 0) {
    const wanted = { directory, entries };
    walk.ahead.push(wanted);
    walk.index.expect?.(wanted, walk.algorithm);
  }
  warmThreads(walk.count);
}

/** One that another thread can find by a name. */
function isPlainFile({ kind, name }: IndexedEntry): boolean {
  return kind === 'file' && name.raw === null;
}

function* hashDirectory(tree: Collected, node: DirectoryNode, look: number): Pausable<string> {
  // In pairs, as they are compared: one joined text for each of a hundred thousand files is dear.
  const parts: string[] = [];
  for (const [name, below] of node.directories) parts.push(yield* hashDirectory(tree, below, look), name);
  const directories = parts.length;
  let count = 0;
  for (const entry of node.files) {
    const digest =
      tree.index.seen(entry, tree.algorithm, look) ??
      digestNow(tree, node, entry) ??
      (yield* digestOfLarge(tree, node, entry));
    parts.push(digest, entry.name.text);
    if (++count % PIECE === 0) yield;
  }
  const known = tree.index.hashes?.get(node.listed);
  if (
    known?.algorithm === tree.algorithm.name &&
    known.directories === directories &&
    isEqual(known.parts, parts)
  )
    return known.hash;
  const descriptors: string[] = [];
  for (let at = 0; at < parts.length; at += 2)
    descriptors.push(`${at < directories ? 'dirhash' : 'data'}:${parts[at]}\0name:${parts[at + 1]}`);
  const joined = sortByCodePoints(descriptors).join('\0\0');
  if (!isEncodable(joined)) {
    const { relative } = node;
    throw new PtahError(
      'unencodable-name',
      `A name in ${relative === '' ? 'the folder' : `“${printable(relative)}”`} is not UTF-8.`,
      {
        hint: 'Rename it, or exclude it in .dockerignore.',
        details: { file: printable(relative) },
      },
    );
  }
  const hash = tree.algorithm.once(joined);
  tree.index.hashes?.set(node.listed, { algorithm: tree.algorithm.name, directories, parts, hash });
  return hash;
}

function isEqual(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}

interface Children {
  readonly listed: readonly IndexedEntry[];
  readonly files: readonly IndexedEntry[];
  readonly below: readonly IndexedEntry[];
}

/** The entries that may take part: the filter runs over the whole directory before anything is entered, as in the original. */
function childrenOf(walk: Walk, directory: FilePath, relative: string): Children {
  const files: IndexedEntry[] = [];
  const below: IndexedEntry[] = [];
  const { selection, exclusion } = walk;
  const listed = listOf(walk, directory, relative);
  for (const entry of listed) {
    if (entry.kind === 'other' || exclusion.excludes(entry.name, directory)) continue;
    if (selection === EVERYTHING && entry.kind !== 'link') {
      (entry.kind === 'file' ? files : below).push(entry);
      continue;
    }
    const path = joinRelative(relative, entry);
    const kind = entry.kind === 'link' ? targetKind(walk, joinPath(directory, entry.name), path) : entry.kind;
    if (kind === 'file' && selection.includesFile(path)) files.push(entry);
    if (kind === 'directory' && !selection.excludesAllBelow(path)) below.push(entry);
  }
  return { listed, files, below };
}

function joinRelative(relative: string, { name }: IndexedEntry): string {
  return relative === '' ? name.text : `${relative}/${name.text}`;
}

function listOf(walk: Walk, directory: FilePath, relative: string): readonly IndexedEntry[] {
  try {
    return walk.index.list(directory);
  } catch (error) {
    throw unreadable(relative === '' ? '.' : relative, error);
  }
}

function digestNow({ index, algorithm }: Collected, node: DirectoryNode, entry: IndexedEntry): string | null {
  try {
    return index.readNow(entry, joinPath(node.path, entry.name), algorithm, entry.kind === 'link');
  } catch (error) {
    throw unreadable(joinRelative(node.relative, entry), error);
  }
}

function* digestOfLarge(
  { index, algorithm }: Collected,
  node: DirectoryNode,
  entry: IndexedEntry,
): Pausable<string> {
  try {
    return yield* index.read(entry, joinPath(node.path, entry.name), algorithm, entry.kind === 'link');
  } catch (error) {
    throw unreadable(joinRelative(node.relative, entry), error);
  }
}

/** What a link leads to; null when it takes no part (dangling, a special file, or failing but ignored). */
function targetKind(walk: Walk, path: FilePath, relative: string): 'file' | 'directory' | null {
  try {
    const stats = statSync(path);
    return stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || isIgnored(walk, relative)) return null;
    if (code === 'ELOOP') throw linkError('link-loop', relative, 'leads to itself');
    if (code === 'ENOTDIR')
      throw linkError('not-a-directory', relative, 'leads through something that is not a directory');
    throw unreadable(relative, error);
  }
}

function isIgnored(walk: Walk, relative: string): boolean {
  return !walk.selection.includesFile(relative) || walk.selection.excludesAllBelow(relative);
}

function linkError(code: string, relative: string, what: string): PtahError {
  return new PtahError(code, `The link “${printable(relative)}” ${what}.`, {
    hint: 'Remove the link, or exclude it in .dockerignore.',
    details: { file: printable(relative) },
  });
}

function realPathOf(path: FilePath): FilePath {
  const real = realpathSync(path, 'buffer');
  const text = real.toString('utf8');
  return text.includes('\uFFFD') ? real : text;
}

function keyOf(real: FilePath): string {
  return typeof real === 'string' ? real : `bytes:${real.toString('latin1')}`;
}

function joinText(root: string, name: string): string {
  return root.endsWith('/') ? root + name : `${root}/${name}`;
}

function printable(relative: string): string {
  return relative === '' ? basename(relative) : relative.toWellFormed();
}
