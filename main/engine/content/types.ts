/** One entry of a build context as Docker selects it: what the strict digest is made of. */
export interface ContextEntry {
  /** Relative to the context, `/` separators. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  /** Permission bits. */
  readonly mode: number;
  /** Bytes of a file, else 0. */
  readonly size: number;
  /** SHA-256 (hex) of a file's bytes; a link's target; empty for a directory. */
  readonly content: string;
}

/** The context that goes to a build, with its own strict digest (SHA-256, hex, over the sorted entries). */
export interface ContextListing {
  /** Absolute. */
  readonly root: string;
  readonly entries: readonly ContextEntry[];
  readonly digest: string;
}

/** The tag's hash as the original computes it. */
export interface CompatibleHash {
  readonly algorithm: string;
  /** Full hex digest; the tag is its first 7 characters. */
  readonly hash: string;
  /** Files that took part, relative paths. */
  readonly files: readonly string[];
}

/** What differs between two listings, by path. */
export interface ContextChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}
