export type * from './types.ts';
export type * from './plan-types.ts';
