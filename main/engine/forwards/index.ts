export type * from './types.ts';
export { createForwards } from './create-forwards.ts';
export type { CreateForwardsOptions, LiveForwards } from './create-forwards.ts';
