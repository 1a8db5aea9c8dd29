/** A machine that runs containers of the cluster; for Kind a container of Docker. The only gate to a node. */
export interface Node {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  readonly running: boolean;
  /** Runs an argument array in the node. `stdin` is streamed with back-pressure; rejects with the command, exit code and last lines. */
  exec(argv: readonly string[], options?: NodeExecOptions): Promise<NodeExecResult>;
}

export interface NodeExecOptions {
  readonly stdin?: NodeJS.ReadableStream | Uint8Array;
  readonly signal?: AbortSignal;
  /** Milliseconds; default 60,000. */
  readonly timeoutMs?: number;
  /** Do not reject on another exit code than 0. */
  readonly allowFailure?: boolean;
}

export interface NodeExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An image as a node's containerd lists it. */
export interface NodeImage {
  /** Normalised: `docker.io/library/api:b3c3fbc`. */
  readonly reference: string;
  /** Image (config) ID as the CRI shows it. */
  readonly id: string;
  /** Label `ptah-desktop/digest` of the image's config, null without one. */
  readonly digest: string | null;
  readonly size: number;
}

/** Result of deciding, per node, what loading has to do (skaffold's lookup results as a union). */
export type LoadDecision =
  | { readonly node: string; readonly action: 'none'; readonly reason: string }
  | { readonly node: string; readonly action: 'load'; readonly reason: string };

export interface LoadProgress {
  readonly node: string;
  readonly sentBytes: number;
  readonly totalBytes: number;
  readonly done: boolean;
}

/** Where images go. `kind/` first; k3d, minikube, docker-desktop and a registry will stand beside it with the same shape. */
export interface ImageTarget {
  readonly kind: 'kind';
  nodes(): Promise<readonly Node[]>;
  images(node: Node): Promise<readonly NodeImage[]>;
  /** Streams to all `nodes` at once, no temporary file; a failing node does not stop the others but rejects at the end. */
  load(
    references: readonly string[],
    nodes: readonly Node[],
    options: { readonly signal?: AbortSignal; readonly onProgress?: (progress: LoadProgress) => void },
  ): Promise<void>;
}
