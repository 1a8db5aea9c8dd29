import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Operation } from '../types.ts';

/** Larger files are streamed for each container. */
const smallBytes = 1 << 20;
/** What is kept for the next container. */
const keptBytes = 64 << 20;
const atOnce = 16;

type FileOperation = Extract<Operation, { op: 'file' }>;

/** Bytes of small files, read once for all containers that want them at the same time. */
export interface FileBytes {
  /** The operations with their bytes; `changed` are files that have become others since the folder was looked at. */
  load(operations: readonly Operation[]): Promise<{
    readonly operations: readonly Operation[];
    readonly changed: readonly string[];
  }>;
}

export function createFileBytes(): FileBytes {
  const cache = new Map<string, { readonly bytes: Promise<Buffer | null>; readonly size: number }>();
  let held = 0;

  const bytesOf = (path: string, { hash, size }: FileOperation): Promise<Buffer | null> => {
    const known = cache.get(hash);
    if (known) {
      // used last: dropped last
      cache.delete(hash);
      cache.set(hash, known);
      return known.bytes;
    }
    const bytes = readWhole(path, hash);
    cache.set(hash, { bytes, size });
    held += size;
    for (const [oldest, entry] of cache) {
      if (held <= keptBytes) break;
      cache.delete(oldest);
      held -= entry.size;
    }
    const onRead = (read: Buffer | null) => {
      if (read === null && cache.delete(hash)) held -= size;
    };
    void bytes.then(onRead);
    return bytes;
  };

  return {
    async load(operations) {
      const changed: string[] = [];
      const loaded: (Operation | null)[] = [...operations];
      let inMemory = 0;
      const small = operations.flatMap((operation, index) => {
        if (operation.op !== 'file' || !('file' in operation.source) || operation.size > smallBytes)
          return [];
        inMemory += operation.size;
        return inMemory > keptBytes ? [] : [{ operation, index, path: operation.source.file }];
      });
      let next = 0;
      const worker = async () => {
        for (let one = small[next++]; one; one = small[next++]) {
          const bytes = await bytesOf(one.path, one.operation);
          if (bytes === null) changed.push(one.operation.path);
          loaded[one.index] = bytes === null ? null : { ...one.operation, source: { bytes } };
        }
      };
      await Promise.all(Array.from({ length: Math.min(atOnce, small.length) }, worker));
      return { operations: loaded.filter(operation => operation !== null), changed };
    },
  };
}

/** Null when the file is gone or holds something else by now: its own event is on the way. */
async function readWhole(path: string, hash: string): Promise<Buffer | null> {
  try {
    const bytes = await readFile(path);
    return createHash('sha256').update(bytes).digest('hex') === hash ? bytes : null;
  } catch {
    return null;
  }
}
