import type { PtahClient } from '../../preload/contract/client.ts';
import type { ObjectRef } from '../../preload/contract/deploy.ts';
import type { Inspection, ObjectsSnapshot } from '../../preload/contract/objects.ts';
import { createLives, type Lives } from './live.ts';

/** Objects of projects: lists by `listKey`, one in full by `objectKey`. */
export interface Objects {
  readonly lists: Lives<ObjectsSnapshot>;
  readonly inspections: Lives<Inspection>;
  resume(): void;
}

export const listKey = (projectId: string, namespaces: readonly string[] | null): string =>
  JSON.stringify([projectId, namespaces]);
export const objectKey = (projectId: string, ref: ObjectRef): string => JSON.stringify([projectId, ref]);

export function createObjects(client: PtahClient): Objects {
  const merge = <T>(_: T | null, next: T): T => next;
  const lists = createLives<ObjectsSnapshot>(
    (key, signal) => {
      const [projectId, namespaces] = JSON.parse(key) as [string, readonly string[] | null];
      const input = { projectId, ...(namespaces !== null && { namespaces }) };
      return client.stream('objects.watch', input, { signal });
    },
    { everyMs: 100, merge },
  );
  const inspections = createLives<Inspection>(
    (key, signal) => {
      const [projectId, ref] = JSON.parse(key) as [string, ObjectRef];
      return client.stream('objects.inspect', { projectId, ref }, { signal });
    },
    { everyMs: 100, merge },
  );
  return {
    lists,
    inspections,
    resume() {
      lists.resume();
      inspections.resume();
    },
  };
}
