export { loadCacheRecord, saveCacheRecord } from './cache-record.ts';
export { resolveHome } from './home.ts';
export type { Home } from './home.ts';
