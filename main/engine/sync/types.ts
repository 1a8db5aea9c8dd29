import type { Problem } from '../errors/index.ts';

/** What a path is or shall be. Times take no part: content decides (engine clocks and containers' differ). */
export type TreeEntry =
  | {
      readonly type: 'file';
      /** Permission bits. */
      readonly mode: number;
      readonly size: number;
      /** SHA-256 of the bytes, hex. */
      readonly hash: string;
    }
  | { readonly type: 'directory'; readonly mode: number }
  | { readonly type: 'symlink'; readonly target: string };

/** Absolute, normalised path in the container → what is there. */
export type Tree = ReadonlyMap<string, TreeEntry>;

/** One `COPY` or `ADD` of the running stage that files are kept equal by. Later rules win where they overlap. */
export interface SyncRule {
  /** Relative to the context; `.` for all. */
  readonly source: string;
  /** Absolute in the container. */
  readonly target: string;
  readonly kind: 'file' | 'directory';
  /** Line of the instruction in the Dockerfile. */
  readonly line: number;
  readonly chown: string | null;
  readonly chmod: string | null;
}

/** A changed file that only a build brings into a container. */
export interface OutsideFile {
  /** Relative to the context. */
  readonly file: string;
  /** When it was saved; when it was missed, where it is gone. ISO 8601. */
  readonly at: string;
}

/** What one image's containers shall hold, as the folder is now. */
export interface DesiredTree {
  readonly image: string;
  /** The reference that the folder gives now. */
  readonly reference: string;
  readonly rules: readonly SyncRule[];
  /** Rules that a pattern gave while it selected something: what they brought is to go. */
  readonly former?: readonly SyncRule[];
  readonly tree: Tree;
  /** Absolute path on this machine of each file's bytes, by path in the container. */
  readonly sources: ReadonlyMap<string, string>;
  /** `--chown` of the winning rule by path; absent where the rule has none. */
  readonly owners: ReadonlyMap<string, string>;
  /** Files of the context that no rule covers and that changed since the image was built: they need a rebuild. */
  readonly outside: readonly OutsideFile[];
  /** Grows with every change that a build of the image would see, whether a rule covers it or not. */
  readonly changes: number;
  /**
   * Paths in the container (each with all below it) that the folder has but that are not synced: links that leave, files that can't be read,
   * names that are no text. Neither written nor deleted: `problems` says why.
   */
  readonly held?: ReadonlySet<string>;
  /** Links that leave the synced folders, unreadable files and the like; each with its path. */
  readonly problems: readonly Problem[];
  /** Grows with every look. */
  readonly revision: number;
}

/** One change of a container's files, complete in itself. */
export type Operation =
  /** Written beside and renamed over what is there (in place where a mount point forbids the rename). Parents are made. */
  | {
      readonly op: 'file';
      readonly path: string;
      readonly mode: number;
      readonly size: number;
      readonly hash: string;
      readonly source: FileSource;
      readonly owner: string | null;
    }
  | {
      readonly op: 'directory';
      readonly path: string;
      readonly mode: number;
      readonly owner: string | null;
    }
  | {
      readonly op: 'symlink';
      readonly path: string;
      readonly target: string;
      readonly owner: string | null;
    }
  | { readonly op: 'mode'; readonly path: string; readonly mode: number }
  /** A file, a link, or a directory that is empty by then; one that is not stays, and that is no failure. */
  | { readonly op: 'remove'; readonly path: string; readonly was: TreeEntry['type'] };

/** Bytes in memory (small files, read once for many containers), or a file to stream. */
export type FileSource = { readonly bytes: Uint8Array } | { readonly file: string };

export interface OperationFailure {
  readonly path: string;
  /** `ENOSPC`, `EROFS`, `EACCES`, … where known; `source-changed` when the bytes sent were not those of `hash`. */
  readonly code: string;
  readonly message: string;
}

export interface BatchResult {
  /** Paths whose operation was acknowledged. */
  readonly done: readonly string[];
  readonly failed: readonly OperationFailure[];
}

export type ChannelKind = 'node' | 'stream' | 'tar';

