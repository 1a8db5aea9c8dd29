export { createSettings } from './settings.ts';
export type { SettingsStore } from './settings.ts';
export { openStoredFile } from './stored-file.ts';
export type { StoredFile, StoredFileOptions } from './stored-file.ts';
export type * from './types.ts';
