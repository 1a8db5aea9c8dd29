export { baselineOf, builtOf } from './baseline.ts';
export { createFolderWatch } from './folder-watch.ts';
export type { FolderTiming, FolderWatchDeps } from './folder-watch.ts';
export type { BuiltContext, FolderChange, FolderState, FolderWatch } from './types.ts';
