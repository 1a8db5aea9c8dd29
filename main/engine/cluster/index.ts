export type * from './types.ts';
export { connectCluster, FIELD_MANAGER, refOf } from './connect.ts';
export type { ConnectOptions } from './connect.ts';
export { joinApiVersion, splitApiVersion } from './discovery.ts';
export { listKindClusters } from './kind-clusters.ts';
export { pinKindContext } from './pin.ts';
export type { PinOptions } from './pin.ts';
export { ApiError, fieldConflicts } from './status.ts';
export type { Status, StatusCause } from './status.ts';
