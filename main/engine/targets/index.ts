export { decideLoads } from './decide-loads.ts';
export { kindTarget } from './kind/kind-target.ts';
export type * from './types.ts';
