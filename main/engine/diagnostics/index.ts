export { createDiagnostics } from './create-diagnostics.ts';
export type { Diagnostics } from './create-diagnostics.ts';
export { thisMachine } from './machine.ts';
export type { DiagnosticsDeps, Machine } from './deps.ts';
export type * from './types.ts';
