import type { ObjectRef } from '../manifests/index.ts';

export type ContainerState =
  'running' | 'starting' | 'not-ready' | 'failed' | 'ending' | 'completed' | 'waiting';

export interface ContainerView {
  readonly name: string;
  readonly init: boolean;
  readonly image: string;
  /** The image is one of the project's and its reference is not the one that the folder gives now. */
  readonly old: boolean;
  readonly ours: boolean;
  readonly state: ContainerState;
  /** Word and reason, e.g. `CrashLoopBackOff: exit code 1`. */
  readonly status: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly startedAt: string | null;
  readonly containerId: string | null;
}

export interface PodView {
  readonly namespace: string;
  readonly name: string;
  readonly node: string | null;
  readonly state: ContainerState;
  readonly status: string;
  readonly createdAt: string;
  readonly restarts: number;
  readonly containers: readonly ContainerView[];
}

export interface WorkloadView {
  readonly ref: ObjectRef;
  readonly state: ContainerState;
  readonly status: string;
  readonly ready: number;
  readonly desired: number;
  readonly pods: readonly PodView[];
  readonly createdAt: string;
}

export interface ServiceView {
  readonly ref: ObjectRef;
  readonly type: string;
  readonly ports: readonly {
    readonly name: string | null;
    readonly port: number;
    readonly protocol: string;
  }[];
}

/** Something that the credentials of the kubeconfig may not do. */
export interface Denied {
  readonly verb: string;
  /** Plural, as in a Role: `pods`. */
  readonly resource: string;
  /** Null for all namespaces, and for kinds without one. */
  readonly namespace: string | null;
  /** The API server's own words. */
  readonly message: string;
}

export interface WorkloadsSnapshot {
  /** ISO 8601: when this was last true. */
  readonly at: string;
  readonly connected: boolean;
  readonly disconnectedReason: string | null;
  readonly workloads: readonly WorkloadView[];
  readonly services: readonly ServiceView[];
  /** What could not be listed; left out where nothing was denied. */
  readonly denied?: readonly Denied[];
  /** The namespaces that stand for all of them, which may not be listed at once. */
  readonly limitedTo?: readonly string[];
}

/** What became different since the item before. Pods are newest first, then by name; workloads by namespace, name and kind. */
export interface WorkloadsDelta {
  readonly delta: true;
  readonly at: string;
  readonly connected: boolean;
  readonly disconnectedReason: string | null;
  /** Workloads that are new or different, each with only its new or different pods. */
  readonly workloads: readonly (WorkloadView & { readonly gonePods: readonly string[] })[];
  readonly gone: readonly ObjectRef[];
  /** All of them, where one changed. */
  readonly services: readonly ServiceView[] | null;
  readonly denied?: readonly Denied[];
  readonly limitedTo?: readonly string[];
}

/** What went wrong with a workload that does not settle: which container, why, what to try. */
export interface RolloutProblem {
  readonly ref: ObjectRef;
  readonly pod: string | null;
  readonly container: string | null;
  readonly code:
    | 'image-pull'
    | 'crash-loop'
    | 'exited'
    | 'out-of-memory'
    | 'probe'
    | 'scheduling'
    | 'quota'
    | 'config-missing'
    | 'forbidden'
    | 'volume'
    | 'init-failed'
    | 'deadline'
    | 'other';
  readonly message: string;
  readonly hint: string;
  /** The container's last lines, oldest first. */
  readonly log: readonly string[];
  /** Relevant events, newest last. */
  readonly events: readonly string[];
}

export interface RolloutStatus {
  readonly ref: ObjectRef;
  readonly state: 'waiting' | 'ready' | 'failed';
  readonly message: string;
  readonly ready: number;
  readonly desired: number;
  readonly problems: readonly RolloutProblem[];
}

export interface WorkloadsQuery {
  readonly projectName: string;
  /** Namespaces to look into; null for all. */
  readonly namespaces: readonly string[] | null;
  /** The project's images and the reference that the folder gives now; asked again for every snapshot. */
  readonly images: () => ReadonlyMap<string, string>;
  /** Where to look when `namespaces` is null and listing all is not allowed. */
  readonly fallback?: readonly string[];
  /** Also workloads that do not carry the project's label (Helm charts). */
  readonly unlabelled?: boolean;
}

export interface AwaitRolloutOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Every change of a workload's status. */
  readonly onStatus?: (status: RolloutStatus) => void;
}

/** A Service reachable at a loopback address, by way of the API server. */
export interface OpenedService {
  /** Holds a token that cannot be guessed; the browser gets a cookie for it and plain paths from then on. */
  readonly url: string;
  close(): Promise<void>;
}
