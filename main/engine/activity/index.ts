export { createActivity, toJobError } from './create-activity.ts';
export type { CreateActivityOptions } from './create-activity.ts';
export type * from './types.ts';
