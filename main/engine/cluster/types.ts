import type { KubernetesObject, ObjectRef } from '../manifests/index.ts';

/** A kubeconfig context that we may write to, resolved once and pinned: never the current context by accident. */
export interface PinnedContext {
  /** `kind-<name>`. */
  readonly context: string;
  readonly clusterName: string;
  readonly server: string;
  /** `kind`: no kubeconfig file names the context, so its credentials are asked of kind and kept in memory only. */
  readonly source?: 'kubeconfig' | 'kind';
}

export interface ApplyOptions {
  readonly dryRun?: boolean;
  /** Take fields over from other managers; asked for by the user, never set silently (kubernetes#113612). */
  readonly force?: boolean;
  /** Unknown and repeated fields: refused (as kubectl does, the default) or only warned about. */
  readonly fieldValidation?: 'Strict' | 'Warn';
  /** The server's `Warning` headers, e.g. a deprecated API version. */
  readonly onWarning?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface PatchOptions {
  /** Default `merge` (RFC 7386), which every kind knows. */
  readonly type?: 'merge' | 'strategic';
  /** E.g. `scale`. */
  readonly subresource?: string;
  readonly signal?: AbortSignal;
}

/** Who else holds a field that we want to set (HTTP 409 of server-side apply). */
export interface FieldConflict {
  readonly manager: string;
  readonly field: string;
}

/** What the API knows of a kind. */
export interface ApiResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural, as in the path. */
  readonly resource: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

export type WatchEvent =
  /** The whole list: at the start and after every relist (410, long silence). */
  | { readonly type: 'list'; readonly objects: readonly KubernetesObject[] }
  | { readonly type: 'added' | 'modified' | 'deleted'; readonly object: KubernetesObject }
  /** The connection broke; a retry follows after `retryMs`. */
  | {
      readonly type: 'disconnected';
      readonly reason: string;
      readonly retryMs: number;
      /** Of the error, e.g. `forbidden`: the connection lives, but this list is not for us. */
      readonly code?: string;
    };

/**
 * The API of one pinned cluster, with raw JSON in and out (the client's models drop fields they do not know).
 * Errors are `PtahError`s: `unreachable`, `forbidden`, `not-found`, `conflict`, `invalid`, `unknown-kind`, `gone`.
 */
export interface Cluster {
  readonly pinned: PinnedContext;
  version(signal?: AbortSignal): Promise<string>;
  /** Discovery; cached until `refreshResources`. Null when the cluster does not know the kind. */
  resource(apiVersion: string, kind: string): Promise<ApiResource | null>;
  resources(): Promise<readonly ApiResource[]>;
  refreshResources(): void;
  get(ref: ObjectRef, signal?: AbortSignal): Promise<KubernetesObject | null>;
  list(
    query: ListQuery,
    signal?: AbortSignal,
  ): Promise<{ readonly items: readonly KubernetesObject[]; readonly resourceVersion: string }>;
  /** Server-side apply with the field manager `ptah-desktop`. */
  apply(object: KubernetesObject, options?: ApplyOptions): Promise<KubernetesObject>;
  /** Changes the named fields only, by our field manager. */
  patch(ref: ObjectRef, change: object, options?: PatchOptions): Promise<KubernetesObject>;
  /** Puts the whole object in place. With `metadata.resourceVersion` in it, a change made meanwhile is a `conflict`. */
  replace(object: KubernetesObject, options?: Omit<ApplyOptions, 'force'>): Promise<KubernetesObject>;
  create(object: KubernetesObject, signal?: AbortSignal): Promise<KubernetesObject>;
  remove(
    ref: ObjectRef,
    options?: {
      readonly propagation?: 'Background' | 'Foreground';
      readonly uid?: string;
      readonly signal?: AbortSignal;
    },
  ): Promise<void>;
  /** List, then watch for ever: recovers from 410, silence and API restarts; ends only by the signal. */
  watch(query: ListQuery, signal: AbortSignal): AsyncIterable<WatchEvent>;
  /** Text log of a container. */
  log(
    pod: { readonly namespace: string; readonly name: string; readonly container: string },
    options?: { readonly previous?: boolean; readonly tailLines?: number; readonly signal?: AbortSignal },
  ): Promise<string>;
  /** A connection taken over by `Upgrade` (WebSocket through the service proxy); the server has answered 101. */
  upgrade(
    path: string,
    headers: Readonly<Record<string, string | readonly string[]>>,
    signal?: AbortSignal,
    method?: string,
  ): Promise<UpgradedConnection>;
  /**
   * Starts a command in a container and stays connected to it. Rejects where the API refuses (`not-found`, `invalid`, `forbidden`,
   * `unreachable`); what becomes of the command itself, also one that cannot be started, is in `exit`.
   */
  exec(pod: PodContainer, command: ExecCommand, signal?: AbortSignal): Promise<ExecSession>;
  /** A way to a pod for one connection to one of its ports. Rejects as `exec` does. */
  portTunnel(pod: PodPort, signal?: AbortSignal): Promise<PortTunnel>;
  /** Any request below the API server, with our credentials; used by the API proxy for Services. No status is an error here. */
  fetch(
    path: string,
    init?: {
      readonly method?: string;
      readonly headers?: Readonly<Record<string, string | readonly string[]>>;
      readonly body?: Uint8Array | string | import('node:stream').Readable;
      readonly signal?: AbortSignal;
    },
  ): Promise<Response>;
}

/** A container by the names of the API. */
export interface PodContainer {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
}

/** A pod as the target of a forward. */
export interface PodPort {
  readonly namespace: string;
  readonly name: string;
}

/**
 * One tunnel carries one connection: the frames of several would share one flow, and a reader that stands still would hold back
 * the others.
 */
export interface PortTunnel {
  readonly pod: PodPort;
  /** The way is open; whether the port answers shows only with `connect`. */
  readonly live: boolean;
  /** Never rejects: why it was closed. */
  readonly closed: Promise<string>;
  /**
   * Back-pressure both ways. It is destroyed with an error where nobody listens (`port-refused`), the pod breaks it off
   * (`port-failed`) or the way is lost (`unreachable`); a clean end ends its reading side. Ending the writing side tells the pod so,
   * and container runtimes then end both sides within a second.
   */
  connect(port: number): import('node:stream').Duplex;
  close(): void;
}

export interface ExecCommand {
  readonly argv: readonly string[];
  /** A terminal: output comes as one stream, `resize` has an effect. */
  readonly tty?: boolean;
  /** Default true. */
  readonly stdin?: boolean;
}

export interface ExecExit {
  /** Null where the command never ended by itself: it could not be started, or the connection went first. */
  readonly exitCode: number | null;
  readonly reason: string | null;
}

/** A running command. Both outputs must be read (or `resume()`d): one that is left lying holds back the other. */
export interface ExecSession {
  /** Back-pressure as usual; `end()` ends the command's input where `halfClose` says so. */
  readonly stdin: import('node:stream').Writable;
  readonly stdout: import('node:stream').Readable;
  readonly stderr: import('node:stream').Readable;
  /** Whether the server can end the input alone (v5); with an older one the command must know by itself where it ends. */
  readonly halfClose: boolean;
  /** Never rejects. Settles when the connection is closed. */
  readonly exit: Promise<ExecExit>;
  resize(cols: number, rows: number): void;
  /** Ends the connection, and the command's input and output with it. */
  close(): void;
}

export interface UpgradedConnection {
  readonly socket: import('node:stream').Duplex;
  /** Bytes that came with the answer's head. */
  readonly head: Uint8Array;
  /** Headers of the 101 answer, name and value in turn. */
  readonly rawHeaders: readonly string[];
}

export interface ListQuery {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | null;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** A Kind cluster as Docker's labels tell it. */
export interface KindCluster {
  readonly name: string;
  readonly nodes: readonly {
    readonly name: string;
    readonly role: 'control-plane' | 'worker';
    readonly running: boolean;
    readonly image: string;
  }[];
  /** The ports of this machine that lead to its API server; left out where Docker tells none. */
  readonly apiPorts?: readonly number[];
}

/** Where the node image of a cluster to be made comes from (design §9). */
export interface NodeImageDecision {
  readonly reference: string;
  readonly from: 'kind-config' | 'setting' | 'kind-default' | 'local';
  /** One sentence for the plan: why this one. */
  readonly reason: string;
}

/** A line of kind's own output that begins or ends one of its phases. */
export interface KindPhase {
  readonly phase: string;
  readonly state: 'running' | 'done' | 'failed';
}

export interface CreateKindClusterRequest {
  readonly name: string;
  /** The project's Kind configuration, absolute; null for kind's default of one node. */
  readonly configFile: string | null;
  /** Overrides the images of the configuration; null leaves the choice to it. */
  readonly nodeImage: string | null;
  /** What relative `hostPath`s of the configuration are relative to. */
  readonly projectRoot: string;
  /** For whom it is made: noted in the cluster, so that it can be removed with that project alone. */
  readonly project?: string;
}

export interface CreateKindClusterOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** kind's output and our own waiting, line by line. */
  readonly onLine?: (line: string) => void;
  /** Limits in milliseconds; each failure names the last state that was seen. */
  readonly limits?: { readonly create?: number; readonly api?: number; readonly nodes?: number };
}

export interface CreatedKindCluster {
  readonly pinned: PinnedContext;
  readonly nodes: readonly string[];
  /** Everything that was printed. */
  readonly log: readonly string[];
}
