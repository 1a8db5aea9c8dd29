export { createEngine } from './composition/index.ts';
export type { CreateEngineOptions } from './composition/index.ts';
export type * from './engine-types.ts';