/** A running container of the cluster that holds one of our images. */
export interface ContainerAddress {
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly container: string;
  /** With its scheme: `containerd://…`. A new one is a new container. */
  readonly containerId: string;
  readonly node: string;
}

/**
 * The way into one container, by container ID: it ends with the container and never reaches another one.
 * Errors: `channel-lost` (reopen and look again), `container-gone`, `read-only` (a root that can't be written), `cancelled`, `timeout`.
 */
export interface Channel {
  readonly kind: ChannelKind;
  /** One sentence for the window: why this one and not a better one. */
  readonly reason: string;
  /** A better one may be had later: what stood in its way need not last. */
  readonly passing?: boolean;
  /**
   * What is there now, hashed by reading the bytes; absent paths are absent in the answer. `extra` also lists what lies below the
   * given directories (no hashes). Links are not followed, absolute links of the image are resolved inside the container.
   */
  read(
    paths: readonly string[],
    options?: {
      readonly signal?: AbortSignal;
      readonly hash?: boolean;
      /** Large files that this channel wrote and that nobody touched since, as the kernel says, are not read once more. */
      readonly trusted?: boolean;
    },
  ): Promise<Tree>;
  /** Bytes of one file. */
  fetch(path: string, signal?: AbortSignal): Promise<Uint8Array>;
  /**
   * Carries out the operations in their order; each is whole or not at all. Resolves when the container acknowledged; the promise
   * rejects only when the channel itself is lost, and then nothing is known about what was not acknowledged.
   */
  apply(
    operations: readonly Operation[],
    options?: { readonly signal?: AbortSignal; readonly onBytes?: (sent: number) => void },
  ): Promise<BatchResult>;
  /**
   * Takes the bytes of a large file while they are still being hashed. Nobody sees them before an operation of `apply` wants just these;
   * where none does, they are thrown away. Null where that can't be done.
   */
  stage?(path: string, options: { readonly mode: number; readonly owner: string | null }): StagedFile | null;
  /** Sends a signal to the container's first process. */
  signal(name: string, signal?: AbortSignal): Promise<void>;
  /** Runs a command in the container, as its own user. */
  run(
    argv: readonly string[],
    signal?: AbortSignal,
  ): Promise<{ readonly exitCode: number; readonly output: string }>;
  /** Settles when the channel is of no use any more, with the reason. */
  readonly closed: Promise<string>;
  close(): Promise<void>;
}

/** A file on its way that nobody has asked for yet. */
export interface StagedFile {
  /** Resolves when there is room for more. `release` is called once nobody needs the bytes any more: their memory is used again. */
  write(chunk: Buffer, release: () => void): Promise<void> | undefined;
  /** The SHA-256 of all that was written; null when it is of no use. */
  end(hash: string | null): void;
}

/** Opens the best channel that a container lets us have; throws when none can be had, with every reason. */
export type OpenChannel = (
  address: ContainerAddress,
  options: {
    readonly targets: readonly string[];
    readonly signal: AbortSignal;
    /** Only one that is better than this kind. */
    readonly betterThan?: ChannelKind;
  },
) => Promise<Channel>;

/** The state of the switch and of what it did, for one container. */
export type SyncState =
  | 'off'
  /** Waits for the container to run. */
  | 'waiting'
  /** Opening a channel, reading what is there. */
  | 'starting'
  | 'sending'
  /** Equal to the folder as far as we know; `verifiedAt` says when its bytes were read last. */
  | 'equal'
  /** Somebody changed files inside: see `drift`. */
  | 'drift'
  /** Not equal, and trying again: `reason`. */
  | 'degraded'
  /** Held by the user, or by a git operation under way. */
  | 'paused'
  /** Cannot be synced at all: `reason`. */
  | 'refused';

/** A file that somebody changed inside the container. */
export interface Drift {
  readonly path: string;
  /** Relative to the project, where the folder has it. */
  readonly file: string | null;
  readonly kind: 'changed' | 'deleted' | 'type';
  readonly ignored: boolean;
}

/** One line of "Last files". */
export interface SyncedFiles {
  /** ISO 8601. */
  readonly at: string;
  /** Relative to the context; the first of them where there are many. */
  readonly file: string;
  readonly action: 'sent' | 'deleted' | 'mode';
  /** How many files travelled together. */
  readonly count: number;
  readonly bytes: number;
  /** From the first event of the folder to the container's acknowledgement, milliseconds. */
  readonly durationMs: number;
}

