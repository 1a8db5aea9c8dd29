export { contentSecurityPolicy, pageHeaders } from './page-headers.ts';
export { findAsset } from './assets.ts';
export type { Asset } from './assets.ts';
export { findPlaces } from './places.ts';
export type { Places } from './places.ts';
