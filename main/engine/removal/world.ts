import type { DockerContainer, DockerImage } from '../docker/index.ts';
import type { BuildOutputContent, Inventory, ObjectRef } from '../manifests/index.ts';
import type { LiveThing } from './types.ts';

/** Everything that the plan of a removal is made of, as it was just read. */
export interface RemovalWorld {
  /** ISO 8601. */
  readonly readAt: string;
  readonly live: readonly LiveThing[];
  /** Null where Docker does not answer; `dockerMessage` says why. */
  readonly docker: {
    /** With the project's label. */
    readonly images: readonly DockerImage[];
    readonly containers: readonly DockerContainer[];
  } | null;
  readonly dockerMessage: string;
  readonly cluster: {
    readonly name: string;
    readonly state: 'ready' | 'not-answering' | 'stopped' | 'missing' | 'unknown';
    readonly message: string;
  };
  /** Null unless the cluster answers. */
  readonly inside: InsideCluster | null;
  readonly output: BuildOutputContent | { readonly refused: string } | null;
  /** Other projects on the list that deploy to the same cluster. */
  readonly neighbours: readonly string[];
}

export interface InsideCluster {
  /** Another folder of this machine that a project of this name was last deployed from; null where there is none. */
  readonly otherFolder: string | null;
  readonly inventory: Inventory;
  /** Claims that StatefulSets of the project had made for them; no inventory lists those. */
  readonly claims: readonly { readonly ref: ObjectRef; readonly uid: string; readonly why: string }[];
  /** Of claims and volumes, by `refKey`. */
  readonly storage: ReadonlyMap<string, { readonly bytes: number | null; readonly note: string | null }>;
  readonly nodeImages: readonly LabelledImage[];
  /** Nodes whose images could not be read, and why. */
  readonly unreadNodes: readonly { readonly node: string; readonly reason: string }[];
  /** Pods of others, by the normalised reference of an image that they use. */
  readonly imageUsers: ReadonlyMap<string, readonly string[]>;
  /** Helm releases of the project's Helmfile, `namespace/name`. */
  readonly releases: readonly string[];
  /** What is not the project's, in words: in its namespaces and of its kinds (by `refKey`), and in the whole cluster. */
  readonly contents: ReadonlyMap<string, readonly string[]>;
  readonly strangers: readonly string[];
  /** Other projects with an inventory in the cluster. */
  readonly otherProjects: readonly string[];
  /** For whom the cluster was made; null where not by us. */
  readonly record: { readonly project: string | null } | null;
}

/** An image on a node with the labels of its own configuration. */
export interface LabelledImage {
  readonly node: string;
  /** Normalised. */
  readonly reference: string;
  readonly size: number;
  readonly labels: Readonly<Record<string, string>>;
}