export interface SyncContainer {
  /** `namespace/pod/container`: what the methods take. */
  readonly key: string;
  readonly namespace: string;
  /** Kind and name of the workload that owns the pod; the pod itself where none does. */
  readonly workload: { readonly kind: string; readonly name: string };
  readonly pod: string;
  readonly container: string;
  readonly containerId: string | null;
  readonly node: string | null;
  readonly image: string;
  readonly reference: string;
  readonly on: boolean;
  readonly state: SyncState;
  /** One sentence, with the failing path where there is one. */
  readonly reason: string | null;
  readonly hint: string | null;
  readonly channel: { readonly kind: ChannelKind; readonly reason: string } | null;
  /** Files sent and known to be equal, and files still to send. */
  readonly files: number;
  readonly pending: number;
  /** Of the last 50 batches, milliseconds. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly last: readonly SyncedFiles[];
  readonly drift: readonly Drift[];
  readonly verifiedAt: string | null;
}

export type SwitchState = 'on' | 'off' | 'mixed';

export interface SyncImage {
  readonly name: string;
  readonly switch: SwitchState;
  readonly rules: readonly SyncRule[];
  /** Changed files of the context in no synced folder: they need a rebuild. The last saved first; no more than a few hundred. */
  readonly outside: readonly OutsideFile[];
  /** All of them, also those not listed. */
  readonly outsideCount: number;
  readonly files: number;
  readonly problems: readonly Problem[];
}

/** What the Sync panels show; a snapshot at once and after every change, at most ten a second. */
export interface SyncSnapshot {
  readonly at: string;
  readonly switch: SwitchState;
  /** *Keep up to date*: whatever rules do not cover is rebuilt and deployed. */
  readonly automatic: boolean;
  readonly paused: boolean;
  /** Why nothing is sent at all: another machine holds the project, no cluster, … */
  readonly blocked: string | null;
  /** `polling` where the system has no watches left; the reason and the command that mends it. */
  readonly watching: {
    readonly mode: 'watches' | 'polling' | 'off';
    readonly message: string | null;
    /** The command alone, to be copied. */
    readonly hint: string | null;
  };
  readonly images: readonly SyncImage[];
  readonly containers: readonly SyncContainer[];
}

/** A line of the feed. */
export interface SyncEvent {
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  readonly type: 'batch' | 'state' | 'drift' | 'failure' | 'outside' | 'reload' | 'automatic';
  /** `namespace/pod/container`; null for what concerns the project. */
  readonly container: string | null;
  readonly image: string | null;
  readonly message: string;
  readonly files: readonly { readonly file: string; readonly action: 'sent' | 'deleted' | 'mode' }[];
  /** All that travelled, also those not listed. */
  readonly count: number;
  readonly bytes: number;
  readonly durationMs: number | null;
}

/** What a switch is for. The most specific one that was set wins; a wider one set later takes the narrower ones with it. */
export type SyncScope =
  | { readonly level: 'project' }
  | { readonly level: 'image'; readonly image: string }
  | {
      readonly level: 'workload';
      readonly namespace: string;
      readonly kind: string;
      readonly name: string;
    }
  | { readonly level: 'pod'; readonly namespace: string; readonly pod: string }
  | {
      readonly level: 'container';
      readonly namespace: string;
      readonly pod: string;
      readonly container: string;
    };

/** The answer of *Verify*: the container's bytes were read, all of them. */
export interface Verification {
  readonly equal: boolean;
  readonly files: number;
  readonly bytes: number;
  readonly durationMs: number;
  readonly differences: readonly {
    readonly path: string;
    readonly problem: 'missing' | 'content' | 'mode' | 'type' | 'link';
  }[];
}

/** What happens in a container after files arrived (`images: {NAME: {sync: [{target, …}]}}` of `ptah.yml`). */
export type AfterSync =
  | { readonly target: string; readonly signal: string }
  | { readonly target: string; readonly command: readonly string[] }
  | { readonly target: string; readonly restart: true };
