import { realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { PtahError } from '../errors/index.ts';
import { createContentIndex } from './content-index.ts';
import type { ContentIndex, IndexedEntry } from './content-index.ts';
import { requireDigest } from './digests.ts';
import type { DigestAlgorithm, DigestProvider } from './digests.ts';
import { selectAsDocker } from './docker-selection.ts';
import { createExclusion } from './exclusion.ts';
import type { Exclusion } from './exclusion.ts';
import { isEncodable, joinPath, sortByCodePoints } from './file-name.ts';
import type { FilePath } from './file-name.ts';
import { readIgnoreFile, selectAsOriginal } from './ignore-file.ts';
import type { FileSelection } from './ignore-file.ts';
import { resolveDirectory, unreadable } from './resolve-directory.ts';
import { warmThreads } from './look-ahead.ts';
import type { WantedFiles } from './look-ahead.ts';
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
  const tree = await runInSlices(collect(directory, options), signal);
  const algorithms = [tree.algorithm, ...readFor.map(name => requireDigest(name, digests))];
  const unique = algorithms.filter(({ name }, at) => algorithms.findIndex(each => each.name === name) === at);
  const look = await tree.index.ahead(tree.ahead, unique, signal);
  return runInSlices(resultOf(tree, look), signal);
}

/** As `compatibleHash`, at once: for a process that has nothing else to answer. */
export function compatibleHashSync(directory: string, options: CompatibleHashOptions = {}): CompatibleHash {
  return runToEnd(resultOf(runToEnd(collect(directory, options)), 0));
}

/** Everything that takes part, before any of it was read. */
interface Collected {
  readonly root: DirectoryNode;
  readonly algorithm: DigestAlgorithm;
  readonly index: ContentIndex;
  /** The files that can be read in any order. */
  readonly ahead: readonly WantedFiles[];
  readonly files: readonly string[];
}

function* collect(directory: string, options: CompatibleHashOptions): Pausable<Collected> {
  const root = resolveDirectory(directory);
  const text = readIgnoreFile(joinText(root, '.dockerignore'));
  const asOriginal = selectAsOriginal(text);
  const algorithm = requireDigest(options.algorithm ?? 'md5', options.digests);
  const index = options.index ?? createContentIndex();
  const exclusion = createExclusion(options.exclude);
  function* collectBy(selection: FileSelection): Pausable<Collected | null> {
    const walk: Walk = { selection, index, exclusion, files: [], ahead: [], visiting: new Set() };
    const node = yield* collectDirectory(walk, root, '', root);
    return node && { root: node, algorithm, index, ahead: walk.ahead, files: walk.files };
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
  return { algorithm: tree.algorithm.name, hash, files: sortByCodePoints([...tree.files]) };
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
  readonly index: ContentIndex;
  readonly exclusion: Exclusion;
  readonly files: string[];
  readonly ahead: WantedFiles[];
  /** Real paths of the directories on the way from the root to here. */
  readonly visiting: Set<string>;
}

/** A directory with something in it that takes part. There may be a hundred thousand files, so nothing is kept of each but its entry. */
interface DirectoryNode {
  readonly path: FilePath;
  readonly relative: string;
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
  const { files, below } = childrenOf(walk, directory, relative);
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
  for (const entry of files) walk.files.push(joinRelative(relative, entry));
  if (typeof directory === 'string') {
    const plain = files.filter(isPlainFile);
    if (plain.length > 0) walk.ahead.push({ directory, entries: plain });
    warmThreads(walk.files.length);
  }
  yield;
  if (first) walk.visiting.delete(key);
  return files.length === 0 && directories.length === 0
    ? null
    : { path: directory, relative, files, directories };
}

/** One that another thread can find by a name. */
function isPlainFile({ kind, name }: IndexedEntry): boolean {
  return kind === 'file' && name.raw === null;
}

function* hashDirectory(tree: Collected, node: DirectoryNode, look: number): Pausable<string> {
  const descriptors: string[] = [];
  for (const [name, below] of node.directories)
    descriptors.push(`dirhash:${yield* hashDirectory(tree, below, look)}\0name:${name}`);
  let count = 0;
  for (const entry of node.files) {
    const digest =
      tree.index.seen(entry, tree.algorithm, look) ??
      digestNow(tree, node, entry) ??
      (yield* digestOfLarge(tree, node, entry));
    descriptors.push(`data:${digest}\0name:${entry.name.text}`);
    if (++count % PIECE === 0) yield;
  }
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
  return tree.algorithm.once(joined);
}

/** The entries that may take part: the filter runs over the whole directory before anything is entered, as in the original. */
function childrenOf(
  walk: Walk,
  directory: FilePath,
  relative: string,
): { readonly files: readonly IndexedEntry[]; readonly below: readonly IndexedEntry[] } {
  const files: IndexedEntry[] = [];
  const below: IndexedEntry[] = [];
  for (const entry of listed(walk, directory, relative)) {
    if (entry.kind === 'other') continue;
    const path = joinPath(directory, entry.name);
    const relativePath = joinRelative(relative, entry);
    if (walk.exclusion.excludes(entry.name.text, path)) continue;
    const kind = entry.kind === 'link' ? targetKind(walk, path, relativePath) : entry.kind;
    if (kind === 'file' && walk.selection.includesFile(relativePath)) files.push(entry);
    if (kind === 'directory' && !walk.selection.excludesAllBelow(relativePath)) below.push(entry);
  }
  return { files, below };
}

function joinRelative(relative: string, { name }: IndexedEntry): string {
  return relative === '' ? name.text : `${relative}/${name.text}`;
}

function listed(walk: Walk, directory: FilePath, relative: string): readonly IndexedEntry[] {
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
