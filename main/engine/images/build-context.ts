import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PtahError } from '../errors/index.ts';
import type { ContextEntry, ContextListing } from '../content/index.ts';
import { compareSyncPaths } from './buildkit/file-sync.ts';
import type { SyncEntry } from './buildkit/file-sync.ts';

/** Below this a file is read in one piece: quicker than a stream by far (many small files are the rule in a context). */
const wholeFileBytes = 256 * 1024;

/**
 * The listed entries as they go to a build: parents before children, and every byte checked against the listing, because the
 * image carries the listing's digest: what changed since must fail the build, not be labelled wrongly.
 */
export function contextEntries(listing: ContextListing): readonly SyncEntry[] {
  return withParents(listing.entries)
    .toSorted((a, b) => compareSyncPaths(a.path, b.path))
    .map(entry => new ListedEntry(listing.root, entry));
}

class ListedEntry implements SyncEntry {
  readonly path: string;
  readonly type: SyncEntry['type'];
  readonly mode: number;
  readonly size: number;
  readonly linkTarget: string;
  readonly #file: string;
  readonly #content: string;

  constructor(root: string, entry: ContextEntry) {
    this.path = entry.path;
    this.type = entry.type;
    this.mode = entry.mode;
    this.size = entry.type === 'file' ? entry.size : 0;
    this.linkTarget = entry.type === 'symlink' ? entry.content : '';
    this.#file = join(root, ...entry.path.split('/'));
    this.#content = entry.content;
  }

  /**
   * The file's own seconds; the nanoseconds are made of its content. BuildKit takes a file for unchanged when size and time are
   * equal, so an edit of equal length within the clock's step would be missed (tags of layers keep seconds only).
   */
  get modifiedAt(): bigint {
    let seconds: number;
    try {
      seconds = Math.max(0, Math.floor(lstatSync(this.#file).mtimeMs / 1000));
    } catch (error) {
      throw changed(this.path, error);
    }
    const nanoseconds =
      this.type === 'file' ? Number.parseInt(this.#content.slice(0, 7) || '0', 16) % 1_000_000_000 : 0;
    return BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
  }

  async *read(): AsyncGenerator<Buffer> {
    const hash = createHash('sha256');
    let size = 0;
    try {
      const chunks =
        this.size <= wholeFileBytes
          ? [readFileSync(this.#file)]
          : createReadStream(this.#file, { highWaterMark: wholeFileBytes });
      for await (const chunk of chunks as AsyncIterable<Buffer> | readonly Buffer[]) {
        size += chunk.length;
        if (size > this.size) throw changed(this.path);
        hash.update(chunk);
        if (chunk.length > 0) yield chunk;
      }
    } catch (error) {
      throw error instanceof PtahError ? error : changed(this.path, error);
    }
    if (size !== this.size || hash.digest('hex') !== this.#content) throw changed(this.path);
  }
}

/** A text that stands in for a file, like the Dockerfile with its references resolved. */
export function textEntry(path: string, text: string): SyncEntry {
  const bytes = Buffer.from(text, 'utf8');
  const content = createHash('sha256').update(bytes).digest('hex');
  return {
    path,
    type: 'file',
    mode: 0o644,
    size: bytes.length,
    modifiedAt: BigInt(Number.parseInt(content.slice(0, 12), 16)),
    linkTarget: '',
    async *read() {
      if (bytes.length > 0) yield bytes;
    },
  };
}

/** Directories above `path` that a tree must name before it. */
export function parentEntries(path: string): readonly SyncEntry[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => directory(parts.slice(0, index + 1).join('/')));
}

function directory(path: string): SyncEntry {
  return {
    path,
    type: 'directory',
    mode: 0o755,
    size: 0,
    modifiedAt: 0n,
    linkTarget: '',
    async *read() {
      // A directory has no bytes.
    },
  };
}

/** A listing may name a file whose directory the ignore rules left out; Docker sends the directory all the same. */
function withParents(entries: readonly ContextEntry[]): readonly ContextEntry[] {
  const byPath = new Map(entries.map(entry => [entry.path, entry]));
  for (const entry of entries) {
    for (let slash = entry.path.lastIndexOf('/'); slash > 0; slash = entry.path.lastIndexOf('/', slash - 1)) {
      const path = entry.path.slice(0, slash);
      if (byPath.has(path)) break;
      byPath.set(path, { path, type: 'directory', mode: 0o755, size: 0, content: '' });
    }
  }
  return [...byPath.values()];
}

function changed(path: string, cause?: unknown): PtahError {
  return new PtahError('context-changed', `“${path}” changed while the image was being built.`, {
    hint: 'Build again: the tag and digest are computed anew.',
    cause,
  });
}
