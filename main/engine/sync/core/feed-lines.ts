import type { Operation, SyncedFiles } from '../types.ts';

export type SyncAction = SyncedFiles['action'];

export interface BatchLines {
  readonly files: readonly { readonly file: string; readonly action: SyncAction }[];
  readonly count: number;
  readonly bytes: number;
  readonly message: string;
  /** One for each thing that was done, for “Last files”. */
  readonly last: readonly SyncedFiles[];
}

/** As many names as anybody reads. */
const named = 20;

/** What a batch did, in lines. Directories are told only where nothing else happened. */
export function batchLines(
  operations: readonly Operation[],
  fileOf: (path: string) => string,
  { at, durationMs }: { readonly at: string; readonly durationMs: number },
): BatchLines {
  const all = operations.map(operation => ({
    file: fileOf(operation.path),
    action: actionOf(operation),
    bytes: operation.op === 'file' ? operation.size : 0,
    directory: operation.op === 'directory' || (operation.op === 'remove' && operation.was === 'directory'),
  }));
  const plain = all.filter(({ directory }) => !directory);
  const told = plain.length > 0 ? plain : all;
  const bytes = told.reduce((sum, each) => sum + each.bytes, 0);
  const last = (['sent', 'deleted', 'mode'] as const).flatMap(action => {
    const those = told.filter(each => each.action === action);
    const [first] = those;
    if (!first) return [];
    const sum = those.reduce((total, each) => total + each.bytes, 0);
    return [{ at, file: first.file, action, count: those.length, bytes: sum, durationMs }];
  });
  return {
    files: told.slice(0, named).map(({ file, action }) => ({ file, action })),
    count: told.length,
    bytes,
    message: `${last.map(phrase).join(', ')} in ${duration(durationMs)}`,
    last,
  };
}

function actionOf(operation: Operation): SyncAction {
  if (operation.op === 'remove') return 'deleted';
  return operation.op === 'mode' ? 'mode' : 'sent';
}

const verbs: Readonly<Record<SyncAction, string>> = {
  sent: '',
  deleted: ' deleted',
  mode: ' permissions',
};

function phrase({ file, action, count }: SyncedFiles): string {
  return `${count === 1 ? file : `${count} files`}${verbs[action]}`;
}

export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
