export type * from './types.ts';
export { findDashboard, proxyPath, requestToken, schemeOf } from './dashboard.ts';
export { exampleDashboard, writeExampleDashboard } from './example-project.ts';
