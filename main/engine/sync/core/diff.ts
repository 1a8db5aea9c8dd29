import type { DesiredTree, Operation, Tree, TreeEntry } from '../types.ts';
import { depthOf, sameContent, sameEntry, sameMode } from './entries.ts';
import { originOf } from './rule-paths.ts';

interface DiffOptions {
  /**
   * Paths that are not to be touched, with all below them: somebody changed them inside and nobody has decided yet, or the folder has
   * them in a state that can't be sent.
   */
  readonly held?: ReadonlySet<string>;
  /** The only paths that can differ, where that is known: those are looked at, not all. */
  readonly only?: ReadonlySet<string> | null;
}

/**
 * The way from what a container has to what it shall have. Every operation says the whole of what its path shall be, so a
 * batch that was carried out by half is mended by the difference that is taken next. Removals come first (deepest first:
 * a directory is empty by its turn, and a name that changes its case or its type is free), then directories from the
 * top, files and links, and last the permissions of what was already there.
 */
export function diff(
  applied: Tree,
  desired: Pick<DesiredTree, 'tree' | 'sources' | 'owners' | 'rules' | 'former'>,
  { held = new Set(), only = null }: DiffOptions = {},
): Operation[] {
  const removals: Extract<Operation, { op: 'remove' }>[] = [];
  const directories: Operation[] = [];
  const contents: Operation[] = [];
  const modes: Operation[] = [];

  const differing: [string, TreeEntry][] = [];
  const leave = (path: string, was: TreeEntry): void => {
    const wanted = desired.tree.get(path);
    if (!mustGo(was, wanted) || isHeld(path, held) || holdsHeld(path, held)) return;
    // a rule that was taken out of the Dockerfile asks for a rebuild, not for an emptied container
    if (wanted !== undefined || originOf(desired, path) !== null)
      removals.push({ op: 'remove', path, was: was.type });
  };
  const compare = (path: string, wanted: TreeEntry): void => {
    const has = applied.get(path);
    // most are one and the same object: a look at 50,000 files has to be over at once
    if (has !== wanted && !sameEntry(has, wanted) && !isHeld(path, held)) differing.push([path, wanted]);
  };
  if (only)
    for (const path of only) {
      const was = applied.get(path);
      const wanted = desired.tree.get(path);
      if (was) leave(path, was);
      if (wanted) compare(path, wanted);
    }
  else {
    for (const [path, was] of applied) leave(path, was);
    for (const [path, wanted] of desired.tree) compare(path, wanted);
  }
  for (const [path, wanted] of differing.sort(([a], [b]) => byDepth(a, b))) {
    const has = applied.get(path);
    if (!sameContent(has, wanted)) write(path, wanted);
    else if (has && wanted.type !== 'symlink' && !sameMode(has, wanted))
      modes.push({ op: 'mode', path, mode: wanted.mode });
  }
  return [...removals.sort((a, b) => byDepth(b.path, a.path)), ...directories, ...contents, ...modes];

  function write(path: string, wanted: TreeEntry): void {
    const owner = desired.owners.get(path) ?? null;
    if (wanted.type === 'symlink') contents.push({ op: 'symlink', path, target: wanted.target, owner });
    else if (wanted.type === 'file')
      contents.push({
        op: 'file',
        path,
        mode: wanted.mode,
        size: wanted.size,
        hash: wanted.hash,
        source: { file: desired.sources.get(path) ?? '' },
        owner,
      });
    else {
      // whoever is not root could put nothing into a directory that is closed already
      const open = wanted.mode | 0o700;
      directories.push({ op: 'directory', path, mode: open, owner });
      if (open !== wanted.mode) modes.push({ op: 'mode', path, mode: wanted.mode });
    }
  }
}

/** A rename replaces files and links by each other; a directory gives way to nothing, and takes nobody's place. */
function mustGo(was: TreeEntry, wanted: TreeEntry | undefined): boolean {
  return wanted === undefined || (was.type === 'directory') !== (wanted.type === 'directory');
}

/** Whether a path, or a directory on the way to it, is held. */
export function isHeld(path: string, held: ReadonlySet<string>): boolean {
  if (held.size === 0) return false;
  for (let each = path; each !== ''; each = each.slice(0, each.lastIndexOf('/')))
    if (held.has(each)) return true;
  return held.has('/');
}

/** A directory with something held in it stays. */
function holdsHeld(path: string, held: ReadonlySet<string>): boolean {
  if (held.size === 0) return false;
  const below = `${path}/`;
  for (const each of held) if (each.startsWith(below)) return true;
  return false;
}

const byDepth = (a: string, b: string): number => depthOf(a) - depthOf(b) || (a < b ? -1 : a > b ? 1 : 0);

/** What a container has once an operation was acknowledged. */
export function withOperation(applied: Map<string, TreeEntry>, operation: Operation): void {
  const { path } = operation;
  switch (operation.op) {
    case 'file':
      applied.set(path, {
        type: 'file',
        mode: operation.mode,
        size: operation.size,
        hash: operation.hash,
      });
      return;
    case 'directory':
      applied.set(path, { type: 'directory', mode: operation.mode });
      return;
    case 'symlink':
      applied.set(path, { type: 'symlink', target: operation.target });
      return;
    case 'mode': {
      const has = applied.get(path);
      if (has && has.type !== 'symlink') applied.set(path, { ...has, mode: operation.mode });
      return;
    }
    case 'remove':
      applied.delete(path);
  }
}
