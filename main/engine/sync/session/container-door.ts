import type { DesiredTree, StagedFile, SyncContainer, Tree, Verification } from '../types.ts';
import type { AfterSync, ContainerAddress, OpenChannel, SyncEvent } from '../types.ts';
import type { SessionClock } from './deps.ts';
import type { FileBytes } from './file-bytes.ts';
import type { Journal } from './journal.ts';
import type { FoundContainer } from './pods.ts';

export interface ContainerSyncDeps {
  readonly found: FoundContainer;
  readonly address: ContainerAddress;
  readonly open: OpenChannel;
  /** Of the image that the container runs. */
  readonly baseline: () => Promise<Tree | null>;
  readonly desired: () => DesiredTree | undefined;
  readonly bytes: FileBytes;
  readonly journal: Journal;
  readonly afterSync: () => readonly AfterSync[];
  /** Why nothing is sent now; null when it may be. */
  readonly held: () => string | null;
  /** Absolute: where `.ptah` and the paths of `Drift.file` belong. */
  readonly root: () => string;
  /** Absolute: what rules are relative to. */
  readonly context: () => string;
  readonly rescan: (reason: string) => Promise<void>;
  readonly feed: (event: Omit<SyncEvent, 'seq' | 'at'>) => void;
  /** Something that a snapshot shows is different now. */
  readonly changed: () => void;
  readonly clock: SessionClock;
}

export type ContainerStatus = Pick<
  SyncContainer,
  | 'state'
  | 'reason'
  | 'hint'
  | 'channel'
  | 'files'
  | 'pending'
  | 'p50'
  | 'p95'
  | 'last'
  | 'drift'
  | 'verifiedAt'
>;

/** Keeps one container, by its ID, equal to the folder. */
export interface ContainerSync {
  /** Something may differ; `since` is when the first event of it came, `paths` are all that can differ, where that is known. */
  kick(since?: number, paths?: readonly string[] | null): void;
  /** Takes the bytes of a large file of the folder while they are still being hashed; null when they would be of no use now. */
  stage(path: string): StagedFile | null;
  status(): ContainerStatus;
  verify(signal?: AbortSignal): Promise<Verification>;
  sendAll(signal?: AbortSignal): Promise<void>;
  resolve(paths: readonly string[], choice: 'send' | 'fetch' | 'ignore', signal?: AbortSignal): Promise<void>;
  restart(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
