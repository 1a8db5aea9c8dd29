import type { RemovedItem } from '../deploy/index.ts';
import type { ObjectRef } from '../manifests/index.ts';

/**
 * What can be chosen. `volumes`, `namespaces` (with definitions of kinds) and `cluster` are asked apart: they hold what cannot be
 * made again from the folder.
 */
export type RemovalGroupId =
  'live' | 'objects' | 'node-images' | 'images' | 'output' | 'volumes' | 'namespaces' | 'cluster';

/** One thing of the project that would go. */
export interface RemovalItem {
  /** The same for as long as it is the same thing: an object made anew under its name is another one. */
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  /** Namespace, node, `Docker`, or the folder; null for what lies nowhere else. */
  readonly where: string | null;
  /** Null where the size means nothing or is not known. */
  readonly bytes: number | null;
  readonly note: string | null;
  /** Of objects in the cluster. */
  readonly ref: ObjectRef | null;
}

export interface RemovalGroup {
  readonly id: RemovalGroupId;
  readonly title: string;
  readonly askedApart: boolean;
  readonly items: readonly RemovalItem[];
  /** Why nothing can be listed, or why the group can't be taken at all; null where it can. */
  readonly unavailable: string | null;
}

/** Something near the project that stays, and why. */
export interface RemovalKeep {
  readonly title: string;
  readonly reason: string;
}

/** Everything that is the project's and everything that stays, computed before anything is touched. */
export interface RemovalPlan {
  readonly project: { readonly name: string; readonly root: string };
  readonly cluster: { readonly name: string; readonly context: string };
  /** ISO 8601. */
  readonly createdAt: string;
  /** Changes when anything that would go changes. */
  readonly fingerprint: string;
  readonly groups: readonly RemovalGroup[];
  readonly keeps: readonly RemovalKeep[];
  /** No group has anything. */
  readonly nothingToRemove: boolean;
}

/** How a removal ended. Kept beside its job. */
export interface RemovalResult {
  readonly removed: readonly RemovedItem[];
  readonly failed: readonly RemovedItem[];
  /** One sentence. */
  readonly summary: string;
}

/** What runs for a project by the engine's own doing. */
export interface LiveThing {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly where: string | null;
}

/** Forwards and live sync of a project; other rooms own them. */
export interface LiveThings {
  list(): Promise<readonly LiveThing[]>;
  /** Stops it for good: it does not come back with the next start. */
  stop(id: string): Promise<void>;
}
