export { resolveHome } from './home.ts';
export type { Home } from './home.ts';
