import { batchLines } from '../core/feed-lines.ts';
import type { Operation, SyncedFiles, SyncEvent } from '../types.ts';

/** Lines of “Last files”. */
const lastLines = 20;

/** What was sent last, for the window, and each batch for the feed. */
export function createLastFiles(name: (path: string) => string) {
  let last: readonly SyncedFiles[] = [];
  return {
    list: () => last,
    /** Notes a batch; gives its line in the feed. */
    add(
      carried: readonly Operation[],
      durationMs: number,
    ): Pick<SyncEvent, 'message' | 'files' | 'count' | 'bytes' | 'durationMs'> {
      const lines = batchLines(carried, name, { at: new Date().toISOString(), durationMs });
      last = [...lines.last, ...last].slice(0, lastLines);
      const { files, count, bytes, message } = lines;
      return { message, files, count, bytes, durationMs };
    },
  };
}
