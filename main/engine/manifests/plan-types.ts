import type { Origin } from './origin.ts';
import type { Cluster } from '../cluster/index.ts';
import type { FieldConflict } from '../cluster/index.ts';
import type { ObjectResult, PlannedObject, PlannedPrune, Wave } from '../deploy/index.ts';
import type { KubernetesObject, ManifestObject, ObjectRef } from './types.ts';

/** What a project has in a cluster, as the cluster itself tells it: the members of its ApplySet. */
export interface Inventory {
  /** Absent or null where nothing is noted: written by an earlier version, or there is none. */
  readonly origin?: Origin | null;
  /** Of ApplySet parents that were found; more than one after the project's namespace changed. */
  readonly parents: readonly ObjectRef[];
  readonly members: readonly InventoryMember[];
}

export interface InventoryMember {
  readonly ref: ObjectRef;
  readonly uid: string;
  /** Who set fields of it, as the cluster notes them. */
  readonly managers?: readonly string[];
  /** The Helm release that says the object is its own. */
  readonly helmRelease?: string;
}

export interface PlanObjectsRequest {
  readonly objects: readonly ManifestObject[];
  /** Null while the cluster is still to be made: everything will be created. */
  readonly cluster: Cluster | null;
  /** The project's `namespace`; null when `ptah.yml` names none (then `default`). */
  readonly namespace: string | null;
  readonly projectName: string;
  /** The folder of the project, noted at the inventory. */
  readonly folder?: string;
  /** Null: read it first. */
  readonly inventory?: Inventory | null;
  /** A Helmfile runs before the objects are applied and may bring kinds and namespaces that are not there yet. */
  readonly helmfileFirst?: boolean;
}

/** One object of the plan with everything that applying and showing it needs. */
export interface PreparedObject {
  readonly planned: PlannedObject;
  /** The document with its namespace settled and our labels. */
  readonly object: KubernetesObject;
  readonly document: ManifestObject;
  readonly live: KubernetesObject | null;
  /** What the server would store (dry run); null where it was not asked or refused. The live object itself when nothing changes. */
  readonly applied: KubernetesObject | null;
  readonly conflicts: readonly FieldConflict[];
  /** How an action `ask` is carried out once the user agrees: take the fields over, or delete the object and create it anew. */
  readonly consentMeans: 'force' | 'replace' | null;
}

export interface ObjectsPlan {
  /** Where the manifests come from; null where that is not known. */
  readonly origin: Origin | null;
  /** Objects of the project are in the cluster, and the list of them is gone: applying writes it again. */
  readonly inventoryLost: boolean;
  readonly projectName: string;
  /** Of the inventory. */
  readonly namespace: string;
  readonly objects: readonly PreparedObject[];
  readonly prune: readonly PlannedPrune[];
  readonly inventory: Inventory;
}

export interface ApplyObjectsRequest {
  readonly plan: ObjectsPlan;
  /** Objects with the action `ask` that the user agreed to. */
  readonly consent?: readonly ObjectRef[];
  /** Awaited before a wave begins, e.g. until the images of the workloads are loaded. */
  readonly beforeWave?: (wave: Wave) => Promise<void>;
  readonly onResult?: (result: ObjectResult) => void;
  readonly onWarning?: (ref: ObjectRef, text: string) => void;
}

export interface PruneRequest {
  readonly projectName: string;
  readonly namespace: string;
  readonly inventory: Inventory;
  /** What the user was shown and agreed to; anything that is not in the inventory is refused. */
  readonly refs: readonly ObjectRef[];
  /** Namespaces, volumes, claims and CRDs go only if they are ticked here one by one. */
  readonly ticked?: readonly ObjectRef[];
  readonly onResult?: (result: ObjectResult) => void;
}
