export { createTools } from './create-tools.ts';
export type { CreateToolsOptions } from './create-tools.ts';
export type * from './types.ts';
