import type { FieldConflict } from '../../cluster/index.ts';
import type { ObjectRef } from '../../manifests/index.ts';
import type { ContainerState, Denied } from '../types.ts';

/** One object of the project that is no workload: a row of the list. */
export interface ObjectRow {
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly createdAt: string;
  /** Null where the kind has no state of its own. */
  readonly state: ContainerState | null;
  /** What the kind is looked at for: keys, ports, hosts, size. */
  readonly summary: string;
}

export interface ObjectsSnapshot {
  readonly at: string;
  readonly connected: boolean;
  readonly disconnectedReason: string | null;
  /** By kind, namespace and name. */
  readonly objects: readonly ObjectRow[];
  readonly denied: readonly Denied[];
}

export interface EventView {
  /** Of the event object; one that is told again keeps it. */
  readonly uid: string;
  readonly warning: boolean;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  /** ISO 8601; null when the event does not say. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly about: { readonly kind: string; readonly name: string };
  readonly container: string | null;
}

export interface ContainerDetail {
  readonly name: string;
  readonly init: boolean;
  readonly image: string;
  readonly command: readonly string[];
  readonly ports: readonly string[];
  readonly resources: readonly {
    readonly name: string;
    readonly request: string | null;
    readonly limit: string | null;
  }[];
  readonly probes: readonly { readonly name: string; readonly text: string }[];
  readonly mounts: readonly { readonly path: string; readonly from: string; readonly readOnly: boolean }[];
  /** Names only: values may be secrets. */
  readonly environment: readonly string[];
  /** How the run before this one ended. */
  readonly previous: string | null;
}

/** An object as `kubectl describe` would tell it, in parts. */
export interface ObjectDetail {
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly createdAt: string;
  readonly ending: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly owners: readonly { readonly kind: string; readonly name: string }[];
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string | null;
    readonly message: string | null;
    readonly at: string | null;
  }[];
  readonly containers: readonly ContainerDetail[];
  readonly volumes: readonly { readonly name: string; readonly from: string }[];
  readonly can: { readonly restart: boolean; readonly scale: boolean; readonly delete: boolean };
  /** How many pods are asked for; null where that can't be said. */
  readonly replicas: number | null;
}

export interface Inspection {
  readonly at: string;
  readonly connected: boolean;
  readonly disconnectedReason: string | null;
  /** Null when the object is not there (any more), or may not be read. */
  readonly detail: ObjectDetail | null;
  /** Newest first: of the object and of what it made. */
  readonly events: readonly EventView[];
  readonly denied: readonly Denied[];
}

/** An object as text to look at and to edit. */
export interface ObjectText {
  readonly text: string;
  /** Values are hidden: this text can't be edited. */
  readonly masked: boolean;
  /** Who has written fields of it. */
  readonly managers: readonly string[];
}

export interface EditProblem {
  readonly message: string;
  /** As the API server names it; null where the text itself is no YAML. */
  readonly field: string | null;
  /** Of the edited text, from 1. */
  readonly line: number | null;
  readonly column: number | null;
}

export type EditOutcome =
  /** Dry run: this would become of it. Applied: this became of it. */
  | {
      readonly outcome: 'would-change' | 'applied';
      readonly before: string;
      readonly after: string;
      readonly warnings: readonly string[];
      /** Fields of the edit that somebody else wrote last. */
      readonly takesOver: readonly FieldConflict[];
    }
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'refused'; readonly message: string; readonly problems: readonly EditProblem[] }
  /** Somebody changed the object since it was read: what it is now, and the edit brought onto that. */
  | { readonly outcome: 'conflict'; readonly live: string; readonly merged: string }
  | { readonly outcome: 'gone' };
