export type * from './types.ts';
export { openService } from './open-service.ts';
export type { OpenServiceRequest } from './open-service.ts';
export { awaitRollout } from './rollout.ts';
export { watchWorkloads } from './watch-workloads.ts';
