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
import { runInSlices, runToEnd } from './slices.ts';
import type { Pausable } from './slices.ts';
import type { CompatibleHash } from './types.ts';

export interface CompatibleHashOptions {
  /** As `tag_algorithm` names it. */
  readonly algorithm?: string;
  /** Absolute paths that take no part (`build_output` and `.ptah`, for an image of the project). */
  readonly exclude?: readonly string[];
  readonly index?: ContentIndex;
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
  return runInSlices(hashContext(directory, options), options.signal);
}

/** As `compatibleHash`, at once: for a process that has nothing else to answer. */
export function compatibleHashSync(directory: string, options: CompatibleHashOptions = {}): CompatibleHash {
  return runToEnd(hashContext(directory, options));
}

function* hashContext(directory: string, options: CompatibleHashOptions): Pausable<CompatibleHash> {
  const root = resolveDirectory(directory);
  const text = readIgnoreFile(joinText(root, '.dockerignore'));
  const asOriginal = selectAsOriginal(text);
  const name = options.algorithm ?? 'md5';
  const algorithm = requireDigest(name, options.digests);
  const index = options.index ?? createContentIndex();
  const exclusion = createExclusion(options.exclude);
  const hashBy = (selection: FileSelection): Pausable<TreeHash | null> =>
    hashTree(
      { selection, algorithm, index, exclusion, root, files: [], visiting: new Set() },
      root,
      '',
      root,
    );
  let tree = yield* hashBy(asOriginal);
  // An allow-list (`*`, then `!src`) leaves nothing under the original's reading; Docker's own rules then say what is in the image.
  if (tree === null && text !== null) {
    const allowed = allowList(text);
    if (allowed !== null) tree = yield* hashBy(allowed);
  }
  if (tree === null) {
    throw new PtahError('nothing-to-hash', `${directory} holds no file that takes part in its hash.`, {
      hint: text === null ? 'Put at least one file there.' : 'Its .dockerignore excludes every file.',
      details: { file: directory },
    });
  }
  return { algorithm: name, hash: tree.hash, files: sortByCodePoints([...tree.files]) };
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
  readonly root: string;
  readonly files: string[];
  /** Real paths of the directories on the way from the root to here. */
  readonly visiting: Set<string>;
}

interface TreeHash {
  readonly hash: string;
  readonly files: readonly string[];
}

interface Child {
  readonly entry: IndexedEntry;
  readonly path: FilePath;
  readonly relative: string;
  readonly isDirectory: boolean;
}

const PIECE = 64;

function* hashTree(
  walk: Walk,
  directory: FilePath,
  relative: string,
  real: FilePath,
): Pausable<TreeHash | null> {
  const key = keyOf(real);
  const first = !walk.visiting.has(key);
  walk.visiting.add(key);
  const descriptors: string[] = [];
  let pieces = 0;
  for (const child of childrenOf(walk, directory, relative)) {
    const { entry, path } = child;
    if (child.isDirectory) {
      const target = entry.kind === 'link' ? realPathOf(path) : joinPath(real, entry.name);
      if (entry.kind === 'link' && walk.visiting.has(keyOf(target))) {
        if (isIgnored(walk, child.relative)) continue;
        throw linkError('cyclic-link', child.relative, 'leads back to a directory that contains it');
      }
      const below = yield* hashTree(walk, path, child.relative, target);
      if (below !== null) descriptors.push(`dirhash:${below.hash}\0name:${entry.name.text}`);
    } else {
      const digest = digestNow(walk, child) ?? (yield* digestOfLarge(walk, child));
      descriptors.push(`data:${digest}\0name:${entry.name.text}`);
      walk.files.push(child.relative);
      if (++pieces % PIECE === 0) yield;
    }
  }
  if (first) walk.visiting.delete(key);
  if (descriptors.length === 0) return null;
  const joined = sortByCodePoints(descriptors).join('\0\0');
  if (!isEncodable(joined)) {
    throw new PtahError(
      'unencodable-name',
      `A name in ${relative === '' ? 'the folder' : `“${printable(relative)}”`} is not UTF-8.`,
      {
        hint: 'Rename it, or exclude it in .dockerignore.',
        details: { file: printable(relative) },
      },
    );
  }
  return { hash: walk.algorithm.once(joined), files: walk.files };
}

/** The entries that may take part: the filter runs over the whole directory before anything is entered, as in the original. */
function childrenOf(walk: Walk, directory: FilePath, relative: string): Child[] {
  const children: Child[] = [];
  for (const entry of listed(walk, directory, relative)) {
    const below = relative === '' ? entry.name.text : `${relative}/${entry.name.text}`;
    if (entry.kind === 'other') continue;
    const path = joinPath(directory, entry.name);
    if (walk.exclusion.excludes(entry.name.text, path)) continue;
    const kind = entry.kind === 'link' ? targetKind(walk, path, below) : entry.kind;
    if (kind === 'file' && walk.selection.includesFile(below))
      children.push({ entry, path, relative: below, isDirectory: false });
    if (kind === 'directory' && !walk.selection.excludesAllBelow(below))
      children.push({ entry, path, relative: below, isDirectory: true });
  }
  return children;
}

function listed(walk: Walk, directory: FilePath, relative: string): readonly IndexedEntry[] {
  try {
    return walk.index.list(directory);
  } catch (error) {
    throw unreadable(relative === '' ? '.' : relative, error);
  }
}

function digestNow(walk: Walk, child: Child): string | null {
  try {
    return walk.index.readNow(child.entry, child.path, walk.algorithm, child.entry.kind === 'link');
  } catch (error) {
    throw unreadable(child.relative, error);
  }
}

function* digestOfLarge(walk: Walk, child: Child): Pausable<string> {
  try {
    return yield* walk.index.read(child.entry, child.path, walk.algorithm, child.entry.kind === 'link');
  } catch (error) {
    throw unreadable(child.relative, error);
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
