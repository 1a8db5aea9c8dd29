export type * from './types.ts';
export * from './objects/index.ts';
export { openService } from './open-service.ts';
export type { OpenServiceRequest } from './open-service.ts';
export { awaitRollout } from './rollout.ts';
export { deltaOf } from './share-snapshot.ts';
export { watchWorkloads } from './watch-workloads.ts';
