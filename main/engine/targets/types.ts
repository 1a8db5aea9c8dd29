import type { Readable } from 'node:stream';
import type { ContainerSession } from '../docker/index.ts';

/** A machine that runs containers of the cluster; for Kind a container of Docker. The only gate to a node. */
export interface Node {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  readonly running: boolean;
  /** Runs an argument array in the node. `stdin` is streamed with back-pressure; rejects with the command, exit code and last lines. */
  exec(argv: readonly string[], options?: NodeExecOptions): Promise<NodeExecResult>;
  /** Starts a command that reads its input until it ends, and stays connected to it. */
  attach(argv: readonly string[], signal?: AbortSignal): Promise<ContainerSession>;
}

export interface NodeExecOptions {
  readonly stdin?: Readable | Uint8Array;
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
  /** Image (config) ID as the CRI shows it; the target where only some names were asked for. */
  readonly id: string;
  /** The strict digest noted by our own load; null when another content was brought under this name since, or it was loaded by others. */
  readonly digest: string | null;
  /** Docker's image ID at the time of our load; null as `digest` is. */
  readonly dockerId: string | null;
  /**
   * Every digest by which an engine may call the image; read only where some names were asked for, of those that others loaded.
   * So an image of ours is known that came another way.
   */
  readonly ids?: readonly string[];
  /** Digest of the manifest that the name stands for. */
  readonly target: string;
  readonly size: number;
}

/** An image that a node should have. */
export interface WantedImage {
  readonly reference: string;
  readonly digest: string;
  /** Docker's image ID; null when it is still to be built. */
  readonly id: string | null;
}

/** What a node holds. */
export interface HeldImages {
  readonly node: string;
  readonly images: readonly NodeImage[];
}

/** What loading has to do for one image and one node. A delta load will add an action of its own. */
export type LoadDecision =
  | { readonly node: string; readonly reference: string; readonly action: 'none'; readonly reason: string }
  | { readonly node: string; readonly reference: string; readonly action: 'load'; readonly reason: string };

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
  /** All images of the node, or only those of the given names, whatever their tags: much quicker on a full node. */
  images(node: Node, names?: readonly string[]): Promise<readonly NodeImage[]>;
  /** Streams to all `nodes` at once, no temporary file; a failing node does not stop the others but rejects at the end. */
  load(
    references: readonly string[],
    nodes: readonly Node[],
    options: { readonly signal?: AbortSignal; readonly onProgress?: (progress: LoadProgress) => void },
  ): Promise<void>;
}
