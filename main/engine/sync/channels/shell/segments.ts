import type { Operation } from '../../types.ts';
import type { FileOperation } from '../sources.ts';

export interface Segment {
  readonly files: readonly FileOperation[] | null;
  readonly others: readonly Exclude<Operation, FileOperation>[];
}

/** Runs of files, and what lies between them: the order of a batch is kept. */
export function segments(operations: readonly Operation[]): readonly Segment[] {
  const all: { files: FileOperation[] | null; others: Exclude<Operation, FileOperation>[] }[] = [];
  for (const operation of operations) {
    const last = all.at(-1);
    if (operation.op === 'file') {
      if (last?.files) last.files.push(operation);
      else all.push({ files: [operation], others: [] });
    } else if (last?.files === null) last.others.push(operation);
    else all.push({ files: null, others: [operation] });
  }
  return all;
}
