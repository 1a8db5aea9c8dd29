export type * from './types.ts';
export { emptyLogs } from './empty-logs.ts';
