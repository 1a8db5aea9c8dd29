export type * from './types.ts';
export { createProjectLogs } from './project-logs.ts';
export type { ProjectLogsOptions } from './project-logs.ts';
export type { RunFeed } from './follow-runs.ts';
export { createScanner } from './scanner.ts';
export type { Scanner } from './scanner.ts';
export { saveLog } from './save-log.ts';
