export { createTerminals } from './create-terminals.ts';
export type { TerminalDeps } from './create-terminals.ts';
export { findApp } from './find-app.ts';
export type { AppQuery } from './find-app.ts';
export { openShell, podHost } from './shell.ts';
export type * from './types.ts';
