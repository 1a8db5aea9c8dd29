export { createTerminals } from './create-terminals.ts';
export type { TerminalDeps } from './create-terminals.ts';
export { openShell } from './shell.ts';
export type * from './types.ts';
