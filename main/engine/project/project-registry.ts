import { randomUUID } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { PtahError } from '../errors/index.ts';
import type { Problem } from '../errors/index.ts';
import type { Home } from '../home/index.ts';
import { openStoredFile } from '../settings/index.ts';

/** A folder that the user has opened. */
export interface RegisteredProject {
  /** Random, the same for as long as the folder is listed. */
  readonly id: string;
  /** Absolute. */
  readonly root: string;
  readonly name: string;
  /** ISO 8601. */
  readonly lastOpened: string;
}

/** The list of projects, shared by all windows and terminals. */
export interface ProjectRegistry {
  /** Last opened first. */
  list(): readonly RegisteredProject[];
  get(id: string): RegisteredProject;
  /** Lists the folder, or notes that it was opened again (with its present name). */
  add(project: { readonly root: string; readonly name?: string }): Promise<RegisteredProject>;
  /** Forgets the folder; the folder itself is not touched. */
  remove(id: string): Promise<void>;
  /** Notes that the project was opened. */
  touch(id: string): Promise<RegisteredProject>;
  /** What was found wrong with the list. */
  readonly problems: readonly Problem[];
}

const Stored = z.object({
  projects: z.array(
    z.object({
      id: z.string().min(1),
      root: z.string().min(1),
      name: z.string(),
      lastOpened: z.iso.datetime(),
    }),
  ),
});

/** Opens the list below `home.config`. `clock` is for tests. */
export function createProjectRegistry(
  home: Pick<Home, 'config'>,
  clock: () => Date = () => new Date(),
): ProjectRegistry {
  const file = openStoredFile<z.infer<typeof Stored>>({
    path: join(home.config, 'projects.json'),
    schema: Stored,
    version: 1,
    empty: { projects: [] },
  });

  async function change(
    make: (projects: readonly RegisteredProject[]) => readonly RegisteredProject[],
  ): Promise<void> {
    await file.update(({ projects }) => ({ projects: [...make(projects)] }));
  }

  function get(id: string): RegisteredProject {
    const found = file.read().projects.find(project => project.id === id);
    if (found === undefined) throw unknownProject(id);
    return found;
  }

  return {
    list: () =>
      [...file.read().projects].sort((left, right) =>
        left.lastOpened < right.lastOpened ? 1 : left.lastOpened > right.lastOpened ? -1 : 0,
      ),
    get,
    async add({ root, name }) {
      const place = realPath(root);
      let added: RegisteredProject | null = null;
      await change(projects => {
        const known = projects.find(project => project.root === place);
        const entry: RegisteredProject = {
          id: known?.id ?? randomUUID(),
          root: place,
          name: name ?? known?.name ?? basename(place),
          lastOpened: clock().toISOString(),
        };
        added = entry;
        return [...projects.filter(project => project.root !== place), entry];
      });
      if (added === null) throw unknownProject(place);
      return added;
    },
    async remove(id) {
      await change(projects => projects.filter(project => project.id !== id));
    },
    async touch(id) {
      await change(projects => {
        if (!projects.some(project => project.id === id)) throw unknownProject(id);
        return projects.map(project =>
          project.id === id ? { ...project, lastOpened: clock().toISOString() } : project,
        );
      });
      return get(id);
    },
    get problems() {
      return file.problems;
    },
  };
}

function realPath(root: string): string {
  try {
    return realpathSync(root);
  } catch {
    return resolve(root);
  }
}

function unknownProject(id: string): PtahError {
  return new PtahError('project-unknown', `There is no project ${id} in the list.`, {
    hint: 'It may have been removed in another window. Open its folder again.',
  });
}
