export { createEngine } from './create-engine.ts';
export type { CreateEngineOptions } from './create-engine.ts';
