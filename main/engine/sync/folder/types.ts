import type { ContextEntry } from '../../content/index.ts';
import type { CopyRule } from '../../dockerfile/index.ts';
import type { DesiredTree, StagedFile, SyncSnapshot } from '../types.ts';

/** What an image was built from: its context, and the text of its Dockerfile. */
export interface BuiltContext {
  /** By path in the context. */
  readonly entries: ReadonlyMap<string, ContextEntry>;
  /** SHA-256 of the Dockerfile. */
  readonly dockerfile: string;
  /** What it took from the context. */
  readonly rules: readonly CopyRule[];
}

/** What changed, once per flush. */
export interface FolderChange {
  readonly images: readonly string[];
  /** `performance.now()` of the first event of this batch. */
  readonly since: number;
  /** Many paths at once: one archive is better than many small batches. */
  readonly bulk: boolean;
  /** Paths in the container that differ from the last change of this image; empty where only rules, problems or `outside` changed. */
  readonly paths: ReadonlyMap<string, readonly string[]>;
}

export type FolderState = SyncSnapshot['watching'] & {
  /** Why changes are held back just now: a git operation under way. */
  readonly barrier: string | null;
};

/** A large file that is about to be read for its hash. */
export interface LargeRead {
  readonly image: string;
  /** In the container. */
  readonly path: string;
  readonly size: number;
}

/** The desired state of a project's images, kept equal to the folder. */
export interface FolderWatch {
  /**
   * Latest tree of each image; an image whose folder or Dockerfile was never readable is absent. The maps of a tree are kept up to date in
   * place when only content changes; `revision` grows with every change.
   */
  readonly trees: () => ReadonlyMap<string, DesiredTree>;
  /** Calls back whenever a tree, its rules, problems or `outside` changed, also when an image came or went. */
  onChange(callback: (change: FolderChange) => void): () => void;
  /** Calls back at once and with every change. */
  onState(callback: (state: FolderState) => void): () => void;
  /** Asks for those who want the bytes of a large file that is about to be hashed. */
  onLarge(callback: (read: LargeRead) => readonly StagedFile[]): () => void;
  /** Looks at everything anew: rules, names, content. */
  rescan(reason: string): Promise<void>;
  /** What is `outside` is compared anew with what images were built from: another image may run now. */
  remeasure(): Promise<void>;
  /** Settles when every image was looked at once. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}
