import type { Drift } from '../types.ts';

/** Paths of one container that somebody changed inside, until somebody decides. */
export interface Drifts {
  /** Paths that are not to be touched. */
  readonly paths: () => ReadonlySet<string>;
  has(path: string): boolean;
  note(path: string, kind: Drift['kind']): void;
  forget(path: string): void;
  clear(): void;
  /** Stays as it is, until everything is sent. */
  ignore(path: string): void;
  /** How many wait for a decision. */
  open(): number;
  list(fileOf: (path: string) => string | null): readonly Drift[];
}

/** Drifts that a snapshot lists. */
const listed = 500;

export function createDrifts(onNew: (path: string, kind: Drift['kind']) => void): Drifts {
  const known = new Map<string, { readonly kind: Drift['kind']; readonly ignored: boolean }>();
  return {
    paths: () => new Set(known.keys()),
    has: path => known.has(path),
    note(path, kind) {
      const before = known.get(path);
      known.set(path, { kind, ignored: before?.ignored ?? false });
      if (!before) onNew(path, kind);
    },
    forget: path => void known.delete(path),
    clear: () => known.clear(),
    ignore(path) {
      known.set(path, { kind: known.get(path)?.kind ?? 'changed', ignored: true });
    },
    open: () => [...known.values()].filter(({ ignored }) => !ignored).length,
    list: fileOf =>
      [...known].slice(0, listed).map(([path, { kind, ignored }]) => ({
        path,
        file: fileOf(path),
        kind,
        ignored,
      })),
  };
}
