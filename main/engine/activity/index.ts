export { createActivity } from './create-activity.ts';
export type { CreateActivityOptions } from './create-activity.ts';
export type * from './types.ts';
