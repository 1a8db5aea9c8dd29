import type { Problem } from '../errors/index.ts';
import type { ObjectRef } from '../manifests/index.ts';
import type { BuildEvent } from '../images/index.ts';
import type { RolloutStatus } from '../workloads/index.ts';

/** Why an image has to be built or loaded. `message` is the sentence the window shows. */
export interface ImageReason {
  readonly code:
    | 'never-built'
    | 'files-changed'
    | 'dockerfile-changed'
    | 'settings-changed'
    | 'base-rebuilt'
    | 'removed-from-docker'
    | 'other-content-under-tag'
    | 'forced';
  readonly message: string;
  /** Files that changed since the last build, at most 100; relative to the context. */
  readonly files: readonly string[];
  /** How many changed in all. */
  readonly fileCount: number;
}

export interface PlannedImage {
  readonly name: string;
  readonly reference: string;
  readonly tag: string;
  readonly digest: string;
  readonly action: 'none' | 'build';
  readonly reason: ImageReason | null;
  /** Names of project images that must be there first. */
  readonly waitsFor: readonly string[];
}

export interface PlannedLoad {
  readonly image: string;
  readonly reference: string;
  readonly node: string;
  readonly action: 'none' | 'load';
  readonly reason: string;
  /** Bytes, where Docker knows the image's size already. */
  readonly bytes: number | null;
}

/** Order of application; an earlier wave has to be there before the next starts. */
export type Wave = 'crds' | 'namespaces' | 'configuration' | 'workloads';

export interface PlannedObject {
  readonly ref: ObjectRef;
  readonly file: string;
  readonly line: number;
  readonly wave: Wave;
  /**
   * `replace`: a Job whose template changed (design §9). `ask`: another immutable change, done only when the user agrees.
   * `blocked`: cannot be applied, see `problem`. `unknown`: the cluster is not there yet, so everything will be created.
   */
  readonly action: 'create' | 'change' | 'replace' | 'ask' | 'none' | 'blocked';
  readonly reason: string;
  readonly problem: Problem | null;
}

export interface PlannedPrune {
  readonly ref: ObjectRef;
  readonly reason: string;
  /** Namespaces, volumes, claims and CRDs: never pruned unless ticked one by one. */
  readonly keptUnlessAsked: boolean;
}

export interface PlannedCluster {
  readonly name: string;
  readonly context: string;
  readonly exists: boolean;
  readonly action: 'none' | 'create';
  readonly nodes: readonly string[];
  /** The node image that creation would use, and where that was decided. */
  readonly nodeImage: {
    readonly reference: string;
    readonly from: 'kind-config' | 'setting' | 'kind-default' | 'local';
  } | null;
  /** The Kind configuration changed after the cluster was made. */
  readonly configChanged: boolean;
  readonly reason: string;
}

export interface PlannedHelmfile {
  readonly file: string;
  /** `none`: the cluster holds what it says. */
  readonly action: 'sync' | 'none' | 'blocked';
  readonly problem: Problem | null;
}

