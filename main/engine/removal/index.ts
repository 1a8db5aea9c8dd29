export { forgetCopies } from './forget-copies.ts';
export type { ForgottenCopies } from './forget-copies.ts';
export { removalEffects } from './real-effects.ts';
export { gatherRemoval } from './gather.ts';
export type { RemovalDeps } from './gather.ts';
export { planRemoval } from './plan.ts';
export { runRemoval } from './run.ts';
export type * from './types.ts';
