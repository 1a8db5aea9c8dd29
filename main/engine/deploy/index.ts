export { plan } from './plan.ts';
export { run } from './run.ts';
export type { RunContext, RunRequest } from './run.ts';
export type { DeployEffects } from './effects.ts';
export type * from './types.ts';
export type * from './world.ts';
