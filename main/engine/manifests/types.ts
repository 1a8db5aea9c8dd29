import type { Problem } from '../errors/index.ts';

/** `ptah://name` at its place. Lines and columns from 1, columns in code points. */
export interface ImageReference {
  readonly line: number;
  readonly column: number;
  readonly name: string;
  /** What it was rewritten to; null when no image has that name. */
  readonly reference: string | null;
  readonly inComment: boolean;
}

export interface RewriteResult {
  readonly text: string;
  readonly references: readonly ImageReference[];
  /** Those of `references` that no image answers to, outside comments. */
  readonly unknown: readonly ImageReference[];
}

/** One manifest file. Shape of `ptah manifests -o json` (design §9). */
export interface Manifest {
  /** Relative to the root. */
  readonly path: string;
  readonly source: string;
  readonly rewritten: string;
  readonly references: readonly ImageReference[];
}

/** A plain Kubernetes object: whatever the YAML said. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

/** Names an object in a cluster. `namespace` is null for cluster-scoped kinds. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
}

/** A document that will be applied, with its place. */
export interface ManifestObject {
  readonly object: KubernetesObject;
  readonly file: string;
  /** First line of the document. */
  readonly line: number;
  /** Text of this document before and after rewriting. */
  readonly source: string;
  readonly rewritten: string;
}

/** Everything that reading the manifests gives. */
export interface ManifestSet {
  readonly manifests: readonly Manifest[];
  readonly objects: readonly ManifestObject[];
  /** Documents that are matched and copied but not applied, and why (no `kind`, `kind.x-k8s.io`, empty). */
  readonly skipped: readonly { readonly file: string; readonly line: number; readonly reason: string }[];
  readonly problems: readonly Problem[];
}
