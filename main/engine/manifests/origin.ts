import { existsSync, realpathSync } from 'node:fs';
import { hostname } from 'node:os';

/** The folder that a project was last applied from, and the machine that it lies on: noted at the inventory. */
export interface Origin {
  readonly machine: string;
  readonly folder: string;
}

const MACHINE = 'ptah-desktop/machine';
const FOLDER = 'ptah-desktop/folder';

export function originOf(folder: string): Origin {
  return { machine: hostname(), folder: realOf(folder) };
}

export const originAnnotations = ({ machine, folder }: Origin): Readonly<Record<string, string>> => ({
  [MACHINE]: machine,
  [FOLDER]: folder,
});

export function readOrigin(annotations: Readonly<Record<string, string>> | undefined): Origin | null {
  const machine = annotations?.[MACHINE];
  const folder = annotations?.[FOLDER];
  return machine === undefined || folder === undefined ? null : { machine, folder };
}

/**
 * The folder that a project of this name was last applied from, where it is another one that is still on this machine: most
 * likely another project, whose objects would be taken for those of this one. Null otherwise: a folder that was moved, a
 * colleague's clone, or nothing is known.
 */
export function otherFolder(origin: Origin | null | undefined, root: string): string | null {
  if (!origin || origin.machine !== hostname()) return null;
  if (origin.folder === realOf(root) || !existsSync(origin.folder)) return null;
  return origin.folder;
}

function realOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
