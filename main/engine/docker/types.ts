import type { Readable } from 'node:stream';

/** Which engine we talk to and how that was decided; shown in Setup. */
export interface DockerEndpoint {
  /** `unix:///var/run/docker.sock`, `npipe:…`, `tcp://…`, `ssh://…`. */
  readonly host: string;
  /** `DOCKER_HOST`, `context desktop-linux`, `default socket`, … */
  readonly from: string;
}

export interface DockerInfo {
  readonly version: string;
  readonly apiVersion: string;
  readonly os: string;
  readonly arch: string;
  /** Images live in containerd's store: IDs are manifest digests and archives are OCI layouts. */
  readonly containerdStore: boolean;
  readonly builders: readonly ('buildkit' | 'classic')[];
  readonly rootDir: string;
}

export interface DockerImage {
  readonly id: string;
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly size: number;
  /** ISO 8601. */
  readonly createdAt: string;
}

export interface DockerContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly running: boolean;
  /** Ports of the host that lead to ports of the container; none while it does not run. */
  readonly ports?: readonly { readonly container: number; readonly host: number }[];
}

export interface ContainerExecOptions {
  readonly stdin?: Readable | Uint8Array;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface ContainerExecResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** A command in a container that we talk with; it ends when its input does. */
export interface ContainerSession {
  readonly stdin: import('node:stream').Writable;
  readonly stdout: Readable;
  /** Never rejects: what the command wrote last to its standard error, or why the connection ended. */
  readonly closed: Promise<string>;
  close(): void;
}

/** A command on a terminal. */
export interface ContainerTerminal {
  readonly stdin: import('node:stream').Writable;
  readonly stdout: Readable;
  /** Never rejects; without an exit code where Docker does not know it. */
  readonly exit: Promise<{ readonly exitCode: number | null; readonly reason: string | null }>;
  resize(cols: number, rows: number): void;
  /** Ends the connection; the command may go on. */
  close(): void;
}

/**
 * What the engine of ours needs of Docker. The real one is `connectDocker`, the fake one `fakeDocker` (testing.ts).
 * Errors: `docker-unreachable` (with the endpoint and what to do), `docker-api` (with status and Docker's message), `cancelled`.
 */
export interface Docker {
  readonly endpoint: DockerEndpoint;
  info(signal?: AbortSignal): Promise<DockerInfo>;
  listImages(
    filter?: { readonly labels?: readonly string[]; readonly reference?: string },
    signal?: AbortSignal,
  ): Promise<readonly DockerImage[]>;
  /** Null where Docker has no such image. */
  inspectImage(reference: string, signal?: AbortSignal): Promise<DockerImage | null>;
  removeImage(reference: string, options?: { readonly force?: boolean }): Promise<void>;
  tagImage(source: string, target: string): Promise<void>;
  pullImage(reference: string, onProgress: (line: string) => void, signal?: AbortSignal): Promise<void>;
  /** The archive of `docker save`, streamed. */
  saveImages(references: readonly string[], signal?: AbortSignal): Promise<Readable>;
  listContainers(
    filter: { readonly labels?: readonly string[]; readonly all?: boolean },
    signal?: AbortSignal,
  ): Promise<readonly DockerContainer[]>;
  /** Runs an argument array in a container; stdin is streamed with back-pressure. */
  exec(
    container: string,
    argv: readonly string[],
    options?: ContainerExecOptions,
  ): Promise<ContainerExecResult>;
  /** Starts a command that reads its input until it ends, and stays connected to it. */
  attach(container: string, argv: readonly string[], signal?: AbortSignal): Promise<ContainerSession>;
  /** Starts a command on a terminal. */
  terminal(container: string, argv: readonly string[], signal?: AbortSignal): Promise<ContainerTerminal>;
  /** A raw request of the Engine API whose answer is a stream; the builders use it. */
  stream(request: DockerRequest): Promise<{
    readonly status: number;
    readonly headers: Record<string, string | string[] | undefined>;
    readonly body: Readable;
  }>;
  /** A connection taken over by `Upgrade: h2c` (the BuildKit session). */
  upgrade(
    path: string,
    headers: Readonly<Record<string, string | readonly string[]>>,
    signal?: AbortSignal,
  ): Promise<import('node:stream').Duplex>;
}

export interface DockerRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path without the API version, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable | Uint8Array;
  readonly signal?: AbortSignal;
}
