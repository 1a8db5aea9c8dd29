export { connectDocker, registryHost } from './connect.ts';
export type { ConnectOptions } from './connect.ts';
export { connectionFailure, diskFull, isDiskFull } from './failures.ts';
export { readJsonLines } from './json-lines.ts';
export { createDemultiplexer } from './multiplexed-stream.ts';
export { registryCredentials } from './registry-credentials.ts';
export type { RegistryCredentials } from './registry-credentials.ts';
export type * from './types.ts';
