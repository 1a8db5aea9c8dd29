export { baselineOf, builtOf } from './baseline.ts';
export { createFolderWatch } from './folder-watch.ts';
export type { FolderWatchDeps } from './folder-watch.ts';
export type { FolderTiming } from './timing.ts';
export type { BuiltContext, FolderChange, FolderState, FolderWatch } from './types.ts';