/** Everything that Deploy will do, with reasons; computed by a pure function from the project and the world. */
export interface Plan {
  readonly project: { readonly name: string; readonly root: string; readonly namespace: string };
  /** ISO 8601. */
  readonly createdAt: string;
  /** Changes when Deploy would end elsewhere or overwrite something else; `run` then refuses the plan as older than the world. */
  readonly fingerprint: string;
  readonly cluster: PlannedCluster;
  readonly helmfile: PlannedHelmfile | null;
  readonly images: readonly PlannedImage[];
  readonly loads: readonly PlannedLoad[];
  readonly objects: readonly PlannedObject[];
  readonly prune: readonly PlannedPrune[];
  /** The cluster has the project's objects, but no longer the list of them: Deploy writes it again. */
  readonly inventoryLost: boolean;
  readonly skipped: readonly { readonly file: string; readonly line: number; readonly reason: string }[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** `Build 1 of 3 images because app/main.py changed; load it to 1 node; change 2 of 14 objects.` */
  readonly summary: string;
  /** Nothing to build, load, create, change or replace. Prunable objects alone do not count: they are offered, never done unasked. */
  readonly nothingToDo: boolean;
  /** False when `problems` holds an error: the plan cannot run. */
  readonly runnable: boolean;
}

export type StepName =
  'scan' | 'cluster' | 'build' | 'helmfile' | 'load' | 'diff' | 'apply' | 'rollout' | 'prune';

export interface ObjectResult {
  readonly ref: ObjectRef;
  readonly result: 'created' | 'changed' | 'replaced' | 'unchanged' | 'failed' | 'skipped' | 'pruned';
  readonly message: string;
  readonly conflicts: readonly { readonly manager: string; readonly field: string }[];
}

/** How it went with one thing of a project that is removed. */
export interface RemovedItem {
  readonly id: string;
  readonly group: string;
  /** `Deployment api`, `api:b3c3fbc`. */
  readonly title: string;
  /** Namespace, node, or `Docker`. */
  readonly where: string | null;
  readonly outcome: 'removed' | 'gone' | 'failed';
  /** Why not; empty where it is gone. */
  readonly message: string;
}

/** Typed events of a running deploy; replaying them gives the same view. `--events` prints them a line each. */
export type DeployEvent =
  | { readonly type: 'plan'; readonly plan: Plan }
  | {
      readonly type: 'step';
      readonly step: StepName;
      readonly state: 'running' | 'done' | 'failed' | 'skipped' | 'cancelled';
      readonly message: string;
      readonly at: string;
    }
  | {
      readonly type: 'build-started';
      readonly image: string;
      readonly reference: string;
      readonly reason: ImageReason | null;
      readonly at: string;
    }
  | { readonly type: 'build'; readonly image: string; readonly event: BuildEvent }
  | {
      readonly type: 'build-finished';
      readonly image: string;
      readonly state: 'done' | 'failed' | 'cancelled';
      readonly id: string | null;
      readonly durationMs: number;
      readonly error: string | null;
      readonly at: string;
    }
  | {
      readonly type: 'load';
      readonly image: string;
      readonly node: string;
      readonly sentBytes: number;
      readonly totalBytes: number;
      readonly state: 'running' | 'done' | 'failed';
    }
  | { readonly type: 'object'; readonly object: ObjectResult }
  | { readonly type: 'rollout'; readonly status: RolloutStatus }
  /** A line of kind's or helmfile's own output, or of ours. */
  /** One thing that a removal was to take away. */
  | { readonly type: 'removed'; readonly item: RemovedItem }
  | { readonly type: 'log'; readonly step: StepName; readonly text: string }
  | { readonly type: 'result'; readonly result: DeployResult };

export interface DeployResult {
  readonly state: 'deployed' | 'unchanged' | 'failed' | 'cancelled';
  /** One sentence: `Built api, changed 2 objects`. */
  readonly summary: string;
  readonly durationMs: number;
  readonly durations: Readonly<Partial<Record<StepName, number>>>;
  readonly failedStep: StepName | null;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint: string | null;
    readonly details: Readonly<Record<string, unknown>>;
  } | null;
}

/** Three texts per object for the Changes screen; null where there is none. YAML. */
export interface ObjectDiff {
  readonly ref: ObjectRef;
  readonly file: string;
  readonly line: number;
  /** As in the file. */
  readonly source: string;
  /** After `ptah://` was rewritten. */
  readonly rewritten: string;
  /** In the cluster now, without managed fields, status and other server noise. */
  readonly live: string | null;
  /** What the server would store (dry run), cleaned the same way. */
  readonly applied: string | null;
  readonly rewrites: readonly { readonly name: string; readonly reference: string }[];
  readonly conflicts: readonly { readonly manager: string; readonly field: string }[];
  readonly problem: Problem | null;
}

/** What the user agreed to beyond the plan's own steps. */
export interface DeployConsent {
  /** Objects to prune, out of `plan.prune`. */
  readonly prune: readonly ObjectRef[];
  /** Objects marked `ask` that may be deleted and made again. */
  readonly replace: readonly ObjectRef[];
  /** Fields held by other managers are taken over. */
  readonly force: boolean;
  /** A cluster whose Kind configuration changed is deleted and made again. */
  readonly recreateCluster: boolean;
}
